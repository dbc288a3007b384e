//! The check before a handler.

use http::Method;

use crate::context::Context;
use crate::error::Result;
use crate::handler::{ClassHooks, Endpoint, HandlerFuture};

/// A handler that answers requests of unsafe methods only if they come from the site itself.
pub(crate) struct Checked<S>(pub(crate) Box<dyn Endpoint<S>>);

impl<S> Endpoint<S> for Checked<S> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        let is_safe = matches!(*cx.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if !is_safe && let Err(error) = self.check(cx) {
            return Box::pin(std::future::ready(Err(error)));
        }
        self.0.call(cx)
    }

    fn watches_the_client(&self) -> bool {
        self.0.watches_the_client()
    }

    fn class_hooks(&self) -> Option<&dyn ClassHooks<S>> {
        self.0.class_hooks()
    }
}

impl<S> Checked<S> {
    /// A class may have a check of its own.
    fn check(&self, cx: &mut Context<S>) -> Result {
        match self.0.class_hooks() {
            Some(class) => class.check_xsrf_cookie(cx),
            None => cx.check_xsrf_cookie(),
        }
    }
}
