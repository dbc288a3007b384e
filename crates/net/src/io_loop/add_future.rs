//! Functions that are called with what a future returns.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

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
        let callback = Some(callback);
        self.spawn(Guarded::callback::<C>(Called { future, callback }));
    }
}

pin_project! {
    /// A future and its callback. An async block would hold the future twice, and a small task then
    /// takes 256 bytes instead of 128.
    struct Called<F, C> {
        #[pin]
        future: F,
        callback: Option<C>,
    }
}

impl<F: Future, C: FnOnce(F::Output)> Future for Called<F, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let output = ready!(this.future.poll(cx));
        if let Some(callback) = this.callback.take() {
            callback(output);
        }
        Poll::Ready(())
    }
}
