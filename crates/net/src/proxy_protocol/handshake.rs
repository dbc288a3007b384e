//! Reading the header of a connection.

use std::io;
use std::sync::Arc;

use super::{Network, ProxyHeader};
use crate::tcp::{Handshake, Shaking};
use crate::{IoStream, PeerAddr};

/// Has connections from trusted proxies begin with a header of the PROXY protocol, version 1 or 2,
/// that names their client.
///
/// A trusted proxy must send one: a connection without is closed. Connections from others are served
/// as they are, so that nobody else can say who he is; let a firewall keep them out if they should
/// not come at all.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoStream, PeerAddr, ProxyProtocol, TcpServer};
///
/// let proxies = ProxyProtocol::new(["10.0.0.0/8".parse()?]).trust_unix(true);
/// let server = TcpServer::new(async |_: IoStream, peer: PeerAddr| println!("{peer}"))
///     .handshake(proxies);
/// # drop(server);
/// # Ok::<(), waterspout_net::InvalidNetwork>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProxyProtocol {
    trusted: Arc<[Network]>,
    trust_unix: bool,
}

impl ProxyProtocol {
    /// Trusts the proxies of these networks.
    #[must_use]
    pub fn new(trusted: impl IntoIterator<Item = Network>) -> Self {
        Self {
            trusted: trusted.into_iter().collect(),
            trust_unix: false,
        }
    }

    /// Sets whether who connects to a Unix socket is a trusted proxy. Default: false.
    #[must_use]
    pub fn trust_unix(mut self, trust: bool) -> Self {
        self.trust_unix = trust;
        self
    }

    fn trusts(&self, peer: PeerAddr) -> bool {
        match peer.ip() {
            Some(ip) => self.trusted.iter().any(|network| network.contains(ip)),
            None => self.trust_unix,
        }
    }
}

impl Handshake for ProxyProtocol {
    fn shake(&self, mut stream: IoStream, peer: PeerAddr) -> Shaking {
        let trusted = self.trusts(peer);
        Box::pin(async move {
            if !trusted {
                return Ok((stream, peer));
            }
            let header = read(&mut stream).await?;
            let peer = match header {
                ProxyHeader::Client { source, .. } => PeerAddr::Tcp(source),
                ProxyHeader::Local => peer,
            };
            Ok((stream, peer))
        })
    }
}

async fn read(stream: &mut IoStream) -> io::Result<ProxyHeader> {
    loop {
        let parsed = ProxyHeader::parse(stream.buffered());
        let parsed = parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if let Some((header, length)) = parsed {
            stream.consume(length);
            stream.release_input();
            return Ok(header);
        }
        if stream.fill().await? == 0 {
            let cut = "the connection ended within the header of the PROXY protocol";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, cut));
        }
    }
}
