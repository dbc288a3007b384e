//! The check before a handler.

use http::Method;

use crate::context::Context;
use crate::handler::{Endpoint, HandlerFuture};

/// A handler that answers requests of unsafe methods only if they come from the site itself.
pub(crate) struct Checked<S>(pub(crate) Box<dyn Endpoint<S>>);

impl<S> Endpoint<S> for Checked<S> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        let is_safe = matches!(*cx.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if !is_safe && let Err(error) = cx.check_xsrf_cookie() {
            return Box::pin(std::future::ready(Err(error)));
        }
        self.0.call(cx)
    }

    fn watches_the_client(&self) -> bool {
        self.0.watches_the_client()
    }
}
