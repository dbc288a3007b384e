//! A connection between being accepted and being served.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use waterspout_net::{Deadline, IoStream, PeerAddr};

use super::http_server::Connect;
use super::shared::{Shared, Stage};

/// Counts a connection as open.
pub(super) struct Counted(Rc<Shared>);

impl Counted {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        shared.opened();
        Self(shared)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.closed();
    }
}

/// Waits for a handshake and serves the connection then, unless the handshake fails, takes too long,
/// or the server is told to stop meanwhile.
pub(super) async fn shake(
    counted: Counted,
    handshake: impl Future<Output = io::Result<(IoStream, PeerAddr)>>,
    peer: PeerAddr,
    connect: Connect,
) {
    let shared = &counted.0;
    let deadline = Deadline::new();
    deadline.set_ticks(shared.handshake_ticks);
    let mut handshake = pin!(handshake);
    let ended = poll_fn(|cx| {
        if let Poll::Ready(shaken) = handshake.as_mut().poll(cx) {
            return Poll::Ready(Some(shaken));
        }
        // Polled in every case, since it is how a drain reaches this task.
        let expired = deadline.poll_expired(cx).is_ready();
        if expired || shared.stage() > Stage::Serving {
            return Poll::Ready(None);
        }
        Poll::Pending
    });
    match ended.await {
        Some(Ok((stream, peer))) => connect(stream, peer),
        Some(Err(error)) => {
            tracing::info!(target: "waterspout::general", "closed a connection from {peer}: {error}");
        }
        None => tracing::debug!(
            target: "waterspout::general",
            "closed a connection from {peer} in its handshake (limit handshake_timeout)"
        ),
    }
}
