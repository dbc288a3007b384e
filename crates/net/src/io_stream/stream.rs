//! The stream itself, and the steps that protocol drivers take.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::net::{TcpStream, UnixStream};
use tokio::task::coop::has_budget_remaining;

use super::fate::Fate;
use super::input::Input;
use super::output::Output;
use super::transport::Transport;
use super::{StreamConfig, TlsInfo};
use crate::LoopState;

/// A byte stream over a TCP or Unix socket, with an input and an output buffer.
///
/// It is used at two levels. Users' protocols read messages with [`read_until`](Self::read_until) and
/// [`read_bytes`](Self::read_bytes) and answer with [`write`](Self::write), as in Tornado. Protocol
/// drivers, such as the HTTP connection, work one step lower, with [`poll_fill`](Self::poll_fill),
/// [`buffered`](Self::buffered), [`consume`](Self::consume), [`enqueue`](Self::enqueue) and
/// [`poll_flush`](Self::poll_flush). Dropping the
/// stream closes the socket; what was enqueued and not flushed is lost then.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, IoStream};
///
/// IoLoop::new()?.run_sync(async {
///     let (one, other) = tokio::net::UnixStream::pair()?;
///     let (mut one, mut other) = (IoStream::from_unix(one), IoStream::from_unix(other));
///     one.write(b"hello\nworld\n").await?;
///     assert_eq!(other.read_until(b"\n", 100).await?, "hello\n");
///     assert_eq!(other.read_bytes(3).await?, "wor");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct IoStream {
    pub(super) transport: Transport,
    pub(super) input: Input,
    pub(super) output: Output,
    pub(super) state: Rc<LoopState>,
    pub(super) config: Option<Box<StreamConfig>>,
    pub(super) ended: Ended,
    pub(super) free: Free,
    /// Most streams never have one.
    pub(super) fate: Option<Box<Fate>>,
}

/// How far the stream has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Both directions are open as far as is known.
    No,
    /// The peer sends no more; what is buffered can still be read.
    ByPeer,
    /// This side closed the stream.
    Closed,
}

/// What may be done without asking the runtime first.
///
/// The runtime counts what a task reads and writes, and has it yield when that is too much. One read
/// after each wait for octets need not be counted: it finds something only when the loop has looked at
/// its sockets since. Nor need one write after such a read. The wait alone proves nothing, since who
/// waits for several things at once goes on without a yield when another of them is ready.
#[derive(Debug, Default)]
pub(super) struct Free {
    pub(super) read: bool,
    pub(super) write: bool,
}

