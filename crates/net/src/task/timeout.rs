//! Waiting no longer than a time.

use std::time::{Duration, Instant};

use crate::TimedOut;

/// How long to wait at the most: from a [`Duration`], or from an [`Instant`] of the loop's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// So long from now.
    After(Duration),
    /// Until then, on the clock of [`IoLoop::time`](crate::IoLoop::time).
    At(Instant),
}

/// What "never" is for the clock: thirty years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

impl Timeout {
    /// Returns when the time is over, and how long that is from `now`.
    fn end(self, now: Instant) -> (Instant, Duration) {
        match self {
            Self::After(time) => (now.checked_add(time).unwrap_or(now + FAR), time),
            Self::At(when) => (when, when.saturating_duration_since(now)),
        }
    }
}

impl From<Duration> for Timeout {
    fn from(time: Duration) -> Self {
        Self::After(time)
    }
}

impl From<Instant> for Timeout {
    fn from(when: Instant) -> Self {
        Self::At(when)
    }
}

/// Waits for `future`, but not longer than `timeout`.
///
/// The future is polled before the time is looked at, so one that is ready is never too late, with
/// a timeout of zero either. When the time is over, it is dropped, which ends what it was doing.
/// To let it go on, lend it: `with_timeout(time, &mut future)` with a pinned future, or with the
/// handle of a spawned task.
///
/// # Errors
///
/// [`TimedOut`] if the time is over first.
///
/// # Panics
///
/// Panics outside a loop, which has the timer.
///
/// # Cancel safety
///
/// `future` is dropped with this one.
///
/// # Examples
///
/// ```
/// use std::{pin::pin, time::Duration};
/// use waterspout_net::{IoLoop, task::{sleep, with_timeout}};
///
/// IoLoop::new()?.run_sync(async {
///     let mut slow = pin!(async {
///         sleep(Duration::from_millis(20)).await;
///         "done"
///     });
///     let first = with_timeout(Duration::from_millis(2), &mut slow).await;
///     assert!(first.is_err());
///     assert_eq!(slow.await, "done");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn with_timeout<F: IntoFuture>(
    timeout: impl Into<Timeout>,
    future: F,
) -> Result<F::Output, TimedOut> {
    let now = tokio::time::Instant::now().into_std();
    let (when, given) = timeout.into().end(now);
    tokio::time::timeout_at(when.into(), future)
        .await
        .map_err(|_elapsed| TimedOut::new(given))
}
