//! Letting others run.

use std::time::{Duration, Instant};

/// Waits for a time, with the runtime's resolution of a millisecond.
///
/// # Panics
///
/// Panics outside a loop, which has the timer.
///
/// # Cancel safety
///
/// Nothing happens when the future is dropped.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use waterspout_net::{IoLoop, task};
///
/// let begin = Instant::now();
/// IoLoop::new()?.run_sync(task::sleep(Duration::from_millis(5)));
/// assert!(begin.elapsed() >= Duration::from_millis(5));
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until `when` on the clock of [`IoLoop::time`](crate::IoLoop::time).
///
/// # Panics
///
/// Panics outside a loop, which has the timer.
///
/// # Cancel safety
///
/// Nothing happens when the future is dropped.
pub async fn sleep_until(when: Instant) {
    tokio::time::sleep_until(when.into()).await;
}

/// Waits for one pass of the loop, so that others have their turn.
///
/// For long computations that cannot move to a thread: nothing else runs on a loop, timers and
/// sockets included, before a task awaits something that is not ready.
///
/// # Cancel safety
///
/// Nothing happens when the future is dropped.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, task};
///
/// IoLoop::new()?.run_sync(async {
///     let mut sum = 0_u64;
///     for number in 0..100_000 {
///         sum += number;
///         if number % 10_000 == 0 {
///             task::moment().await;
///         }
///     }
///     assert_eq!(sum, 4_999_950_000);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn moment() {
    tokio::task::yield_now().await;
}
