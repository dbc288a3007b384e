//! Why a fetch failed.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use http::StatusCode;

use super::HttpResponse;
use super::proxy::Proxy;
use super::url::InvalidUrl;
use crate::coding::DecodeError;
use crate::h1::encode_request::InvalidRequestHead;
use crate::h1::response::MalformedResponse;

/// One of the clocks that bound a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timer {
    /// Waiting for a place among `max_clients` and `max_clients_per_host`.
    Queue,
    /// Resolving the name and connecting.
    Connect,
    /// From the request to the first octet of its response.
    FirstByte,
    /// Between two pieces of the response, or of the request.
    Idle,
    /// The whole fetch, redirects included.
    Request,
}

impl Timer {
    fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Queue => ("in request queue", "queue_timeout"),
            Self::Connect => ("while connecting", "connect_timeout"),
            Self::FirstByte => (
                "before the first octet of the response",
                "first_byte_timeout",
            ),
            Self::Idle => ("without progress", "idle_timeout"),
            Self::Request => ("during request", "request_timeout"),
        }
    }
}

/// Why a fetch failed.
///
/// Ask it with its `is_…` methods. Its text names the setting where a limit was reached.
pub struct FetchError {
    kind: Box<Kind>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// The request cannot be sent as it was made.
    Request(String),
    Timeout {
        timer: Timer,
        limit: Duration,
    },
    Connect {
        place: String,
        source: Box<dyn StdError>,
    },
    /// What stands between did not do what it was asked.
    Proxy {
        place: String,
        why: String,
        source: Option<Box<dyn StdError>>,
    },
    /// What the server asks for cannot be answered.
    Auth(String),
    /// The server closed or reset the connection.
    Closed {
        when: &'static str,
        source: Option<io::Error>,
    },
    Malformed(String),
    TooLarge(String),
    /// The server answered with a status outside 200 to 299.
    Status(Box<HttpResponse>),
    /// What was answered to the handshake of a WebSocket does not open one.
    Handshake {
        why: String,
        response: Option<Box<HttpResponse>>,
    },
    /// What makes the body failed.
    Producer(Box<dyn StdError>),
    Loop(io::Error),
}

