//! An encrypted transport, and starting it on a stream.

use std::cell::Cell;
use std::io;
use std::task::{Context, Poll, Waker, ready};

use rustls::{CommonState, HandshakeKind};
use tokio::io::ReadBuf;

use super::error::Kind;
use super::session::{Peer, Session, Step};
use super::{TlsAcceptor, TlsConnector, TlsError};
use crate::io_stream::{Layer, Transport};
use crate::{IoStream, TlsInfo};

/// Octets of plain text that are encrypted at once; they wait for the socket then.
const WRITE_LIMIT: usize = 64 * 1024;

/// Encrypted octets that may be there before a message is complete. rustls takes messages of a
/// handshake up to 64 KiB.
const INCOMING_LIMIT: usize = 128 * 1024;

/// The session over a socket.
#[derive(Debug)]
pub(super) struct Encrypted {
    session: Session,
    socket: Transport,
    /// What was to be sent is not complete, so that the end must look like a cut.
    cut: Cell<bool>,
    /// Octets of plain text in what was encrypted last, which goes out before any more is.
    last: usize,
    /// Somebody waits for the socket to take what was written. It wakes one task only, who may be
    /// another than the one that reads.
    writer_waits: bool,
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
}

impl Encrypted {
    pub(super) fn new(session: Session, socket: Transport) -> Self {
        Self {
            session,
            socket,
            cut: Cell::new(false),
            last: 0,
            writer_waits: false,
        }
    }

    /// Shakes hands. Ready when both sides are done and all of it is written.
    pub(super) fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let step = match self.session.listen(None) {
                Ok(step) => step,
                Err(error) => return Poll::Ready(Err(self.fail(cx, error))),
            };
            let sent = self.poll_send(cx);
            if !self.session.common().is_handshaking() {
                // Only tickets were left. If they do not reach a client that has left already, what
                // it said before can still be read, and the error comes back with the next write.
                return match sent {
                    Poll::Ready(Ok(())) => self.socket.poll_flush(cx),
                    sent => sent.map(|_| Ok(())),
                };
            }
            if let Poll::Ready(Err(error)) = sent {
                return Poll::Ready(Err(error));
            }
            match step {
                Step::Starved => {
                    if ready!(self.poll_receive(cx))? == 0 {
                        let text = "the connection ended during the handshake";
                        return Poll::Ready(Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            text,
                        )));
                    }
                }
                Step::Decrypted | Step::Encrypted => {}
                Step::Farewell => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }

    /// Reads encrypted octets once; 0 at the end.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let incoming = &mut self.session.incoming;
        if incoming.len() > INCOMING_LIMIT {
            let text = "a TLS message is longer than 64 KiB";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        let pool = self.session.state.buffers();
        match self.socket.poll_read(cx, incoming.room(pool)) {
            Poll::Ready(Ok(count)) if count > 0 => {
                incoming.filled(count);
                Poll::Ready(Ok(count))
            }
            ended => {
                incoming.release(pool);
                ended
            }
        }
    }

    /// Writes the encrypted octets that wait, for whoever reads. Who waits to write does it otherwise,
    /// and is not to lose its wake-up. A failure is for those who write.
    fn send_aside(&mut self, cx: &mut Context<'_>) {
        if !self.writer_waits {
            _ = self.poll_send(cx);
        }
    }

    /// Writes the encrypted octets that wait, for whoever writes.
    fn poll_send_written(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = self.poll_send(cx);
        self.writer_waits = sent.is_pending();
        sent
    }

    /// Writes the encrypted octets that wait, and gives their buffer back.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (outgoing, sent) = &mut self.session.outgoing;
        while *sent < outgoing.len() {
            let count = ready!(self.socket.poll_write(cx, &outgoing[*sent..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *sent += count;
        }
        *sent = 0;
        let pool = self.session.state.buffers();
        pool.give_output(std::mem::take(outgoing));
        Poll::Ready(Ok(()))
    }

    fn owes_octets(&self) -> bool {
        !self.session.outgoing.0.is_empty()
    }

    /// Tells the peer what is wrong, as far as that needs no wait.
    fn fail(&mut self, cx: &mut Context<'_>, error: rustls::Error) -> io::Error {
        self.session.fail();
        self.send_aside(cx);
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    /// Encrypts octets of several slices, not more than the limit.
    fn poll_write_all<'a>(
        &mut self,
        cx: &mut Context<'_>,
        slices: impl Iterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        if self.owes_octets() {
            ready!(self.poll_send_written(cx))?;
        }
        let mut taken = 0;
        for slice in slices {
            let part = &slice[..slice.len().min(WRITE_LIMIT - taken)];
            if !part.is_empty() {
                let broken = |error| io::Error::new(io::ErrorKind::BrokenPipe, error);
                self.session.encrypt(part).map_err(broken)?;
                taken += part.len();
            }
        }
        self.last = taken;
        // What the socket does not take now waits for the flush; its error would come back there.
        if let Poll::Ready(Err(error)) = self.poll_send_written(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(taken))
    }
}

impl Layer for Encrypted {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.session.take_spill(into) {
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        loop {
            match self.session.peer {
                Peer::Speaks => {}
                Peer::Done => return Poll::Ready(Ok(())),
                Peer::Failed => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
            }
            if self.session.incoming.len() > 0 {
                match self.session.listen(Some(into)) {
                    Err(error) => return Poll::Ready(Err(self.fail(cx, error))),
                    Ok(_) if into.filled().len() > before => return Poll::Ready(Ok(())),
                    // The record was empty, or the peer said farewell.
                    Ok(Step::Decrypted | Step::Encrypted | Step::Farewell) => continue,
                    Ok(Step::Starved) => {}
                }
                if self.owes_octets() {
                    // Such as the refusal of a renegotiation.
                    self.send_aside(cx);
                }
            }
            if ready!(self.poll_receive(cx))? == 0 {
                let text = "the peer closed the connection without a TLS farewell (close_notify)";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, text)));
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_all(cx, std::iter::once(bytes))
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_all(cx, slices.iter().map(|slice| &**slice))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.owes_octets() {
            ready!(self.poll_send_written(cx))?;
        }
        // Under it may be another session.
        let flushed = self.socket.poll_flush(cx);
        self.writer_waits = flushed.is_pending();
        flushed
    }

    fn held_back(&self) -> usize {
        let own = if self.owes_octets() { self.last } else { 0 };
        own + self.socket.held_back()
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.cut.get() {
            // A session that has failed has no farewell to say; its alert was said.
            _ = self.session.say_goodbye();
            ready!(self.poll_send_written(cx))?;
        }
        self.socket.poll_shutdown(cx)
    }

    fn farewell(&mut self) {
        if !self.cut.get() {
            // The stream is being dropped: what the socket does not take at once is not said.
            let mut cx = Context::from_waker(Waker::noop());
            _ = self.poll_shutdown(&mut cx);
        }
    }

    fn omit_farewell(&self) {
        self.cut.set(true);
    }

    fn socket(&self) -> &Transport {
        &self.socket
    }

    fn info(&self) -> TlsInfo {
        let mut info = describe(self.session.common());
        info.server_name = self.session.server_name().map(str::to_owned);
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
