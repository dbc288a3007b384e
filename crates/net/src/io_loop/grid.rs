//! The arithmetic of periodic callbacks, apart from any clock.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

/// Returns the time of the call after the one at `next`: the first time of the grid that lies after
/// `now`, and one period on if the clock has not come to `next` yet. All times count from one start.
pub(super) fn next_time(next: Duration, now: Duration, period: Duration) -> Duration {
    let Some(late) = now.checked_sub(next) else {
        return next.saturating_add(period);
    };
    let periods = late.as_nanos() / period.as_nanos().max(1) + 1;
    let nanos = next
        .as_nanos()
        .saturating_add(periods.saturating_mul(period.as_nanos()));
    u64::try_from(nanos / 1_000_000_000).map_or(Duration::MAX, |seconds| {
        Duration::from_secs(seconds) + Duration::from_nanos((nanos % 1_000_000_000) as u64)
    })
}

/// Stretches or shrinks a period: `random` 0 to 1 moves it from half of `jitter` below to half above.
pub(super) fn with_jitter(period: Duration, jitter: f64, random: f64) -> Duration {
    if jitter == 0.0 {
        return period;
    }
    let factor = 1.0 + jitter * (random - 0.5);
    Duration::try_from_secs_f64(period.as_secs_f64() * factor).unwrap_or(period)
}

/// Returns a number from 0 to 1, another one in each process.
pub(super) fn random() -> f64 {
    // Forked workers have equal keys, so the process and the time go in as well.
    let seed = (std::process::id(), SystemTime::now());
    let bits = RandomState::new().hash_one(seed) >> 32;
    bits as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A clock in milliseconds that starts at 1000 seconds, as the vectors do.
    fn run(durations: &[i64], randoms: Option<(f64, &[f64])>) -> Vec<f64> {
        let millis = |value: i64| Duration::from_millis(value.try_into().unwrap());
        let (mut now, mut next) = (1_000_000, millis(1_000_000));
        let mut times = Vec::new();
        for index in 0..durations.len() {
            let (jitter, random) = randoms.map_or((0.0, 0.5), |(jitter, r)| (jitter, r[index]));
            let period = with_jitter(Duration::from_secs(10), jitter, random);
            next = next_time(next, millis(now), period);
            times.push(next.as_secs_f64());
            now = i64::try_from(next.as_millis()).unwrap() + durations[index] * 1000;
        }
        times
    }

    #[test]
    fn late_calls_skip_to_the_original_grid() {
        assert_eq!(
            run(&[9, 9, 10, 11, 20, 20, 35, 35, 0, 0, 0], None),
            [
                1010., 1020., 1030., 1050., 1070., 1100., 1130., 1170., 1210., 1220., 1230.
            ],
        );
    }

    #[test]
    fn a_clock_that_goes_back_keeps_the_grid() {
        assert_eq!(
            run(&[-2, -1, -3, -2, 0], None),
            [1010., 1020., 1030., 1040., 1050.]
        );
        assert_eq!(run(&[-100, 0, 0], None), [1010., 1020., 1030.]);
    }

    #[test]
    fn jitter_moves_each_time_by_its_share_of_the_period() {
        assert_eq!(
            run(&[0, 0, 0, 0], Some((0.5, &[0.5, 1.0, 0.0, 0.75]))),
            [1010., 1022.5, 1030., 1041.25],
        );
    }

    proptest! {
        #[test]
        fn the_next_time_is_the_first_of_the_grid_after_now(
            calls in 0..1000u64,
            late in 0..1_000_000_000_000u64,
            period in 1..10_000_000_000u64,
        ) {
            let last = calls * period;
            let next = next_time(nanos(last), nanos(last + late), nanos(period)).as_nanos();
            let (now, period) = (u128::from(last + late), u128::from(period));
            prop_assert_eq!(next % period, 0);
            prop_assert!(next > now && next - now <= period);
        }
    }

    fn nanos(count: u64) -> Duration {
        Duration::from_nanos(count)
    }

    #[test]
    fn the_longest_period_does_not_overflow() {
        assert_eq!(
            next_time(Duration::MAX, Duration::MAX, Duration::MAX),
            Duration::MAX
        );
        assert_eq!(with_jitter(Duration::MAX, 1.0, 1.0), Duration::MAX);
    }

    #[test]
    fn random_numbers_lie_between_zero_and_one_and_differ() {
        let numbers: Vec<_> = (0..10).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        assert!(numbers.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
