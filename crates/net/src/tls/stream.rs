//! An encrypted transport, and starting it on a stream.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use rustls::{CommonState, HandshakeKind};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::error::Kind;
use super::socket::Socket;
use super::{TlsAcceptor, TlsConnector, TlsError};
use crate::io_stream::{Layer, Transport};
use crate::{IoStream, TlsInfo};

/// Octets of plain text that may wait to be encrypted, or encrypted to be sent.
pub(super) const BUFFER_LIMIT: usize = 64 * 1024;

/// The session over a socket.
#[derive(Debug)]
struct Encrypted {
    stream: TlsStream<Socket>,
    /// What was to be sent is not complete, so that the end must look like a cut.
    cut: Cell<bool>,
}

impl IoStream {
    /// Encrypts the stream as the server of the conversation, such as after a STARTTLS command:
    /// waits for the client's handshake.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if octets are still buffered, which would be a plain-text command smuggled
    /// into the encrypted conversation, or if the handshake fails. The connection is closed then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future closes the connection.
    pub async fn start_tls_server(self, acceptor: &TlsAcceptor) -> Result<Self, TlsError> {
        self.check_idle()?;
        acceptor.accept(self).await
    }

    /// Encrypts the stream as the client of the conversation, and checks that the server has a
    /// certificate for `server_name`, a host name or an IP address.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if octets are still buffered, or if the handshake fails. The connection is
    /// closed then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future closes the connection.
    pub async fn start_tls_client(
        self,
        connector: &TlsConnector,
        server_name: &str,
    ) -> Result<Self, TlsError> {
        connector.connect(self, server_name).await
    }

    pub(super) fn check_idle(&self) -> Result<(), TlsError> {
        if self.buffered().is_empty() && self.is_flushed() {
            Ok(())
        } else {
            Err(TlsError::new(Kind::NotIdle))
        }
    }

    /// Takes the socket and what was read ahead; the limits of the stream come with it.
    pub(super) fn take_socket(&mut self) -> Socket {
        let ahead = Bytes::copy_from_slice(self.buffered());
        Socket::new(self.take_transport(), ahead)
    }

    /// Makes the stream an encrypted one, in place of the socket that was taken.
    pub(super) fn set_encrypted(&mut self, stream: TlsStream<Socket>) {
        let cut = Cell::new(false);
        self.set_transport(Transport::Tls(Box::new(Encrypted { stream, cut })));
    }
}

impl Encrypted {
    fn pinned(&mut self) -> Pin<&mut TlsStream<Socket>> {
        Pin::new(&mut self.stream)
    }
}

impl Layer for Encrypted {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_read(cx, into)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.pinned().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pinned().poll_write_vectored(cx, slices)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A look at the session spares the flush of a socket that has nothing to flush.
        if self.stream.get_ref().1.wants_write() {
            return self.pinned().poll_flush(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_shutdown(cx)
    }

    fn farewell(&mut self) {
        if !self.cut.get() {
            // The stream is being dropped: what the socket does not take at once is not said.
            let mut cx = Context::from_waker(Waker::noop());
            _ = self.pinned().poll_shutdown(&mut cx);
        }
    }

    fn omit_farewell(&self) {
        self.cut.set(true);
    }

    fn socket(&self) -> &Transport {
        &self.stream.get_ref().0.transport
    }

    fn info(&self) -> TlsInfo {
        let state = self.stream.get_ref().1;
        let mut info = describe(state);
        if let TlsStream::Server(stream) = &self.stream {
            info.server_name = stream.get_ref().1.server_name().map(str::to_owned);
        }
        info
    }
}

fn describe(state: &CommonState) -> TlsInfo {
    let version = state
        .protocol_version()
        .map(|version| format!("{version:?}"));
    let suite = state.negotiated_cipher_suite();
    let suite = suite.map(|suite| format!("{:?}", suite.suite()));
    let mut info = TlsInfo::new(version.unwrap_or_default(), suite.unwrap_or_default());
    let alpn = state.alpn_protocol();
    info.alpn = alpn.map(|name| String::from_utf8_lossy(name).into_owned());
    info.resumed = state.handshake_kind() == Some(HandshakeKind::Resumed);
    let certificates = state.peer_certificates().unwrap_or_default();
    info.peer_certificates = certificates.iter().map(|der| der.to_vec()).collect();
    info
}
