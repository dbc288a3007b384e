//! Who is at either end of an accepted connection.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use socket2::Socket;

/// The address of the other side of a connection.
///
/// # Examples
///
/// ```
/// use waterspout_net::PeerAddr;
///
/// let peer = PeerAddr::Tcp("192.0.2.1:4711".parse().unwrap());
/// assert_eq!(peer.to_string(), "192.0.2.1:4711");
/// assert_eq!(PeerAddr::Unix.ip(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerAddr {
    /// A TCP client.
    Tcp(SocketAddr),
    /// A client of a Unix socket, which has no address of its own.
    Unix,
}

impl PeerAddr {
    /// Returns the address and port, or `None` for a Unix socket.
    #[must_use]
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix => None,
        }
    }

    /// Returns the IP address, or `None` for a Unix socket.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip()),
            Self::Unix => None,
        }
    }
}

impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix => f.write_str("unix:"),
        }
    }
}

/// The address that a socket is bound to.
///
/// # Examples
///
/// ```
/// use waterspout_net::BoundAddr;
///
/// let address = BoundAddr::Tcp("[::1]:8888".parse().unwrap());
/// assert_eq!((address.to_string().as_str(), address.port()), ("[::1]:8888", Some(8888)));
/// assert_eq!(BoundAddr::Unix("/run/chat.sock".into()).to_string(), "unix:/run/chat.sock");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BoundAddr {
    /// An IP address and port.
    Tcp(SocketAddr),
    /// The path of a Unix socket; an abstract name begins with a NUL.
    Unix(PathBuf),
}

impl BoundAddr {
    /// Returns the port, or `None` for a Unix socket.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(_) => None,
        }
    }

    /// Asks a Unix socket; one that was not bound has an empty path.
    pub(crate) fn of_unix(socket: &Socket) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let path = address.as_pathname().map(Into::into);
        let path = path.or_else(|| abstract_path(address.as_abstract_namespace()?));
        Ok(Self::Unix(path.unwrap_or_default()))
    }
}

fn abstract_path(name: &[u8]) -> Option<PathBuf> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(name);
    Some(OsString::from_vec(bytes).into())
}

impl fmt::Display for BoundAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            // As the tools of Linux show it, an abstract name has an @ for its NUL.
            Self::Unix(path) => match path.to_string_lossy().strip_prefix('\0') {
                Some(name) => write!(f, "unix:@{name}"),
                None => write!(f, "unix:{}", path.display()),
            },
        }
    }
}
