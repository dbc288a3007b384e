//! Making a connection. This is the one place that knows how.

use std::collections::HashMap;
use std::error::Error as StdError;

use tokio::net::UnixStream;
use waterspout_net::{ConnectOptions, Family, IoStream, Resolver, SystemResolver, TcpClient};

use super::ClientConfig;
use super::error::{FetchError, Kind};
use super::pool::Key;
use super::tls::Tls;
use super::url::Scheme;

/// What connects, for all requests of a client.
#[derive(Debug)]
pub(super) struct Connector {
    tcp: TcpClient,
    hostname_mapping: HashMap<String, String>,
    tls: Tls,
}

impl Connector {
    pub(super) fn new(config: &ClientConfig) -> Self {
        let tcp = match &config.resolver {
            Some(resolver) => {
                TcpClient::with_resolver(std::rc::Rc::clone(resolver) as std::rc::Rc<dyn Resolver>)
            }
            None => TcpClient::with_resolver(SystemResolver),
        };
        Self {
            tcp,
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
        if let Some(path) = &key.unix_socket {
            let connected = UnixStream::connect(path).await;
            return connected
                .map(IoStream::from_unix)
                .map_err(|source| failed(path.display().to_string(), source));
        }
        let (host, port) = self.place(key);
        let mut options = ConnectOptions::default();
        options.source_ip = key.network_interface;
        if !key.allow_ipv6 {
            options.family = Family::V4;
        }
        let connected = self.tcp.connect(host, port, &options).await;
        connected.map_err(|source| failed(format!("{host}:{port}"), source))
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

pub(super) fn failed(place: String, source: impl StdError + 'static) -> FetchError {
    let source = Box::new(source);
    FetchError::new(Kind::Connect { place, source })
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
