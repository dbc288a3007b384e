//! A loop whose clock stands still, for tests.

use std::io;

use tokio::runtime::Builder;

use super::IoLoop;

impl IoLoop {
    /// Makes a loop whose clock is paused: it jumps to the next timer as soon as nothing else is
    /// left to do, so that tests of hours take no time.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use waterspout_net::IoLoop;
    ///
    /// let before = Instant::now();
    /// let io_loop = IoLoop::new_paused()?;
    /// io_loop.call_later(Duration::from_secs(3600), || IoLoop::current().stop());
    /// io_loop.start();
    /// assert!(before.elapsed() < Duration::from_secs(60));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new_paused() -> io::Result<Self> {
        Self::build(Builder::new_current_thread().start_paused(true))
    }
}
