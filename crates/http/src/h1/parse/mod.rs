//! The head of a request: httparse, and on top of it what it is lax about.

use std::mem::MaybeUninit;

use http::{Method, StatusCode, Version};

use super::framing::{Framing, FramingFields};
use super::target;
use crate::request::Host;
use crate::{Rejection, Request};

/// Fields parsed without an allocation. A higher limit costs one per request.
const STACK_FIELDS: usize = 100;

/// Limits of a request head.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Octets of the whole head.
    pub head: usize,
    /// Number of fields.
    pub fields: usize,
    /// Octets of the request target.
    pub target: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            fields: 100,
            target: 16 * 1024,
        }
    }
}

/// What a head says besides the [`Request`] it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Octets of the head, the blank line included.
    pub len: usize,
    /// How the body is framed.
    pub framing: Framing,
    /// The connection can stay open for another request.
    pub keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// Parses the head of a request from the start of `bytes` into `request`.
///
/// `Ok(None)` means that the head is not complete: nothing was consumed, call again with more.
///
/// # Errors
///
/// A [`Rejection`] with the status to answer. The connection cannot go on after it.
pub fn parse_request(
    bytes: &[u8],
    limits: &HeadLimits,
    request: &mut Request,
) -> Result<Option<Head>, Rejection> {
    if limits.fields <= STACK_FIELDS {
        let mut fields = [const { MaybeUninit::uninit() }; STACK_FIELDS];
        return parse_with(bytes, limits, request, &mut fields[..limits.fields]);
    }
    let mut fields = vec![MaybeUninit::uninit(); limits.fields];
    parse_with(bytes, limits, request, &mut fields)
}

fn parse_with<'b>(
    bytes: &'b [u8],
    limits: &HeadLimits,
    request: &mut Request,
    fields: &mut [MaybeUninit<httparse::Header<'b>>],
) -> Result<Option<Head>, Rejection> {
    let mut parsed = httparse::Request::new(&mut []);
    // Empty lines before the request line are the connection's to skip, and at most one of them.
    if matches!(bytes.first(), Some(b'\r' | b'\n')) {
        return Err(Rejection::bad_request("empty line before the request line"));
    }
    let len = match parsed.parse_with_uninit_headers(bytes, fields) {
        Ok(httparse::Status::Complete(len)) if len <= limits.head => len,
        Ok(httparse::Status::Complete(_)) => return Err(head_too_large(limits)),
        Ok(httparse::Status::Partial) => return check_partial(bytes, limits).map(|()| None),
        Err(error) => return Err(refuse(error, bytes, limits)),
    };
    let (Some(method), Some(path), Some(minor)) = (parsed.method, parsed.path, parsed.version)
    else {
        return Err(Rejection::bad_request("malformed request line"));
    };
    if path.len() > limits.target {
        return Err(target_too_long(limits));
    }
    request.method = Method::from_bytes(method.as_bytes())
        .map_err(|_| Rejection::bad_request("method is not a token"))?;
    request.version = if minor == 0 {
        Version::HTTP_10
    } else {
        Version::HTTP_11
    };
    request.target.push_str(path);
    request.headers.start(&bytes[..len]);
    check_line_ends(bytes, len, parsed.headers)?;
    let known = Known::gather(bytes, parsed.headers, request);
    finish(request, &known, len).map(Some)
}

/// Checks the target, the host and the framing of a head whose lines are sound.
fn finish(request: &mut Request, known: &Known<'_>, len: usize) -> Result<Head, Rejection> {
    let target = target::parse(&request.method, &request.target)?;
    request.path = target.path;
    request.query = target.query;
    request.host = host(known, request.version, target.authority)?;
    let framing = known.framing.decide(request.version)?;
    request.content_length = match framing {
        Framing::Length(length) => Some(length),
        Framing::None if known.framing.content_length.is_some() => Some(0),
        _ => None,
    };
    let expects_continue = match known.expect {
        // RFC 9110 §10.1.1: an expectation in HTTP/1.0 is ignored; an unknown one may be refused.
        None => false,
        Some(_) if request.version == Version::HTTP_10 => false,
        Some(value) if value.eq_ignore_ascii_case(b"100-continue") => true,
        Some(_) => {
            let status = StatusCode::EXPECTATION_FAILED;
            return Err(Rejection::new(status, "Expect is not 100-continue"));
        }
    };
    let keep_alive = match request.version {
        Version::HTTP_10 => known.keep_alive && !known.close,
        _ => !known.close,
    };
    Ok(Head {
        len,
        framing,
        keep_alive,
        expects_continue,
    })
}

/// RFC 9112 §3.2: exactly one valid `Host` in HTTP/1.1; an absolute form wins over it.
fn host(
    known: &Known<'_>,
    version: Version,
    authority: Option<std::ops::Range<usize>>,
) -> Result<Host, Rejection> {
    match known.host {
        Some(_) if known.hosts > 1 => Err(Rejection::bad_request("Host is repeated")),
        Some(value) if !target::is_host(value) => Err(Rejection::bad_request("Host is invalid")),
        None if version != Version::HTTP_10 => Err(Rejection::bad_request("Host is missing")),
        known => Ok(match (authority, known) {
            (Some(range), _) => Host::Target(range),
            (None, Some(_)) => Host::Field,
            (None, None) => Host::None,
        }),
    }
}

