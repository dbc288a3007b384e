//! What goes wrong in a handler, and the end of a socket.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use waterspout_http::ws::{CloseCode, Socket, Violation};

use crate::error::{Error, Result};

/// The socket of a task; the connection ends with the task.
pub(super) struct Owned(pub(super) Socket);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A handler's future panicked; what it held is gone.
pub(super) struct Panicked;

/// Polls a future and catches its panic.
pub(super) fn poll_guarded<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, Panicked>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(
                target: "waterspout::application",
                "WebSocket handler panicked: {}",
                text.unwrap_or("without a message")
            );
            Poll::Ready(Err(Panicked))
        }
    }
}

/// Closes a socket whose handler has failed: with the code of what the peer did wrong, or logged and
/// with 1011.
pub(super) fn settle(socket: &Socket, result: Result) {
    let Err(error) = result else {
        return;
    };
    let cause = error.cause();
    if let Some(violation) = cause.and_then(|cause| cause.downcast_ref::<Violation>()) {
        tracing::debug!("WebSocket is closed: {violation}");
        return socket.sender().close(violation.code(), violation.reason());
    }
    log(&error);
    socket.sender().close(CloseCode::INTERNAL_ERROR, "");
}

fn log(error: &Error) {
    if !error.is_disconnected() {
        tracing::error!(target: "waterspout::application", "Uncaught error in WebSocket: {error:?}");
    }
}