impl IoStream {
    /// Wraps a TCP socket.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    pub fn from_tcp(socket: TcpStream) -> Self {
        Self::new(Transport::Tcp(socket))
    }

    /// Wraps a Unix socket.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    pub fn from_unix(socket: UnixStream) -> Self {
        Self::new(Transport::Unix(socket))
    }

    pub(crate) fn new(transport: Transport) -> Self {
        Self {
            transport,
            input: Input::default(),
            output: Output::default(),
            state: LoopState::current(),
            config: None,
            ended: Ended::No,
            free: Free::default(),
            fate: None,
        }
    }

    /// Takes the socket, and what was read ahead; the limits of the stream stay with it.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    pub(crate) fn take_transport(&mut self) -> (Transport, Input) {
        let transport = std::mem::replace(&mut self.transport, Transport::Gone);
        (transport, std::mem::take(&mut self.input))
    }

    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    pub(crate) fn set_transport(&mut self, transport: Transport) {
        self.transport = transport;
    }

    /// Sets the limits of this stream. Default: those of [`StreamConfig::default`].
    #[must_use]
    pub fn with_config(mut self, config: StreamConfig) -> Self {
        self.config = Some(Box::new(config));
        self
    }

    /// Reads once into the input buffer and returns how many octets came; 0 at the end of the
    /// stream. Nothing is owned while this is pending and nothing is buffered.
    ///
    /// # Errors
    ///
    /// The error of the socket, such as a reset by the peer; again at each call from then on. A
    /// connection that broke while writing gives it after the last octet that has come.
    // Small, so that it is worth being part of its callers: the two calls that a message makes do
    // different things.
    #[inline(always)]
    pub fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.ended != Ended::No {
            return Poll::Ready(self.at_end());
        }
        loop {
            let free = std::mem::take(&mut self.free.read);
            if !free {
                ready!(self.poll_readable(cx))?;
            }
            match self.fill_now(cx) {
                Poll::Pending if self.transport.is_socket() => {}
                filled => {
                    self.free.write |= free;
                    return filled;
                }
            }
        }
    }

    /// Waits until there is something to read, without a buffer to read it into.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.transport.poll_readable(cx);
        if polled.is_pending() {
            // Without budget the socket may have octets, which must wait until the task has yielded.
            self.free.read = has_budget_remaining();
            self.input.release(self.state.buffers());
        }
        polled.map_err(|error| self.read_failed(error))
    }

    /// Reads once. Who finds nothing in a socket waits for it to be readable.
    fn fill_now(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let pool = self.state.buffers();
        let read = self.transport.read_now(cx, self.input.room(pool));
        if let Poll::Ready(Ok(count @ 1..)) = read {
            self.input.filled(count);
            return Poll::Ready(Ok(count));
        }
        self.input.release(pool);
        match ready!(read) {
            Ok(_) => Poll::Ready(self.at_end()),
            Err(error) => Poll::Ready(Err(self.read_failed(error))),
        }
    }

    /// Reads once into the input buffer, as [`poll_fill`](Self::poll_fill).
    ///
    /// # Errors
    ///
    /// The error of the socket.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn fill(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    /// Returns what has been read and not consumed.
    #[inline]
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        self.input.buffered()
    }

    /// Forgets the first `count` buffered octets.
    ///
    /// # Panics
    ///
    /// Panics if fewer are buffered.
    #[inline]
    pub fn consume(&mut self, count: usize) {
        self.input.consume(count);
    }

    /// Gives the input buffer back to the loop if nothing is left in it.
    #[inline]
    pub fn release_input(&mut self) {
        self.input.release(self.state.buffers());
    }

    /// Returns the vector that waits to be written, to append to. What it holds already must stay.
    #[inline]
    pub fn outgoing(&mut self) -> &mut Vec<u8> {
        self.output.tail(self.state.buffers())
    }

    /// Appends octets to what waits to be written.
    #[inline]
    pub fn enqueue(&mut self, bytes: &[u8]) {
        self.outgoing().extend_from_slice(bytes);
    }

    /// Returns both sides at once: what [`buffered`](Self::buffered) gives to read from, and what
    /// [`outgoing`](Self::outgoing) gives to append to.
    ///
    /// # Examples
    ///
    /// An echo without a message in between:
    ///
    /// ```
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// async fn echo(mut stream: IoStream) -> std::io::Result<()> {
    ///     loop {
    ///         let count = stream.fill().await?;
    ///         if count == 0 {
    ///             return Ok(());
    ///         }
    ///         let (octets, outgoing) = stream.buffers();
    ///         outgoing.extend_from_slice(octets);
    ///         stream.consume(count);
    ///         stream.flush().await?;
    ///     }
    /// }
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, other) = tokio::net::UnixStream::pair()?;
    ///     IoLoop::current().spawn_callback(echo(IoStream::from_unix(one)));
    ///     let mut other = IoStream::from_unix(other);
    ///     other.write(b"hello").await?;
    ///     assert_eq!(other.read_bytes(5).await?, "hello");
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn buffers(&mut self) -> (&[u8], &mut Vec<u8>) {
        let outgoing = self.output.tail(self.state.buffers());
        (self.input.buffered(), outgoing)
    }

    /// Appends octets to what waits to be written, large ones without a copy.
    pub fn enqueue_bytes(&mut self, bytes: Bytes) {
        self.output.push(bytes, self.state.buffers());
    }

    /// Returns how many octets wait to be written.
    #[inline]
    #[must_use]
    pub fn queued(&self) -> usize {
        self.output.len()
    }

    /// Tells whether nothing waits to be written.
    #[inline]
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.output.is_empty()
    }

    /// Writes what waits; ready when the kernel has taken all of it. `progress` grows by the octets
    /// that were written, so that the caller can tell a slow peer from a stalled one.
    ///
    /// # Errors
    ///
    /// The error of the socket.
    #[inline]
    pub fn poll_flush(&mut self, cx: &mut Context<'_>, progress: &mut u64) -> Poll<io::Result<()>> {
        if self.output.is_empty() {
            let polled = self.transport.poll_flush(cx);
            return polled.map_err(|error| self.write_failed(error));
        }
        let pool = self.state.buffers();
        if std::mem::take(&mut self.free.write)
            && let Err(error) = self.output.write_now(&self.transport, progress)
        {
            return Poll::Ready(Err(self.write_failed(error)));
        }
        self.output
            .poll_flush(cx, &mut self.transport, pool, progress)
            .map_err(|error| self.write_failed(error))
    }

    /// Closes the direction to the peer after what waits has been written.
    ///
    /// # Errors
    ///
    /// The error of the socket.
    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx, &mut 0))?;
        self.transport.poll_shutdown(cx)
    }

    /// Returns the loop's resources.
    #[inline]
    #[must_use]
    pub fn loop_state(&self) -> &Rc<LoopState> {
        &self.state
    }

    /// Tells whether the peer has closed its direction.
    #[must_use]
    pub fn peer_closed(&self) -> bool {
        self.ended == Ended::ByPeer
    }

    /// Switches Nagle's algorithm off or on. Sockets from our listeners have it off.
    ///
    /// # Errors
    ///
    /// The error of the socket option.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.transport.set_nodelay(nodelay)
    }

    /// Tells whether the stream is encrypted.
    #[inline]
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.transport, Transport::Tls(_))
    }

    /// Returns what was agreed in the TLS handshake, with the certificates of the peer; `None` on a
    /// stream that is not encrypted.
    #[must_use]
    pub fn tls_info(&self) -> Option<TlsInfo> {
        match &self.transport {
            Transport::Tls(layer) => Some(layer.info()),
            _ => None,
        }
    }

    /// Has the end of this stream reset the connection: the system forgets what it has not sent,
    /// and the peer sees an error and not an orderly end. Without it, a peer that reads nothing
    /// holds the memory of the system for minutes after the stream is dropped.
    ///
    /// # Errors
    ///
    /// The error of the socket option.
    pub fn reset_on_close(&self) -> io::Result<()> {
        self.transport.reset_on_close()
    }
}

