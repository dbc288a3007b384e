//! Waiting for a time.

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
