//! Where the two ends of a stream are.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use socket2::SockRef;

use super::IoStream;
use super::transport::Transport;
use crate::{BoundAddr, PeerAddr};

impl IoStream {
    /// Returns the address of the other end, as the socket knows it: behind a proxy that is the proxy's.
    /// asyncio's `peername`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] on a pipe, or the error of the system, such as
    /// [`io::ErrorKind::NotConnected`] after a reset.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, IoStream, PeerAddr};
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// IoLoop::new()?.run_sync(async {
    ///     let stream = IoStream::connect_tcp(address).await?;
    ///     assert_eq!(stream.peer_addr()?, PeerAddr::Tcp(address));
    ///     println!("connected from {}", stream.local_addr()?);
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<PeerAddr> {
        match self.transport.socket() {
            Transport::Tcp(socket) => socket.peer_addr().map(PeerAddr::Tcp),
            Transport::Unix(_) => Ok(PeerAddr::Unix),
            Transport::Pipe(_) | Transport::Tls(_) | Transport::Gone => Err(no_address()),
        }
    }

    /// Returns the address of this end: on a server that listens on all interfaces, the one that the
    /// client has chosen. A Unix socket that was not bound has an empty path. asyncio's `sockname`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] on a pipe, or the error of the system.
    pub fn local_addr(&self) -> io::Result<BoundAddr> {
        match self.transport.socket() {
            Transport::Tcp(socket) => socket.local_addr().map(BoundAddr::Tcp),
            Transport::Unix(socket) => BoundAddr::of_unix(&SockRef::from(socket)),
            Transport::Pipe(_) | Transport::Tls(_) | Transport::Gone => Err(no_address()),
        }
    }

    /// Returns the descriptor under the stream, for options of the socket that have no method here;
    /// `None` on a pipe that was shut down. Tornado's `fileno`.
    ///
    /// What is read or written through it is missing in the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, _other) = tokio::net::UnixStream::pair()?;
    ///     let stream = IoStream::from_unix(one);
    ///     let fd = stream.fileno().expect("a socket has one");
    ///     socket2::SockRef::from(&fd).set_recv_buffer_size(64 * 1024)?;
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn fileno(&self) -> Option<BorrowedFd<'_>> {
        match self.transport.socket() {
            Transport::Tcp(socket) => Some(socket.as_fd()),
            Transport::Unix(socket) => Some(socket.as_fd()),
            Transport::Pipe(pipe) => pipe.fileno(),
            Transport::Tls(_) | Transport::Gone => None,
        }
    }
}

fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "a pipe has no address: only sockets do",
    )
}
