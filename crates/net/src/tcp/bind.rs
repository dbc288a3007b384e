//! Listening TCP sockets.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use super::BoundSocket;
use super::bind_error::at;

/// How often port 0 is tried anew when the port that IPv4 got is taken on IPv6.
const PORT_ATTEMPTS: usize = 16;

/// Binds listening sockets to `port` on every address that the options name: by default on all
/// interfaces, IPv4 and IPv6.
///
/// With port 0 the system chooses one, equal for all addresses. An address family that the machine
/// does not have is skipped. The sockets are non-blocking and have SO_REUSEADDR set; those for IPv6
/// take IPv6 only, and TCP_NODELAY is on, which accepted connections inherit on Linux.
///
/// A host name in the options is looked up by the system, which blocks: bind before the loop runs.
///
/// # Errors
///
/// The error of the system, naming the address and port: the port is in use, is below 1024 without
/// the privilege, or the address belongs to no interface; or the host name does not resolve.
///
/// # Examples
///
/// ```
/// use waterspout_net::{BindOptions, bind_sockets};
///
/// let sockets = bind_sockets(0, BindOptions::default().address("127.0.0.1"))?;
/// println!("listening on {}", sockets[0].local_addr()?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn bind_sockets(port: u16, options: BindOptions) -> io::Result<Vec<BoundSocket>> {
    let addresses = options.resolve(port)?;
    for _ in 1..PORT_ATTEMPTS {
        match bind_all(&addresses, &options) {
            // Another program has the port on the second family only.
            Err(error) if port == 0 && error.kind() == ErrorKind::AddrInUse => {}
            outcome => return outcome,
        }
    }
    bind_all(&addresses, &options)
}

/// How [`bind_sockets`] binds.
///
/// # Examples
///
/// ```
/// use waterspout_net::{BindOptions, Family};
///
/// let options = BindOptions::default().family(Family::V4).backlog(4096).reuse_port(true);
/// assert_eq!(options.address, None);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BindOptions {
    /// The IP address or host name to listen on; `None` and `""` are all interfaces. Default: `None`.
    pub address: Option<String>,
    /// The address family to use. Default: [`Family::Any`].
    pub family: Family,
    /// How many connections the system keeps that are not accepted yet. Default: 1024.
    ///
    /// Tornado's 128 overflows when a few hundred clients reconnect at once, and each connection
    /// that does not fit is retried by its client only a second later. Linux lowers the number to
    /// `net.core.somaxconn`, 4096 unless set.
    pub backlog: u32,
    /// Lets several sockets bind to the same port, with SO_REUSEPORT; the system then spreads the
    /// connections over them. Default: `false`.
    pub reuse_port: bool,
}

/// An address family to bind to, or to connect by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Family {
    /// IPv4 and IPv6.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl BindOptions {
    /// Sets the IP address or host name to listen on. Default: all interfaces.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Sets the address family. Default: [`Family::Any`].
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Sets how many connections wait to be accepted. Default: 1024.
    #[must_use]
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = connections;
        self
    }

    /// Lets several sockets bind to the same port. Default: `false`.
    #[must_use]
    pub fn reuse_port(mut self, reuse_port: bool) -> Self {
        self.reuse_port = reuse_port;
        self
    }

    /// Returns the addresses to bind to, each once and in order.
    fn resolve(&self, port: u16) -> io::Result<Vec<SocketAddr>> {
        let host = self.address.as_deref().unwrap_or("");
        let found: Vec<SocketAddr> = if host.is_empty() {
            let all: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
            all.into_iter().map(|ip| (ip, port).into()).collect()
        } else {
            let resolved = (host, port).to_socket_addrs();
            resolved
                .map_err(|error| at(&format_args!("{host} port {port}"), error))?
                .collect()
        };
        let mut addresses = Vec::new();
        for address in found {
            if self.family.includes(&address) && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            let error = io::Error::new(ErrorKind::AddrNotAvailable, "no address of the family");
            return Err(at(&format_args!("{host} port {port}"), error));
        }
        Ok(addresses)
    }
}

impl Default for BindOptions {
    fn default() -> Self {
        Self {
            address: None,
            family: Family::Any,
            backlog: 1024,
            reuse_port: false,
        }
    }
}

impl Family {
    pub(crate) fn includes(self, address: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

/// Binds to all addresses or to none. The port of the first holds for all.
fn bind_all(addresses: &[SocketAddr], options: &BindOptions) -> io::Result<Vec<BoundSocket>> {
    let mut bound: Vec<BoundSocket> = Vec::with_capacity(addresses.len());
    let mut skipped = None;
    let mut port = addresses[0].port();
    for &(mut address) in addresses {
        address.set_port(port);
        match bind_one(address, options) {
            Ok(socket) => {
                port = socket.local_addr()?.port();
                bound.push(BoundSocket::Tcp(socket));
            }
            Err(error) if is_family_missing(&error, address, addresses) => {
                tracing::debug!(%address, "skipped an address: {error}");
                skipped = Some(at(&address, error));
            }
            Err(error) => return Err(at(&address, error)),
        }
    }
    match skipped {
        Some(error) if bound.is_empty() => Err(error),
        _ => Ok(bound),
    }
}

/// Octets that the system takes for a connection before its peer has room for them. Unbounded, each
/// peer that reads slowly costs up to the 4 MiB of its automatic tuning, outside all our limits.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 128 * 1024;

fn bind_one(address: SocketAddr, options: &BindOptions) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if options.reuse_port {
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() {
        // Else the socket takes IPv4 as well, and the one for IPv4 cannot be bound.
        socket.set_only_v6(true)?;
    }
    socket.set_tcp_nodelay(true)?;
    // Accepted sockets inherit it, as they do the option above.
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(MAX_UNSENT)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// Tells whether the machine lacks the address family, which is no error while others are left: no
/// such family in the kernel, or `localhost` that resolves to `::1` where no interface has that.
fn is_family_missing(error: &io::Error, address: SocketAddr, all: &[SocketAddr]) -> bool {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAFNOSUPPORT) => true,
        Some(Errno::EADDRNOTAVAIL) => address.is_ipv6() && all.len() > 1,
        _ => false,
    }
}
