//! Seeing the client go.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::server::conn::Conn;

/// Completes when the client has closed or reset the connection. Made by
/// [`Exchange::closed`](super::Exchange::closed).
///
/// A client that closes only its own direction counts as gone too, as in Tornado.
#[must_use = "futures do nothing unless polled"]
pub struct Closed(Rc<Conn>);

impl Closed {
    pub(super) fn new(conn: Rc<Conn>) -> Self {
        Self(conn)
    }
}

impl Future for Closed {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_closed(cx)
    }
}

impl fmt::Debug for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}
