//! Watching over a handler's future: its panics, and the client it works for.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use waterspout_http::Closed;
use waterspout_net::blame;

use crate::error::{Error, Result};

/// Polls a future, turns its panic into an error, and leaves it with the error
/// [`Error::abandoned`] when the client goes away.
///
/// A future that is ready at its first poll never asks after the client. While it is polled, a
/// watchdog of the loop knows it as `name`.
#[inline]
pub(crate) fn watch<F>(name: &'static str, future: F, closed: Option<Closed>) -> Watch<F>
where
    F: Future<Output = Result> + Unpin,
{
    Watch {
        name,
        future,
        closed,
    }
}

pub(crate) struct Watch<F> {
    name: &'static str,
    future: F,
    closed: Option<Closed>,
}

impl<F: Future<Output = Result> + Unpin> Future for Watch<F> {
    type Output = Result;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        let blame = blame(self.name);
        let future = Pin::new(&mut self.future);
        let polled = catch_unwind(AssertUnwindSafe(|| future.poll(cx)));
        drop(blame);
        match polled {
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
