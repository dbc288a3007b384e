//! How many stalls there were, and how long.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Buckets; the last takes what is longer than all others.
const BUCKETS: usize = 9;

/// Counts the stalls of a loop by their length; from [`Watchdog::stalls`](super::Watchdog::stalls).
///
/// Any thread may read it, such as one that answers a metrics request. Clones show the same counts.
#[derive(Clone)]
pub struct StallHistogram {
    threshold: Duration,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    buckets: [u64; BUCKETS],
    total: Duration,
    longest: Option<(Duration, &'static str)>,
}

impl StallHistogram {
    pub(super) fn new(threshold: Duration) -> Self {
        Self {
            threshold,
            counts: Arc::default(),
        }
    }

    /// Returns how many stalls there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().buckets.iter().sum()
    }

    /// Returns for how long the loop was blocked altogether.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.lock().total
    }

    /// Returns the longest stall, and the name of what blocked the loop then.
    #[must_use]
    pub fn longest(&self) -> Option<(Duration, &'static str)> {
        self.lock().longest
    }

    /// Returns the counts by length: pairs of the longest length of a bucket and how many stalls fell
    /// into it and into none before. Lengths double from twice the threshold on; the last is
    /// [`Duration::MAX`].
    #[must_use]
    pub fn buckets(&self) -> Vec<(Duration, u64)> {
        let counts = self.lock().buckets;
        (0..BUCKETS)
            .map(|index| self.bound(index))
            .zip(counts)
            .collect()
    }

    pub(super) fn record(&self, length: Duration, name: &'static str) {
        let bucket = (0..BUCKETS).find(|index| length <= self.bound(*index));
        let mut counts = self.lock();
        counts.buckets[bucket.unwrap_or(BUCKETS - 1)] += 1;
        counts.total = counts.total.saturating_add(length);
        if counts.longest.is_none_or(|(longest, _)| longest < length) {
            counts.longest = Some((length, name));
        }
    }

    fn bound(&self, index: usize) -> Duration {
        if index == BUCKETS - 1 {
            return Duration::MAX;
        }
        self.threshold.saturating_mul(2 << index)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StallHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StallHistogram")
            .field("buckets", &self.buckets())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_counted_in_the_first_bucket_that_holds_it() {
        let stalls = StallHistogram::new(Duration::from_millis(10));
        stalls.record(Duration::from_millis(20), "a");
        stalls.record(Duration::from_millis(21), "b");
        stalls.record(Duration::from_secs(3600), "c");
        stalls.record(Duration::from_millis(11), "d");
        let found: Vec<_> = stalls
            .buckets()
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect();
        let expected = [
            (Duration::from_millis(20), 2),
            (Duration::from_millis(40), 1),
            (Duration::MAX, 1),
        ];
        assert_eq!(found, expected);
        assert_eq!(stalls.count(), 4);
        assert_eq!(stalls.longest(), Some((Duration::from_secs(3600), "c")));
        assert_eq!(stalls.total(), Duration::from_millis(3_600_052));
    }
}
