//! Datagrams.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// The largest datagram there can be.
const LARGEST: usize = 64 * 1024;

/// A UDP socket on the running loop.
///
/// All methods take `&self`: some tasks may wait for datagrams while others send.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, UdpEndpoint};
///
/// IoLoop::new()?.run_sync(async {
///     let server = UdpEndpoint::bind("127.0.0.1:0".parse().unwrap())?;
///     let client = UdpEndpoint::connect(server.local_addr()?)?;
///     client.send(b"ping").await?;
///     let (datagram, from) = server.recv_from().await?;
///     server.send_to(&datagram, from).await?;
///     assert_eq!(client.recv().await?, "ping");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UdpEndpoint {
    socket: Rc<UdpSocket>,
    /// Made at the first datagram.
    buffer: Cell<Box<[u8]>>,
}

impl UdpEndpoint {
    /// Binds to an address; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// The error of the system, naming the address: it is in use, no interface has it, or the port
    /// is below 1024 and needs privileges.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let bind = || {
            let socket = std::net::UdpSocket::bind(address)?;
            Self::from_std(socket)
        };
        bind().map_err(|error| crate::tcp::bind_error_at(&address, error))
    }

    /// Makes an endpoint on any port that sends to `remote` and receives from it only.
    ///
    /// # Errors
    ///
    /// The error of the system, such as a network that cannot be reached.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn connect(remote: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = match remote {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = std::net::UdpSocket::bind((any, 0))?;
        socket.connect(remote)?;
        Self::from_std(socket)
    }

    /// Wraps a socket, which is made non-blocking. Options that have no method here are set on it
    /// before.
    ///
    /// # Errors
    ///
    /// The error of the system if the loop cannot watch it.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket: Rc::new(UdpSocket::from_std(socket)?),
            buffer: Cell::default(),
        })
    }

    /// Returns the address that it is bound to, with the real port.
    ///
    /// # Errors
    ///
    /// The error of the system; none is known.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends one datagram to the address of [`connect`](Self::connect) and returns its length.
    ///
    /// # Errors
    ///
    /// The error of the system: the datagram is too large, there is no such address, or an earlier
    /// datagram found nobody (`ConnectionRefused`).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped, nothing was sent.
    pub async fn send(&self, datagram: &[u8]) -> io::Result<usize> {
        self.socket.send(datagram).await
    }

    /// Sends one datagram to `remote` and returns its length.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped, nothing was sent.
    pub async fn send_to(&self, datagram: &[u8], remote: SocketAddr) -> io::Result<usize> {
        self.socket.send_to(datagram, remote).await
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    ///
    /// The error of the system; a connected endpoint hears with `ConnectionRefused` that nobody
    /// was there, and goes on.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv(&self) -> io::Result<Bytes> {
        Ok(self.recv_from().await?.0)
    }

    /// Waits for a datagram and returns it whole, with its sender.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_from(&self) -> io::Result<(Bytes, SocketAddr)> {
        loop {
            tokio::task::coop::consume_budget().await;
            match self.try_recv_with(|data, from| (Bytes::copy_from_slice(data), from)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable().await?,
                received => return received,
            }
        }
    }

    /// Lets datagrams go to broadcast addresses. Default: off.
    ///
    /// # Errors
    ///
    /// The error of the socket option.
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.socket.set_broadcast(on)
    }

    /// Joins a multicast group on the interface that the system chooses.
    ///
    /// # Errors
    ///
    /// The error of the socket option, such as an address that is no group.
    pub fn join_multicast(&self, group: IpAddr) -> io::Result<()> {
        match group {
            IpAddr::V4(group) => self.socket.join_multicast_v4(group, Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(group) => self.socket.join_multicast_v6(&group, 0),
        }
    }

    /// Leaves a multicast group.
    ///
    /// # Errors
    ///
    /// The error of the socket option, such as a group that was not joined.
    pub fn leave_multicast(&self, group: IpAddr) -> io::Result<()> {
        match group {
            IpAddr::V4(group) => self.socket.leave_multicast_v4(group, Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(group) => self.socket.leave_multicast_v6(&group, 0),
        }
    }

    /// Hands the next datagram over without a copy, or fails with `WouldBlock`.
    pub(crate) fn try_recv_with<T>(
        &self,
        receive: impl FnOnce(&[u8], SocketAddr) -> T,
    ) -> io::Result<T> {
        // A datagram that found nobody is reported as an error, for which no read becomes ready.
        let reported = self.socket.try_io(Interest::ERROR, || {
            self.socket
                .take_error()?
                .ok_or_else(|| io::ErrorKind::WouldBlock.into())
        });
        if let Ok(error) = reported {
            return Err(error);
        }
        let mut block = self.buffer.take();
        if block.is_empty() {
            block = vec![0; LARGEST].into_boxed_slice();
        }
        let received = self.socket.try_recv_from(&mut block);
        let received = received.map(|(count, from)| receive(&block[..count], from));
        self.buffer.set(block);
        received
    }

    /// Waits until there may be a datagram or an error.
    pub(crate) fn readable(&self) -> impl Future<Output = io::Result<()>> + use<> {
        let socket = Rc::clone(&self.socket);
        async move {
            socket
                .ready(Interest::READABLE | Interest::ERROR)
                .await
                .map(drop)
        }
    }

    /// Polls a datagram on its way; without a remote it goes to the one of `connect`.
    pub(crate) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        datagram: &[u8],
        remote: Option<SocketAddr>,
    ) -> Poll<io::Result<()>> {
        _ = ready!(match remote {
            Some(remote) => self.socket.poll_send_to(cx, datagram, remote),
            None => self.socket.poll_send(cx, datagram),
        })?;
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for UdpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpEndpoint")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
