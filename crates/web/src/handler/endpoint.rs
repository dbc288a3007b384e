//! What stands at the end of a route, whatever its handler's type was.

use std::any::type_name;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use http::StatusCode;

use super::class_hooks::ClassHooks;
use crate::context::Context;
use crate::error::{Error, HttpError, Result};
use crate::reply::Reply;

/// The one boxed future of a request.
pub(crate) type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// A handler with its type erased.
pub(crate) trait Endpoint<S> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a>;

    /// What a watchdog calls it: the type of the user's handler.
    fn name(&self) -> &'static str {
        type_name::<Self>()
    }

    /// Tells whether the endpoint itself notices that the client went away.
    fn watches_the_client(&self) -> bool {
        false
    }

    /// What a handler in class form decides in place of its application.
    fn class_hooks(&self) -> Option<&dyn ClassHooks<S>> {
        None
    }
}

/// What a class handler still has to do after its verb.
pub(crate) trait Aftermath<S> {
    /// Writes the error page; `None` if the handler leaves that to the application.
    fn write_error<'a>(
        &'a mut self,
        cx: &'a mut Context<S>,
        error: &'a Error,
    ) -> Option<HandlerFuture<'a>>;

    fn on_finish<'a>(&'a mut self, cx: &'a mut Context<S>) -> HandlerFuture<'a>;
}

/// A function or closure, and the type of what it returns.
pub(crate) struct Func<F, R> {
    function: F,
    reply: PhantomData<fn() -> R>,
}

impl<F, R> Func<F, R> {
    pub(crate) fn new(function: F) -> Self {
        Self {
            function,
            reply: PhantomData,
        }
    }
}

impl<S, F, R> Endpoint<S> for Func<F, R>
where
    F: AsyncFn(&mut Context<S>) -> R,
    R: Reply<S>,
{
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        Box::pin(async move { (self.function)(cx).await.reply(cx) })
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

/// Stands where no handler does, so that middleware sees those requests too.
#[derive(Debug)]
pub(crate) enum Refusal {
    NotFound,
    NotAllowed(String),
    /// A method that no route of the application has (RFC 9110 §9.1).
    NotImplemented,
    /// The automatic answer to OPTIONS.
    Options(String),
}

impl Refusal {
    fn answer<S>(&self, cx: &mut Context<S>) -> Result {
        match self {
            Self::NotFound => Err(HttpError::NOT_FOUND.into()),
            Self::NotImplemented => Err(HttpError::NOT_IMPLEMENTED.into()),
            Self::NotAllowed(allow) => {
                let error = HttpError::METHOD_NOT_ALLOWED.with_header("Allow", allow);
                Err(error.into())
            }
            Self::Options(allow) => {
                cx.set_status(StatusCode::NO_CONTENT);
                cx.set_header("Allow", allow)
            }
        }
    }
}

impl<S> Endpoint<S> for Refusal {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        Box::pin(std::future::ready(self.answer(cx)))
    }
}