/// The fields that the connection itself acts on.
#[derive(Debug, Default)]
struct Known<'b> {
    framing: FramingFields<'b>,
    host: Option<&'b [u8]>,
    hosts: usize,
    expect: Option<&'b [u8]>,
    close: bool,
    keep_alive: bool,
}

impl<'b> Known<'b> {
    /// Notes every field in the request's table, and those that the connection acts on.
    #[inline]
    fn gather(bytes: &'b [u8], fields: &[httparse::Header<'b>], request: &mut Request) -> Self {
        let mut known = Self::default();
        let base = bytes.as_ptr().addr();
        for field in fields {
            let name = field.name.as_bytes();
            let range = |part: &[u8]| {
                // The head's limit keeps offsets far below 4 GiB.
                let start = u32::try_from(part.as_ptr().addr() - base).unwrap_or(0);
                (start, u32::try_from(part.len()).unwrap_or(0))
            };
            // An empty value may point anywhere.
            let value = if field.value.is_empty() {
                (0, 0)
            } else {
                range(field.value)
            };
            request.headers.push_range(range(name), value);
            if matches!(name.len(), 4 | 6 | 10 | 14 | 17) {
                known.note(name, field.value);
            }
        }
        known
    }

    fn note(&mut self, name: &[u8], value: &'b [u8]) {
        if name.eq_ignore_ascii_case(b"host") {
            self.host = Some(value);
            self.hosts += 1;
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.connection(value);
        } else if name.eq_ignore_ascii_case(b"content-length") {
            self.framing.repeated |= self.framing.content_length.replace(value).is_some();
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.framing.repeated |= self.framing.transfer_encoding.replace(value).is_some();
        } else if name.eq_ignore_ascii_case(b"expect") {
            self.expect = Some(value);
        }
    }

    /// RFC 9110 §7.6.1: a list; `close` wins over `keep-alive` wherever it stands.
    fn connection(&mut self, value: &[u8]) {
        for option in value.split(|octet| *octet == b',') {
            let option = option.trim_ascii();
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }
}

/// httparse takes a bare LF for a line end. A line ends where the next name begins, so looking at
/// the two octets before each name, and at the last four of the head, refuses it without a pass.
#[inline]
fn check_line_ends(
    bytes: &[u8],
    len: usize,
    fields: &[httparse::Header<'_>],
) -> Result<(), Rejection> {
    let base = bytes.as_ptr().addr();
    let ends = fields.iter().all(|field| {
        let start = field.name.as_ptr().addr() - base;
        bytes[..start].ends_with(b"\r\n")
    });
    if ends && bytes[..len].ends_with(b"\r\n\r\n") {
        Ok(())
    } else {
        Err(Rejection::bad_request("line does not end in CR LF"))
    }
}

/// Refuses a head that is not complete and can no longer become one within its limits.
pub(crate) fn check_partial(bytes: &[u8], limits: &HeadLimits) -> Result<(), Rejection> {
    // The longest standard method has 7 letters; a longer one is not worth waiting for.
    const REST_OF_LINE: usize = 32 + " HTTP/1.1\r\n".len();
    let line = limits.target + REST_OF_LINE;
    if bytes.len() >= line && memchr::memchr(b'\n', &bytes[..line]).is_none() {
        return Err(target_too_long(limits));
    }
    if bytes.len() >= limits.head {
        return Err(head_too_large(limits));
    }
    Ok(())
}

fn refuse(error: httparse::Error, bytes: &[u8], limits: &HeadLimits) -> Rejection {
    let reason = match error {
        httparse::Error::HeaderName => "malformed field name",
        httparse::Error::HeaderValue => "field value has a control character",
        httparse::Error::NewLine => "line does not end in CR LF",
        httparse::Error::TooManyHeaders => {
            let text = format!(
                "more than {} header fields (limit max_headers)",
                limits.fields
            );
            return Rejection::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text);
        }
        httparse::Error::Version => return version(bytes),
        httparse::Error::Token | httparse::Error::Status => "malformed request line",
    };
    Rejection::bad_request(reason)
}

/// RFC 9110 §15.6.6: 505 is for a version that is well-formed; anything else is malformed.
fn version(bytes: &[u8]) -> Rejection {
    let line = bytes
        .split(|octet| *octet == b'\r')
        .next()
        .unwrap_or_default();
    let version = line
        .rsplit(|octet| *octet == b' ')
        .next()
        .unwrap_or_default();
    match version {
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
            let status = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
            Rejection::new(status, "only HTTP/1.0 and HTTP/1.1 are supported")
        }
        _ => Rejection::bad_request("malformed protocol version"),
    }
}

fn head_too_large(limits: &HeadLimits) -> Rejection {
    let text = format!(
        "request head exceeds {} octets (limit max_header_size)",
        limits.head
    );
    Rejection::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text)
}

fn target_too_long(limits: &HeadLimits) -> Rejection {
    let text = format!(
        "request target exceeds {} octets (limit max_uri_size)",
        limits.target
    );
    Rejection::new(StatusCode::URI_TOO_LONG, text)
}

#[cfg(test)]
mod tests;
