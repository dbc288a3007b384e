//! What a header says, and why it could not be read.

use std::fmt;
use std::net::SocketAddr;

use super::{version1, version2};

/// The header of the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// The proxy speaks for itself, as in a health check, or does not know the client.
    Local,
    /// The proxy speaks for a client.
    Client {
        /// The address of the client.
        source: SocketAddr,
        /// The address that the client connected to.
        destination: SocketAddr,
    },
}

impl ProxyHeader {
    /// Reads a header of version 1 or 2 from the beginning of `bytes`. Returns it with its length in
    /// octets, or `None` if more octets are needed. Extensions of version 2 are skipped.
    ///
    /// # Errors
    ///
    /// A [`ProxyError`] if this is no header, or one that is malformed or too long.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::ProxyHeader;
    ///
    /// let bytes = b"PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\nGET /";
    /// let (header, length) = ProxyHeader::parse(bytes)?.expect("it is complete");
    /// let ProxyHeader::Client { source, .. } = header else { panic!("it names a client") };
    /// assert_eq!((source.to_string().as_str(), &bytes[length..]), ("192.0.2.1:4711", &b"GET /"[..]));
    /// assert_eq!(ProxyHeader::parse(b"PROXY TC")?, None);
    /// # Ok::<(), waterspout_net::ProxyError>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProxyError> {
        match bytes.first() {
            None => Ok(None),
            Some(b'P') => version1::parse(bytes),
            Some(b'\r') => version2::parse(bytes),
            Some(_) => Err(ProxyError::new("no header of the PROXY protocol came")),
        }
    }
}

/// Why a header of the PROXY protocol could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyError {
    problem: &'static str,
}

impl ProxyError {
    pub(super) fn new(problem: &'static str) -> Self {
        Self { problem }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; have the proxy send one (send-proxy or send-proxy-v2), or do not list it as trusted",
            self.problem
        )
    }
}

impl std::error::Error for ProxyError {}
