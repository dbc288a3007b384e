//! The sockets under a stream.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::layer::Layer;
use super::pipe::Pipe;

#[derive(Debug)]
pub(crate) enum Transport {
    Tcp(TcpStream),
    Unix(UnixStream),
    Pipe(Box<Pipe>),
    /// Encryption over one of the others.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    Tls(Box<dyn Layer>),
    /// Taken away by a handshake; the stream is about to be dropped.
    Gone,
}

impl Transport {
    /// Reads once. A short read tells the loop that the socket is drained, so that the next poll
    /// waits without a system call that would fail.
    #[inline]
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(into);
        let polled = match self {
            Self::Tcp(socket) => Pin::new(socket).poll_read(cx, &mut buffer),
            Self::Unix(socket) => Pin::new(socket).poll_read(cx, &mut buffer),
            Self::Pipe(pipe) => pipe.poll_read(cx, &mut buffer),
            Self::Tls(layer) => layer.poll_read(cx, &mut buffer),
            Self::Gone => return Poll::Ready(Err(gone())),
        };
        polled.map_ok(|()| buffer.filled().len())
    }

    /// Returns what is under the encryption.
    pub(super) fn socket(&self) -> &Self {
        match self {
            Self::Tls(layer) => layer.socket().socket(),
            _ => self,
        }
    }

    #[inline]
    pub(super) fn is_socket(&self) -> bool {
        matches!(self, Self::Tcp(_) | Self::Unix(_))
    }

    /// Waits until the loop says that a socket can be read. What is not a socket does its own waiting,
    /// where it is read.
    #[inline]
    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => socket.poll_read_ready(cx),
            Self::Unix(socket) => socket.poll_read_ready(cx),
            Self::Pipe(_) | Self::Tls(_) | Self::Gone => Poll::Ready(Ok(())),
        }
    }

    /// Reads once as [`poll_read`](Self::poll_read) does, but leaves it to the caller to wait for a
    /// socket that has nothing.
    #[inline]
    pub(super) fn read_now(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut short = 0;
        let tried = match self {
            Self::Tcp(socket) => {
                let work = || read_once(socket, into, &mut short);
                socket.try_io(Interest::READABLE, work)
            }
            Self::Unix(socket) => {
                let work = || read_once(socket, into, &mut short);
                socket.try_io(Interest::READABLE, work)
            }
            Self::Pipe(_) | Self::Tls(_) | Self::Gone => return self.poll_read(cx, into),
        };
        if short > 0 {
            return Poll::Ready(Ok(short));
        }
        match tried {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            read => Poll::Ready(read),
        }
    }

    #[inline]
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Unix(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Pipe(pipe) => pipe.poll_write(cx, bytes),
            Self::Tls(layer) => layer.poll_write(cx, bytes),
            Self::Gone => Poll::Ready(Err(gone())),
        }
    }

    /// Writes what the socket takes at once; nothing where octets are held back on the way.
    #[inline]
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let tried = match self {
            Self::Tcp(socket) => socket.try_write(bytes),
            Self::Unix(socket) => socket.try_write(bytes),
            Self::Pipe(_) | Self::Tls(_) => return Ok(0),
            Self::Gone => return Err(gone()),
        };
        match tried {
            Ok(sent) => {
                if sent < bytes.len() {
                    self.note_full();
                }
                Ok(sent)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            failed => failed,
        }
    }

    /// Tells the loop that the socket has taken less than it was given, so that the next write waits
    /// without a system call that would fail.
    #[cold]
    fn note_full(&self) {
        let full = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
        _ = match self {
            Self::Tcp(socket) => socket.try_io(Interest::WRITABLE, full),
            Self::Unix(socket) => socket.try_io(Interest::WRITABLE, full),
            Self::Pipe(_) | Self::Tls(_) | Self::Gone => Ok(()),
        };
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Unix(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Pipe(pipe) => pipe.poll_write_vectored(cx, slices),
            Self::Tls(layer) => layer.poll_write_vectored(cx, slices),
            Self::Gone => Poll::Ready(Err(gone())),
        }
    }

    /// Hands on what a layer holds back. Sockets hold nothing back.
    #[inline]
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tls(layer) => layer.poll_flush(cx),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Returns how many of the octets that were written last a layer may hold back until it is flushed.
    pub(crate) fn held_back(&self) -> usize {
        match self {
            Self::Tls(layer) => layer.held_back(),
            _ => 0,
        }
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Unix(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Pipe(pipe) => {
                pipe.shutdown();
                Poll::Ready(Ok(()))
            }
            Self::Tls(layer) => layer.poll_shutdown(cx),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }

    /// Nagle's algorithm exists on TCP only; elsewhere this changes nothing.
    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match self {
            Self::Tcp(socket) => socket.set_nodelay(nodelay),
            Self::Tls(layer) => layer.socket().set_nodelay(nodelay),
            Self::Unix(_) | Self::Pipe(_) | Self::Gone => Ok(()),
        }
    }

    /// Unix sockets have nothing to reset: their peer sees the end at once.
    pub(crate) fn reset_on_close(&self) -> io::Result<()> {
        match self {
            Self::Tcp(socket) => socket.set_zero_linger(),
            Self::Tls(layer) => {
                layer.omit_farewell();
                layer.socket().reset_on_close()
            }
            Self::Unix(_) | Self::Pipe(_) | Self::Gone => Ok(()),
        }
    }
}

/// Reads once. What a short read gives goes to `short`, and the loop is told what a failing one would
/// tell it: that the socket is drained.
#[inline]
fn read_once(socket: &impl AsFd, into: &mut [u8], short: &mut usize) -> io::Result<usize> {
    let count = (&*SockRef::from(socket)).read(into)?;
    if count == 0 || count == into.len() {
        return Ok(count);
    }
    *short = count;
    Err(io::ErrorKind::WouldBlock.into())
}

fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
