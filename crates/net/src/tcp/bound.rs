//! A listening socket that no loop owns yet.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener;

use socket2::SockRef;

use super::BoundAddr;

/// A socket that listens and is tied to no loop: it can go to another thread or through a fork.
///
/// Made by [`bind_sockets`](super::bind_sockets) and [`bind_unix_socket`](super::bind_unix_socket),
/// or from a socket that a service manager handed over. A [`Listener`](super::Listener) accepts from
/// it on a loop.
///
/// # Examples
///
/// Two threads that accept from the same socket:
///
/// ```
/// use waterspout_net::{BindOptions, bind_sockets};
///
/// let options = BindOptions::default().address("127.0.0.1");
/// let socket = bind_sockets(0, options)?.remove(0);
/// let clone = socket.try_clone()?;
/// std::thread::spawn(move || println!("worker listens on {}", clone.local_addr().unwrap()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum BoundSocket {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix(UnixListener),
}

impl BoundSocket {
    /// Makes a second handle of the same socket: connections go to whoever accepts first.
    ///
    /// # Errors
    ///
    /// The error of the system, mostly too many open files.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(socket) => Self::Tcp(socket.try_clone()?),
            Self::Unix(socket) => Self::Unix(socket.try_clone()?),
        })
    }

    /// Returns the address that the socket is bound to, with the real port if 0 was asked for.
    ///
    /// # Errors
    ///
    /// The error of the system; none is known for a listening socket.
    pub fn local_addr(&self) -> io::Result<BoundAddr> {
        match self {
            Self::Tcp(socket) => socket.local_addr().map(BoundAddr::Tcp),
            Self::Unix(socket) => BoundAddr::of_unix(&SockRef::from(socket)),
        }
    }
}

impl AsFd for BoundSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
    }
}
