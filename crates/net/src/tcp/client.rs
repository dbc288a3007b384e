//! Opening connections to hosts by name.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};

use super::connect_error::{ConnectError, Stage, Why};
use super::race::race;
use crate::resolver::{Resolver, SystemResolver};
use crate::{Family, IoStream, StreamConfig};

/// Opens connections to hosts by name: Tornado's `TCPClient`.
///
/// If a host has several addresses they are tried in turn, IPv6 and IPv4 alternating, and the next
/// is tried beside the last when that has not answered within 300 ms (RFC 8305). The first
/// connection wins, the others are closed.
///
/// # Examples
///
/// ```
/// use waterspout_net::{BindOptions, ConnectOptions, IoLoop, IoStream, PeerAddr, TcpClient, TcpServer};
///
/// IoLoop::new()?.run_sync(async {
///     let hello = async |mut stream: IoStream, _: PeerAddr| stream.write(b"hello\n").await;
///     let server = TcpServer::new(hello).bind_options(BindOptions::default().address("127.0.0.1"));
///     server.listen(0)?;
///     let port = server.local_addrs()[0].port().expect("TCP has ports");
///
///     let client = TcpClient::new();
///     let mut stream = client.connect("localhost", port, &ConnectOptions::default()).await?;
///     assert_eq!(stream.read_until(b"\n", 100).await?, "hello\n");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct TcpClient {
    resolver: Rc<dyn Resolver>,
}

/// How [`TcpClient::connect`] connects.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// The address family to use. Default: [`Family::Any`].
    pub family: Family,
    /// The address of this machine to connect from. Default: `None`, the system chooses.
    pub source_ip: Option<IpAddr>,
    /// The port to connect from; 0 is any. Default: 0.
    pub source_port: u16,
    /// The time for all of it: the look-up, the connection, and the handshake of TLS. Default:
    /// `None`, as long as the system tries, which is some minutes.
    pub timeout: Option<Duration>,
    /// Limits of the stream. Default: `None`, those of [`StreamConfig::default`].
    pub stream: Option<StreamConfig>,
}

impl ConnectOptions {
    /// Sets the address family. Default: [`Family::Any`].
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Sets the address to connect from. Default: the system chooses.
    #[must_use]
    pub fn source_ip(mut self, ip: IpAddr) -> Self {
        self.source_ip = Some(ip);
        self
    }

    /// Sets the port to connect from. Default: 0, any.
    #[must_use]
    pub fn source_port(mut self, port: u16) -> Self {
        self.source_port = port;
        self
    }

    /// Sets the time for all of it. Default: no limit but the system's.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the limits of the stream. Default: those of [`StreamConfig::default`].
    #[must_use]
    pub fn stream(mut self, config: StreamConfig) -> Self {
        self.stream = Some(config);
        self
    }

    fn source_for(&self, address: SocketAddr) -> Option<SocketAddr> {
        let any: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        match self.source_ip {
            Some(ip) => Some((ip, self.source_port).into()),
            None => (self.source_port != 0).then(|| (any, self.source_port).into()),
        }
    }
}

impl TcpClient {
    /// Makes a client that has the system resolve names.
    #[must_use]
    pub fn new() -> Self {
        Self::with_resolver(SystemResolver)
    }

    /// Makes a client with a resolver of its own.
    #[must_use]
    pub fn with_resolver(resolver: impl Resolver + 'static) -> Self {
        Self {
            resolver: Rc::new(resolver),
        }
    }

    /// Connects to a port of `host`, a name or an IP address.
    ///
    /// # Errors
    ///
    /// A [`ConnectError`] that names the stage: the name does not resolve, no address can be
    /// connected to, in which case the source is the error of the last, the source address cannot
    /// be used, or the time is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: every attempt is closed.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        options: &ConnectOptions,
    ) -> Result<IoStream, ConnectError> {
        let progress = Progress::new(host);
        let open = self.open(host, port, options, &progress);
        progress.within(options.timeout, open).await
    }

    /// Resolves and connects, for as long as the system tries.
    pub(crate) async fn open(
        &self,
        host: &str,
        port: u16,
        options: &ConnectOptions,
        progress: &Progress,
    ) -> Result<IoStream, ConnectError> {
        let found = self.resolver.resolve(host, port, options.family).await;
        let mut addresses = found.map_err(|error| progress.error(Why::Resolve(error)))?;
        progress.enter(Stage::Connecting(host.to_owned(), addresses.clone()));
        if let Some(source) = options.source_ip {
            addresses.retain(|address| address.is_ipv4() == source.is_ipv4());
            if addresses.is_empty() {
                let source = (source, options.source_port).into();
                return Err(progress.error(Why::SourceFamily(source)));
            }
        }
        let dialed = race(addresses, |address| {
            dial(address, options.source_for(address))
        });
        match dialed.await {
            Ok(socket) => {
                let stream = IoStream::from_tcp(socket);
                Ok(match &options.stream {
                    Some(config) => stream.with_config(config.clone()),
                    None => stream,
                })
            }
            Err(error) => Err(progress.error(match error.downcast::<BadSource>() {
                Ok(bad) => Why::Source(bad.source, bad.error),
                Err(error) => Why::System(error),
            })),
        }
    }
}

impl Default for TcpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TcpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpClient").finish_non_exhaustive()
    }
}

/// How far one connection has come, for the error that names it.
#[derive(Debug)]
pub(crate) struct Progress(RefCell<Stage>);

impl Progress {
    pub(crate) fn new(host: &str) -> Self {
        Self(RefCell::new(Stage::Resolving(host.to_owned())))
    }

    pub(crate) fn enter(&self, stage: Stage) {
        *self.0.borrow_mut() = stage;
    }

    pub(crate) fn error(&self, why: Why) -> ConnectError {
        let stage = self.0.borrow().clone();
        ConnectError { stage, why }
    }

    /// Waits for `open`, at most for `timeout`.
    pub(crate) async fn within(
        &self,
        timeout: Option<Duration>,
        open: impl Future<Output = Result<IoStream, ConnectError>>,
    ) -> Result<IoStream, ConnectError> {
        let Some(timeout) = timeout else {
            return open.await;
        };
        let bounded = tokio::time::timeout(timeout, open).await;
        bounded.unwrap_or_else(|_| Err(self.error(Why::TimedOut)))
    }
}

/// The source address that was asked for cannot be had.
#[derive(Debug)]
struct BadSource {
    source: SocketAddr,
    error: io::Error,
}

impl fmt::Display for BadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot bind to {}", self.source)
    }
}

impl std::error::Error for BadSource {}

async fn dial(address: SocketAddr, source: Option<SocketAddr>) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    if let Some(source) = source {
        let bound = socket.bind(source);
        bound.map_err(|error| io::Error::other(BadSource { source, error }))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