impl Drop for IoStream {
    fn drop(&mut self) {
        if self.fate.is_some() {
            self.run_close_callback();
        }
        if self.output.is_empty()
            && let Transport::Tls(layer) = &mut self.transport
        {
            layer.farewell();
        }
        let pool = self.state.buffers();
        self.input.consume(self.input.len());
        self.input.release(pool);
        self.output.discard(pool);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use crate::IoLoop;

    use super::*;

    fn free(stream: &IoStream) -> (bool, bool) {
        (stream.free.read, stream.free.write)
    }

    #[test]
    fn one_read_is_free_after_each_wait_for_octets_and_one_write_after_it() {
        IoLoop::new().unwrap().run_sync(async {
            let (one, other) = UnixStream::pair().unwrap();
            let mut stream = IoStream::from_unix(one);
            let mut cx = Context::from_waker(Waker::noop());
            while stream.poll_fill(&mut cx).is_ready() {}
            assert_eq!(free(&stream), (true, false));
            other.writable().await.unwrap();
            assert_eq!(other.try_write(b"octets").unwrap(), 6);
            assert_eq!(stream.fill().await.unwrap(), 6);
            assert_eq!(free(&stream), (false, true));
            stream.enqueue(b"octets");
            assert!(stream.poll_flush(&mut cx, &mut 0).is_ready());
            assert_eq!(free(&stream), (false, false));
        });
    }
}
