//! Watching over a handler's future: its panics, and the client it works for.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use waterspout_http::Closed;
use waterspout_net::{blame, is_watched};

use crate::error::{Error, Result};
use crate::handler::HandlerFuture;

/// Polls a future, turns its panic into an error, and leaves it with the error
/// [`Error::abandoned`] when the client goes away.
///
/// A future that is ready at its first poll never asks after the client.
#[inline]
pub(crate) fn watch<F>(future: F, closed: Option<Closed>) -> Watch<F>
where
    F: Future<Output = Result> + Unpin,
{
    Watch { future, closed }
}

pub(crate) struct Watch<F> {
    future: F,
    closed: Option<Closed>,
}

impl<F: Future<Output = Result> + Unpin> Future for Watch<F> {
    type Output = Result;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        let future = Pin::new(&mut self.future);
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Ready(result)) => return Poll::Ready(result),
            Ok(Poll::Pending) => {}
            Err(payload) => return Poll::Ready(Err(Panic::new(payload).into())),
        }
        match &mut self.closed {
            Some(closed) => Pin::new(closed).poll(cx).map(|()| Err(Error::abandoned())),
            None => Poll::Pending,
        }
    }
}

/// Gives a handler's future its name, if the loop has a watchdog that asks for it.
#[inline]
pub(crate) fn handler_by_name<'a>(
    name: &'static str,
    future: HandlerFuture<'a>,
) -> HandlerFuture<'a> {
    if is_watched() {
        Box::pin(by_name(name, future))
    } else {
        future
    }
}

/// Has a watchdog of the loop know a future by its name while it is polled.
pub(crate) fn by_name<F>(name: &'static str, future: F) -> ByName<F>
where
    F: Future<Output = Result> + Unpin,
{
    ByName { name, future }
}

pub(crate) struct ByName<F> {
    name: &'static str,
    future: F,
}

impl<F: Future<Output = Result> + Unpin> Future for ByName<F> {
    type Output = Result;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        let _blame = blame(self.name);
        Pin::new(&mut self.future).poll(cx)
    }
}

/// What a panic said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Panic {
    message: String,
}

impl Panic {
    #[cold]
    fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => match payload.downcast::<&'static str>() {
                Ok(text) => (*text).to_owned(),
                Err(payload) => {
                    // A value of the user's own: its destructor may panic as well.
                    std::mem::forget(payload);
                    "without a message".to_owned()
                }
            },
        };
        Self { message }
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "handler panicked: {}", self.message)
    }
}

impl std::error::Error for Panic {}
