//! What encryption must do to stand between a stream and its socket.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use super::TlsInfo;
use super::transport::Transport;

/// Encryption over a socket.
pub(crate) trait Layer: fmt::Debug {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>>;

    /// Takes octets; some may wait until [`poll_flush`](Self::poll_flush).
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Returns how many of the octets that it took last the socket may not have taken yet.
    fn held_back(&self) -> usize;

    /// Says farewell and closes the direction to the peer.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Says farewell as far as that needs no wait, so that the peer can tell the end from a cut.
    fn farewell(&mut self);

    /// Has the end look like a cut: something is missing.
    fn omit_farewell(&self);

    fn socket(&self) -> &Transport;

    fn info(&self) -> TlsInfo;
}
