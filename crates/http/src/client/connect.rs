//! Making a connection. This is the one place that knows how: TLS comes in here.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream, UnixStream, lookup_host};
use waterspout_net::IoStream;

use super::ClientConfig;
use super::error::{FetchError, Kind};
use super::pool::Key;
use super::url::Scheme;

/// Connects to what `key` names.
pub(super) async fn connect(config: &ClientConfig, key: &Key) -> Result<IoStream, FetchError> {
    if key.scheme == Scheme::Https {
        return Err(FetchError::request(
            "https needs TLS, which this version of the client does not have: use an http:// URL",
        ));
    }
    if let Some(path) = &key.unix_socket {
        let connected = UnixStream::connect(path).await;
        let place = || path.display().to_string();
        return connected
            .map(IoStream::from_unix)
            .map_err(|source| failed(place(), source));
    }
    let (host, port) = place(config, key);
    let connected = tcp(config, key, &host, port).await;
    let stream = connected.map_err(|source| failed(format!("{host}:{port}"), source))?;
    Ok(IoStream::from_tcp(stream))
}

pub(super) fn failed(place: String, source: io::Error) -> FetchError {
    FetchError::new(Kind::Connect { place, source })
}

/// Host and port after `hostname_mapping`.
fn place(config: &ClientConfig, key: &Key) -> (String, u16) {
    let map = &config.hostname_mapping;
    let mapped = if map.is_empty() {
        None
    } else {
        let exact = map.get(&format!("{}:{}", key.host, key.port));
        exact.or_else(|| map.get(&key.host))
    };
    let Some(mapped) = mapped else {
        return (key.host.clone(), key.port);
    };
    let split = mapped
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    let port = split.and_then(|(_, port)| port.parse().ok());
    match (split, port) {
        (Some((host, _)), Some(port)) => (bare(host).to_owned(), port),
        _ => (bare(mapped).to_owned(), key.port),
    }
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

async fn tcp(config: &ClientConfig, key: &Key, host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses = match (host.parse::<IpAddr>(), &config.resolver) {
        (Ok(address), _) => vec![SocketAddr::new(address, port)],
        (Err(_), Some(resolve)) => resolve(host.to_owned(), port).await?,
        (Err(_), None) => lookup_host((host, port)).await?.collect(),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no usable address");
    for address in addresses {
        let family = key
            .network_interface
            .is_none_or(|source| source.is_ipv4() == address.is_ipv4());
        if !family || (address.is_ipv6() && !key.allow_ipv6) {
            continue;
        }
        match tcp_to(address, key.network_interface).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn tcp_to(address: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if let Some(source) = source {
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("network_interface {source}: {error}"))
        };
        socket.bind(SocketAddr::new(source, 0)).map_err(named)?;
    }
    socket.set_nodelay(true)?;
    socket.connect(address).await
}
