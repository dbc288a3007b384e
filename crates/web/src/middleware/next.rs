//! The chain: middleware around a handler.

use std::fmt;
use std::rc::Rc;

use crate::context::Context;
use crate::error::Result;
use crate::handler::{Endpoint, HandlerFuture};

/// What comes after a middleware: the next one, and in the end the handler.
///
/// A middleware that does not run it answers in its place. An error of the handler comes back as
/// the error of [`run`](Self::run); what it becomes for the client is decided after all of them.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, Next, Result};
///
/// async fn no_sniff(cx: &mut Context, next: Next<'_, ()>) -> Result {
///     cx.set_header("X-Content-Type-Options", "nosniff")?;
///     next.run(cx).await
/// }
///
/// let app = Application::new(()).get("/", async |_: &mut Context| "hello").wrap(no_sniff);
/// # drop(app);
/// ```
pub struct Next<'n, S = ()> {
    rest: &'n [Rc<dyn Layer<S>>],
    end: &'n dyn Endpoint<S>,
}

impl<'n, S> Next<'n, S> {
    /// Runs the rest of the chain.
    ///
    /// # Errors
    ///
    /// Passes on what the handler, or a middleware further in, failed with.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler where it waits, and its answer is lost.
    pub async fn run(self, cx: &mut Context<S>) -> Result {
        self.call(cx).await
    }

    pub(crate) fn new(layers: &'n [Rc<dyn Layer<S>>], end: &'n dyn Endpoint<S>) -> Self {
        Self { rest: layers, end }
    }

    /// Starts the chain. Without a middleware that is the handler's own future.
    pub(crate) fn call<'a>(self, cx: &'a mut Context<S>) -> HandlerFuture<'a>
    where
        'n: 'a,
    {
        match self.rest.split_first() {
            Some((layer, rest)) => layer.call(cx, Self::new(rest, self.end)),
            None => self.end.call(cx),
        }
    }
}

impl<S> fmt::Debug for Next<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("middleware", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// A middleware with its type erased.
pub(crate) trait Layer<S> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>, next: Next<'a, S>) -> HandlerFuture<'a>;
}

/// A function as a middleware.
pub(crate) struct Wrap<F>(pub(crate) F);

impl<S: 'static, F> Layer<S> for Wrap<F>
where
    F: AsyncFn(&mut Context<S>, Next<'_, S>) -> Result,
{
    fn call<'a>(&'a self, cx: &'a mut Context<S>, next: Next<'a, S>) -> HandlerFuture<'a> {
        Box::pin(async move { (self.0)(cx, next).await })
    }
}
