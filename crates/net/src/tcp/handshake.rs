//! What happens between accepting a connection and serving it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use super::PeerAddr;
use crate::IoStream;

/// The future of a [`Handshake`]: the stream to serve, and who its client is.
pub type Shaking = Pin<Box<dyn Future<Output = io::Result<(IoStream, PeerAddr)>>>>;

/// What happens between accepting a connection and serving it: TLS, or the header by which a proxy
/// says who its client is.
///
/// It is shared by all workers of a server, so it is `Send` and `Sync`; the futures it makes belong to
/// the loop of their connection.
pub trait Handshake: Send + Sync + fmt::Debug {
    /// Prepares a connection. The server bounds the time that this takes; an error closes the
    /// connection.
    fn shake(&self, stream: IoStream, peer: PeerAddr) -> Shaking;

    /// Returns what must run on the loop of each worker while it accepts, such as a look at
    /// certificate files. Default: nothing.
    fn watch(&self) -> Option<Pin<Box<dyn Future<Output = ()>>>> {
        None
    }
}

/// Handshakes in their order; by default none.
#[derive(Debug, Clone, Default)]
pub struct Handshakes(Vec<Arc<dyn Handshake>>);

impl Handshakes {
    /// Adds one that comes after the others.
    pub fn push(&mut self, handshake: impl Handshake + 'static) {
        self.0.push(Arc::new(handshake));
    }

    /// Adds one that comes before the others.
    pub fn push_first(&mut self, handshake: impl Handshake + 'static) {
        self.0.insert(0, Arc::new(handshake));
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes through all of them, for as long as the client likes.
    ///
    /// # Errors
    ///
    /// The error of the first that fails. The connection is closed then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future closes the connection.
    pub async fn complete(
        &self,
        mut stream: IoStream,
        mut peer: PeerAddr,
    ) -> io::Result<(IoStream, PeerAddr)> {
        for handshake in &self.0 {
            (stream, peer) = handshake.shake(stream, peer).await?;
        }
        Ok((stream, peer))
    }

    /// Returns what must run on the loop of each worker while it accepts.
    #[must_use]
    pub fn watchers(&self) -> Vec<Pin<Box<dyn Future<Output = ()>>>> {
        self.0
            .iter()
            .filter_map(|handshake| handshake.watch())
            .collect()
    }
}
