//! The head of a response, as a client reads it, and where its body ends.
//!
//! As strict as the reader of requests: no bare line feeds, no folding, no blank before a colon. A
//! server that sends such a head is refused, since something between it and us may read it
//! differently.

mod framing;
mod status_line;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use http::{StatusCode, Version};

pub(crate) use self::framing::contradicts;
pub use self::framing::{ResponseBody, response_body};
use self::status_line::status_line;
use super::parse::{Stop, field_line};
use crate::Headers;

/// Limits of the head of a response.
#[derive(Debug, Clone, Copy)]
pub struct ResponseLimits {
    /// Octets of the whole head. Default: 65,536.
    pub head: usize,
    /// Number of fields. Default: 100.
    pub fields: usize,
}

impl Default for ResponseLimits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            fields: 100,
        }
    }
}

/// The head of a response as it came in.
#[derive(Clone)]
pub struct ReceivedHead {
    version: Version,
    status: StatusCode,
    reason: Range<usize>,
    headers: Headers,
}

impl ReceivedHead {
    /// Returns the version of the protocol, HTTP/1.0 or HTTP/1.1.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the reason as it was sent; empty if there was none or if it is not UTF-8.
    #[must_use]
    pub fn reason(&self) -> &str {
        std::str::from_utf8(&self.headers.block()[self.reason.clone()]).unwrap_or_default()
    }

    /// Returns the fields.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the fields, to change what later readers see.
    pub(crate) fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// Tells whether the connection can stay open after this response (RFC 9112 §9.3).
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        let options = self.headers.get_all("Connection");
        let (mut close, mut keep_alive) = (false, false);
        for option in options.flat_map(|value| value.split(|octet| *octet == b',')) {
            let option = option.trim_ascii();
            close |= option.eq_ignore_ascii_case(b"close");
            keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
        !close && (keep_alive || self.version == Version::HTTP_11)
    }
}

impl fmt::Debug for ReceivedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedHead")
            .field("version", &self.version)
            .field("status", &self.status)
            .field("reason", &self.reason())
            .field("headers", &self.headers)
            .finish()
    }
}

/// Why the head or the framing of a response is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedResponse {
    reason: String,
}

impl MalformedResponse {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// Returns what is wrong, or which limit is exceeded.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for MalformedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed response: {}", self.reason)
    }
}

impl std::error::Error for MalformedResponse {}

/// Parses the head of a response from the start of `bytes`; also returns its length in octets, the
/// blank line included.
///
/// `Ok(None)` means that the head is not complete: nothing was consumed, call again with more.
///
/// # Errors
///
/// [`MalformedResponse`] for whatever RFC 9112 §4 and §5 do not have, and beyond the limits. The
/// connection cannot go on after it.
///
/// # Examples
///
/// ```
/// use waterspout_http::h1::response::{ResponseLimits, parse_response};
///
/// let limits = ResponseLimits::default();
/// let bytes = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
/// assert!(parse_response(&bytes[..20], &limits)?.is_none());
/// let (head, len) = parse_response(bytes, &limits)?.expect("it is complete");
/// assert_eq!((head.status().as_u16(), head.reason(), len), (404, "Not Found", bytes.len()));
/// # Ok::<(), waterspout_http::h1::response::MalformedResponse>(())
/// ```
pub fn parse_response(
    bytes: &[u8],
    limits: &ResponseLimits,
) -> Result<Option<(ReceivedHead, usize)>, MalformedResponse> {
    let parsed = parse(bytes, limits);
    match parsed {
        Ok((_, len)) if len > limits.head => Err(head_too_large(limits)),
        Err(Stop::Partial) if bytes.len() >= limits.head => Err(head_too_large(limits)),
        Ok(parsed) => Ok(Some(parsed)),
        Err(Stop::Partial) => Ok(None),
        Err(Stop::Bad(rejection)) => Err(MalformedResponse::new(rejection.reason())),
    }
}

fn parse(bytes: &[u8], limits: &ResponseLimits) -> Result<(ReceivedHead, usize), Stop> {
    let line = status_line(bytes)?;
    let mut headers = Headers::new();
    let mut at = line.len;
    loop {
        let rest = &bytes[at..];
        match rest {
            [b'\r', b'\n', ..] => break,
            [b'\r'] | [] => return Err(Stop::Partial),
            [b'\r', ..] => return Err(Stop::bad("line does not end in CR LF")),
            _ => {}
        }
        let field = field_line(rest)?;
        if headers.len() == limits.fields {
            return Err(Stop::bad("too many header fields (limit max_headers)"));
        }
        let (start, end) = field.value;
        headers.push_range((at, field.name), (at + start, end - start));
        at += field.len;
        if at > limits.head {
            return Err(Stop::Partial);
        }
    }
    headers.keep_block(&bytes[..at + 2]);
    let head = ReceivedHead {
        version: line.version,
        status: line.status,
        reason: line.reason,
        headers,
    };
    Ok((head, at + 2))
}

#[cold]
fn head_too_large(limits: &ResponseLimits) -> MalformedResponse {
    MalformedResponse::new(format!(
        "head exceeds {} octets (limit max_header_size)",
        limits.head
    ))
}
