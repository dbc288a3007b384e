//! The head of a request.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;

use http::{Method, Version};

use crate::Headers;

/// The head of a request as it came in: method, target, version and fields, checked.
pub struct Request {
    pub(crate) method: Method,
    pub(crate) version: Version,
    /// Where target, path and query stand in the block of the headers.
    pub(crate) target: Range<usize>,
    pub(crate) path: Range<usize>,
    pub(crate) query: Option<usize>,
    pub(crate) host: Host,
    /// The `Host` that was found valid last; it outlives the request, see `Known::host`.
    pub(crate) sound_host: Vec<u8>,
    pub(crate) headers: Headers,
    pub(crate) content_length: Option<u64>,
    pub(crate) remote: Option<SocketAddr>,
    /// The connection is encrypted.
    pub(crate) secure: bool,
}

/// Where the host stands, once checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// An HTTP/1.0 request may have none.
    None,
    /// In the absolute-form target, which wins over the field (RFC 9112 §3.2.2).
    Target(Range<usize>),
    /// In the `Host` field.
    Field,
}

impl Request {
    /// Makes `GET /`, to be filled by [`parse_request`](crate::h1::parse::parse_request).
    #[must_use]
    pub fn new() -> Self {
        Self {
            method: Method::GET,
            version: Version::HTTP_11,
            target: 0..0,
            path: 0..0,
            query: None,
            host: Host::None,
            sound_host: Vec::new(),
            headers: Headers::new(),
            content_length: None,
            remote: None,
            secure: false,
        }
    }

    /// Returns the method. Methods are case-sensitive (RFC 9110 §9.1).
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the request target as received.
    #[must_use]
    pub fn target(&self) -> &str {
        self.text(&self.target)
    }

    /// Returns the path as received, not decoded; `*` for `OPTIONS *`.
    #[must_use]
    pub fn path(&self) -> &str {
        if self.path.is_empty() {
            "/"
        } else {
            self.text(&self.path)
        }
    }

    /// Returns the path as octets, all of them visible ASCII: what [`path`](Self::path) makes text of.
    #[inline]
    #[must_use]
    pub fn path_bytes(&self) -> &[u8] {
        if self.path.is_empty() {
            b"/"
        } else {
            &self.headers.block()[self.path.clone()]
        }
    }

    /// Returns the query as received, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.map(|at| self.text(&(at..self.target.end)))
    }

    /// Returns the version of the protocol, 1.0 or 1.1.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the header fields.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the host that the client asked for, `name[:port]`, its grammar checked; empty if an
    /// HTTP/1.0 request has none.
    #[must_use]
    pub fn host(&self) -> &str {
        match &self.host {
            Host::None => "",
            Host::Target(range) => self.text(range),
            Host::Field => self.headers.get("host").unwrap_or_default(),
        }
    }

    /// Returns the host without its port; an IPv6 address keeps its brackets.
    #[must_use]
    pub fn host_name(&self) -> &str {
        let host = self.host();
        match host.rfind(':') {
            Some(colon) if !host[colon..].contains(']') => &host[..colon],
            _ => host,
        }
    }

    /// Returns the address of the client; `0.0.0.0` on a Unix socket.
    #[must_use]
    pub fn remote_ip(&self) -> IpAddr {
        self.remote
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip())
    }

    /// Returns the address and port of the client; `None` on a Unix socket.
    #[must_use]
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.remote
    }

    /// Returns the scheme that the client used: `https` if the connection is encrypted, else `http`.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Returns the value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get("content-type")
    }

    /// Returns the announced length of the body in octets.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// Returns a part of the target. The parser let nothing but ASCII through.
    fn text(&self, range: &Range<usize>) -> &str {
        std::str::from_utf8(&self.headers.block()[range.clone()]).unwrap_or_default()
    }

    /// Returns to the state of [`new`](Self::new) and keeps the memory.
    pub fn clear(&mut self) {
        self.method = Method::GET;
        self.version = Version::HTTP_11;
        self.target = 0..0;
        self.path = 0..0;
        self.query = None;
        self.host = Host::None;
        self.headers.clear();
        self.content_length = None;
    }
}

impl Default for Request {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Request {
    /// Shows no fields: they may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("target", &self.target())
            .field("version", &self.version)
            .field("host", &self.host())
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}
