//! The named futures that the methods of [`RequestHandler`](super::RequestHandler) return where a
//! handler does not implement them. Their types are how the framework tells.

use std::future::Future;
use std::pin::Pin;
use std::task;
use std::task::Poll;

use crate::auth::CurrentUser;
use crate::error::{HttpError, Result};

/// The future of a verb that a handler does not implement.
#[derive(Debug)]
pub(crate) struct MethodNotAllowed;

impl Future for MethodNotAllowed {
    type Output = Result;

    fn poll(self: Pin<&mut Self>, _cx: &mut task::Context<'_>) -> Poll<Result> {
        Poll::Ready(Err(HttpError::METHOD_NOT_ALLOWED.into()))
    }
}

/// The future of `current_user` where a handler leaves that to the application.
#[derive(Debug)]
pub(crate) struct UserOfApplication;

impl Future for UserOfApplication {
    type Output = Result<CurrentUser>;

    fn poll(self: Pin<&mut Self>, _cx: &mut task::Context<'_>) -> Poll<Result<CurrentUser>> {
        Poll::Ready(Ok(CurrentUser::nobody()))
    }
}

/// The future of a hook that a handler does not implement.
#[derive(Debug)]
pub(crate) struct NoHook;

impl Future for NoHook {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _cx: &mut task::Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// The future of `prepare` and `write_error` where a handler does not implement them.
#[derive(Debug)]
pub(crate) struct NothingDone;

impl Future for NothingDone {
    type Output = Result;

    fn poll(self: Pin<&mut Self>, _cx: &mut task::Context<'_>) -> Poll<Result> {
        Poll::Ready(Ok(()))
    }
}
