//! Functions that are called with what a future returns.

use std::future::Future;

use super::IoLoop;
use super::callbacks::Guarded;

impl IoLoop {
    /// Runs `future` as a task and calls `callback` with what it returns, never inside this call.
    ///
    /// A panic of either is logged.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.add_future(async { 40 + 2 }, |answer| {
    ///     assert_eq!(answer, 42);
    ///     IoLoop::current().stop();
    /// });
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_future<F, C>(&self, future: F, callback: C)
    where
        F: Future + 'static,
        C: FnOnce(F::Output) + 'static,
    {
        self.spawn(Guarded::callback::<C>(
            async move { callback(future.await) },
        ));
    }
}
