//! Making a connection. This is the one place that knows how.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use waterspout_net::{ConnectOptions, Family, IoStream, Resolver, SystemResolver, TcpClient};

use super::ClientConfig;
use super::error::{FetchError, Kind};
use super::pool::Key;
use super::proxy::socks5::Target;
use super::proxy::{Proxy, ProxyKind, negotiate, tunnel};
use super::tls::Tls;
use super::url::Scheme;

/// What connects, for all requests of a client.
pub(super) struct Connector {
    tcp: TcpClient,
    resolver: Rc<dyn Resolver>,
    hostname_mapping: HashMap<String, String>,
    tls: Tls,
}

impl Connector {
    pub(super) fn new(config: &ClientConfig) -> Self {
        let resolver = config.resolver.clone();
        let resolver = resolver.unwrap_or_else(|| Rc::new(SystemResolver));
        Self {
            tcp: TcpClient::with_resolver(Rc::clone(&resolver)),
            resolver,
            hostname_mapping: config.hostname_mapping.clone(),
            tls: Tls::default(),
        }
    }

    /// Connects to what `key` names.
    pub(super) async fn connect(&self, key: &Key) -> Result<IoStream, FetchError> {
        if key.scheme == Scheme::Http {
            return self.open(key).await;
        }
        self.tls.check()?;
        let stream = self.open(key).await?;
        self.tls.secure(stream, key).await
    }

    async fn open(&self, key: &Key) -> Result<IoStream, FetchError> {
        let path = key
            .reach
            .as_ref()
            .and_then(|reach| reach.unix_socket.as_ref());
        if let Some(path) = path {
            let connected = IoStream::connect_unix(path).await;
            return connected
                .map_err(|error| failed(path.display().to_string(), io::Error::from(error)));
        }
        if let Some(proxy) = &key.proxy {
            return self.through(proxy, key).await;
        }
        let (host, port) = self.place(key);
        let connected = self.tcp.connect(host, port, &options(key)).await;
        connected.map_err(|source| failed(format!("{host}:{port}"), source))
    }

    /// Connects to the proxy, and has it connect to the host where it is more than a messenger.
    async fn through(&self, proxy: &Proxy, key: &Key) -> Result<IoStream, FetchError> {
        let options = options(key);
        let connected = self.tcp.connect(&proxy.host, proxy.port, &options).await;
        let mut stream = connected
            .map_err(|source| FetchError::proxy_because(proxy, "cannot be connected to", source))?;
        let address: Option<IpAddr> = key.host.parse().ok();
        match proxy.kind {
            ProxyKind::Http if !key.tunneled => {}
            ProxyKind::Http => {
                let authority = match address {
                    Some(IpAddr::V6(address)) => format!("[{address}]:{}", key.port),
                    _ => format!("{}:{}", key.host, key.port),
                };
                tunnel(&mut stream, proxy, &authority).await?;
            }
            ProxyKind::Socks5 => {
                let target = address.map_or(Target::Name(&key.host), Target::Address);
                negotiate(&mut stream, proxy, &target, key.port).await?;
            }
            ProxyKind::Socks5WithAddresses => {
                let target = Target::Address(self.resolve(key).await?);
                negotiate(&mut stream, proxy, &target, key.port).await?;
            }
        }
        Ok(stream)
    }

    /// Resolves the name of the host for a proxy that is given addresses.
    async fn resolve(&self, key: &Key) -> Result<IpAddr, FetchError> {
        let (host, port) = self.place(key);
        let found = self.resolver.resolve(host, port, options(key).family).await;
        let found = found.map_err(|source| failed(format!("{host}:{port}"), source))?;
        let first = found.first().map(SocketAddr::ip);
        first.ok_or_else(|| FetchError::request(format!("{host} has no address")))
    }

    /// Host and port after `hostname_mapping`.
    fn place<'k>(&'k self, key: &'k Key) -> (&'k str, u16) {
        let map = &self.hostname_mapping;
        let mapped = if map.is_empty() {
            None
        } else {
            let exact = map.get(&format!("{}:{}", key.host, key.port));
            exact.or_else(|| map.get(&key.host))
        };
        let Some(mapped) = mapped else {
            return (&key.host, key.port);
        };
        // A colon inside an IPv6 address without brackets is no port's.
        let split = mapped
            .rsplit_once(':')
            .filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        match split.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => (bare(host), port),
            None => (bare(mapped), key.port),
        }
    }
}

/// How the socket is made.
fn options(key: &Key) -> ConnectOptions {
    let mut options = ConnectOptions::default();
    if let Some(reach) = &key.reach {
        options.source_ip = reach.network_interface;
        if reach.ipv4_only {
            options.family = Family::V4;
        }
    }
    options
}

pub(super) fn failed(place: String, source: impl StdError + 'static) -> FetchError {
    let source = Box::new(source);
    FetchError::new(Kind::Connect { place, source })
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