impl FetchError {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind: Box::new(kind),
        }
    }

    pub(crate) fn request(why: impl Into<String>) -> Self {
        Self::new(Kind::Request(why.into()))
    }

    pub(crate) fn malformed(why: impl Into<String>) -> Self {
        Self::new(Kind::Malformed(why.into()))
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        Self::new(Kind::TooLarge(format!(
            "response body exceeds {limit} octets (limit max_body_size)"
        )))
    }

    pub(crate) fn handshake(why: String, response: Option<HttpResponse>) -> Self {
        let response = response.map(Box::new);
        Self::new(Kind::Handshake { why, response })
    }

    pub(crate) fn proxy(proxy: &Proxy, why: &str) -> Self {
        Self::new(Kind::Proxy {
            place: proxy.place(),
            why: why.to_owned(),
            source: None,
        })
    }

    pub(crate) fn proxy_because(proxy: &Proxy, why: &str, source: impl StdError + 'static) -> Self {
        Self::new(Kind::Proxy {
            place: proxy.place(),
            why: why.to_owned(),
            source: Some(Box::new(source)),
        })
    }

    pub(crate) fn auth(why: impl Into<String>) -> Self {
        Self::new(Kind::Auth(why.into()))
    }

    pub(crate) fn closed(when: &'static str, source: Option<io::Error>) -> Self {
        Self::new(Kind::Closed { when, source })
    }

    /// Returns the status of the response if it is what makes this an error.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(HttpResponse::status)
    }

    /// Returns Tornado's number: the status, or 599 when there is no response.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.status().map_or(599, |status| status.as_u16())
    }

    /// Returns the response whose status makes this an error.
    #[must_use]
    pub fn response(&self) -> Option<&HttpResponse> {
        match &*self.kind {
            Kind::Status(response) => Some(response),
            Kind::Handshake { response, .. } => response.as_deref(),
            _ => None,
        }
    }

    /// Returns the response whose status makes this an error.
    ///
    /// # Errors
    ///
    /// The error itself if there was no response.
    pub fn into_response(self) -> Result<HttpResponse, Self> {
        match *self.kind {
            Kind::Status(response)
            | Kind::Handshake {
                response: Some(response),
                ..
            } => Ok(*response),
            kind => Err(Self::new(kind)),
        }
    }

    /// Returns the clock that ran out.
    #[must_use]
    pub fn timer(&self) -> Option<Timer> {
        match *self.kind {
            Kind::Timeout { timer, .. } => Some(timer),
            _ => None,
        }
    }

    /// Tells whether a clock ran out; [`timer`](Self::timer) says which.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.timer().is_some()
    }

    /// Tells whether the request could not be sent as it was made: its URL, method, fields or body.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(*self.kind, Kind::Request(_))
    }

    /// Tells whether no connection could be made; the source says
    /// at which stage: the name, the address, TLS. The text does where a proxy is the reason.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(*self.kind, Kind::Connect { .. } | Kind::Proxy { .. })
    }

    /// Tells whether a proxy could not be reached, or did not reach the server.
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        matches!(*self.kind, Kind::Proxy { .. })
    }

    /// Tells whether the server asks for credentials in a way that cannot be answered.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        matches!(*self.kind, Kind::Auth(_))
    }

    /// Tells whether the connection ended before the response did.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(*self.kind, Kind::Closed { .. })
    }

    /// Tells whether the server sent what is not HTTP, or what two readers could take differently.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(*self.kind, Kind::Malformed(_))
    }

    /// Tells whether the server answered the handshake of a WebSocket, but does not open one;
    /// [`response`](Self::response) is what it answered, if that was not a 101.
    #[must_use]
    pub fn is_handshake(&self) -> bool {
        matches!(*self.kind, Kind::Handshake { .. })
    }

    /// Tells whether the body was larger than `max_body_size`.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(*self.kind, Kind::TooLarge(_))
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            Kind::Request(why) | Kind::TooLarge(why) => f.write_str(why),
            Kind::Timeout { timer, limit } => {
                let (when, setting) = timer.text();
                write!(f, "timeout {when} (limit {setting}, {limit:?})")
            }
            Kind::Connect { place, .. } => write!(f, "cannot connect to {place}"),
            Kind::Proxy { place, why, .. } => write!(f, "proxy {place} {why}"),
            Kind::Auth(why) => write!(f, "cannot authenticate: {why}"),
            Kind::Closed { when, .. } => write!(f, "connection closed {when}"),
            Kind::Malformed(why) => write!(f, "malformed response: {why}"),
            Kind::Status(response) => {
                write!(
                    f,
                    "HTTP {}: {}",
                    response.code(),
                    response.reason_or_standard()
                )
            }
            Kind::Handshake { why, response } => {
                f.write_str("WebSocket handshake failed: ")?;
                if let Some(response) = response {
                    let reason = response.reason_or_standard();
                    write!(f, "HTTP {} {reason}, ", response.code())?;
                }
                f.write_str(why)
            }
            Kind::Producer(_) => f.write_str("the body of the request could not be produced"),
            Kind::Loop(_) => f.write_str("cannot make a loop"),
        }
    }
}

impl fmt::Debug for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FetchError").field(&self.kind).finish()
    }
}

impl StdError for FetchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.kind {
            Kind::Connect { source, .. } => Some(&**source),
            Kind::Proxy { source, .. } => source.as_deref(),
            Kind::Loop(source) => Some(source),
            Kind::Closed { source, .. } => source.as_ref().map(|source| source as _),
            Kind::Producer(source) => Some(&**source),
            _ => None,
        }
    }
}

impl From<MalformedResponse> for FetchError {
    fn from(error: MalformedResponse) -> Self {
        Self::malformed(error.reason())
    }
}

impl From<DecodeError> for FetchError {
    fn from(error: DecodeError) -> Self {
        Self::malformed(error.to_string())
    }
}

impl From<InvalidRequestHead> for FetchError {
    fn from(error: InvalidRequestHead) -> Self {
        Self::request(error.to_string())
    }
}

impl From<InvalidUrl> for FetchError {
    fn from(error: InvalidUrl) -> Self {
        Self::request(error.0)
    }
}

impl From<crate::InvalidHeader> for FetchError {
    fn from(error: crate::InvalidHeader) -> Self {
        Self::request(error.to_string())
    }
}
