//! The lines of a head: the request line and one field at a time.

use http::{Method, Version};

use super::scan::{path_len, target_len, token_len, value_len};
use crate::{Rejection, Request};

/// Why a line is not taken.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The line is not complete yet; what has come of it is sound.
    Partial,
    /// The line is malformed, or beyond a limit. Boxed, so that the results of the parser fit into
    /// registers.
    Bad(Box<Rejection>),
}

impl Stop {
    #[cold]
    pub(super) fn bad(reason: &'static str) -> Self {
        Rejection::bad_request(reason).into()
    }
}

impl From<Rejection> for Stop {
    #[cold]
    fn from(rejection: Rejection) -> Self {
        Self::Bad(Box::new(rejection))
    }
}

/// Where the parts of a request line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine {
    /// Where the target begins.
    pub(super) start: usize,
    /// Where its first question mark stands, or its end if it has none.
    pub(super) mark: usize,
    /// Where the target ends.
    pub(super) end: usize,
    /// Where the next line begins.
    pub(super) len: usize,
}

/// RFC 9112 §3: `method SP request-target SP HTTP-version CRLF`, exactly one blank each.
#[inline]
pub(super) fn request_line(bytes: &[u8], request: &mut Request) -> Result<RequestLine, Stop> {
    let start = method(bytes, request)?;
    let mark = start + path_len(&bytes[start..]);
    let mut end = mark;
    if bytes.get(end) == Some(&b'?') {
        end += target_len(&bytes[end..]);
    }
    match bytes.get(end) {
        None => return Err(Stop::Partial),
        Some(b' ') if end > start => {}
        Some(_) => return Err(bad_target(&bytes[start..end], &bytes[end..])),
    }
    request.version = match bytes[end + 1..].first_chunk::<10>() {
        Some(b"HTTP/1.1\r\n") => Version::HTTP_11,
        Some(b"HTTP/1.0\r\n") => Version::HTTP_10,
        _ => return Err(bad_version(&bytes[end + 1..])),
    };
    Ok(RequestLine {
        start,
        mark,
        end,
        len: end + 11,
    })
}

/// Takes the method and returns where the target begins.
#[inline]
fn method(bytes: &[u8], request: &mut Request) -> Result<usize, Stop> {
    if bytes.starts_with(b"GET ") {
        request.method = Method::GET;
        return Ok(4);
    }
    let end = token_len(bytes);
    match bytes.get(end) {
        None => Err(Stop::Partial),
        Some(b' ') => {
            let method = Method::from_bytes(&bytes[..end]);
            request.method = method.map_err(|_| Stop::bad("method is not a token"))?;
            Ok(end + 1)
        }
        // RFC 9112 §2.2: a server may skip empty lines; the connection does, one of them.
        Some(b'\r' | b'\n') if end == 0 => Err(Stop::bad("empty line before the request line")),
        Some(_) => Err(Stop::bad("method is not a token")),
    }
}

#[cold]
fn bad_target(target: &[u8], rest: &[u8]) -> Stop {
    match rest.first() {
        Some(b' ') => Stop::bad("request line has no target or a blank too many"),
        Some(b'\r' | b'\n') if !target.is_empty() => Stop::bad("request line has no version"),
        _ => Stop::bad("request target has a character that no URI has"),
    }
}

/// RFC 9110 §15.6.6: 505 is for a version that is well-formed; anything else is malformed.
#[cold]
fn bad_version(rest: &[u8]) -> Stop {
    let start = &rest[..rest.len().min(10)];
    if b"HTTP/1.1\r\n".starts_with(start) || b"HTTP/1.0\r\n".starts_with(start) {
        return Stop::Partial;
    }
    match start {
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'0'..=b'9',
            b'.',
            b'0'..=b'9',
            end @ ..,
        ] => match end {
            b"\r\n" if start.starts_with(b"HTTP/1.1") || start.starts_with(b"HTTP/1.0") => {
                Stop::Partial
            }
            [] | [b'\r'] | b"\r\n" if !start.starts_with(b"HTTP/1.1") => {
                let status = http::StatusCode::HTTP_VERSION_NOT_SUPPORTED;
                let reason = "only HTTP/1.0 and HTTP/1.1 are supported";
                Rejection::new(status, reason).into()
            }
            _ => Stop::bad("line does not end in CR LF"),
        },
        _ => Stop::bad("malformed protocol version"),
    }
}

/// A field: where its parts begin and end, counted from the start of its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldLine {
    pub(super) name: usize,
    pub(super) value: (usize, usize),
    /// Where the next line begins.
    pub(super) len: usize,
}

/// RFC 9112 §5: `field-name ":" OWS field-value OWS CRLF`. No blank before the colon (§5.1), no
/// folding (§5.2), no bare CR or LF (§2.2).
#[inline]
pub(super) fn field_line(bytes: &[u8]) -> Result<FieldLine, Stop> {
    let name = token_len(bytes);
    match bytes.get(name) {
        Some(b':') if name > 0 => {}
        None => return Err(Stop::Partial),
        Some(octet) => return Err(bad_name(name, *octet)),
    }
    let mut start = name + 1;
    while bytes.get(start).copied().is_some_and(is_blank) {
        start += 1;
    }
    let mut end = start + value_len(&bytes[start..]);
    let len = match bytes[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [] | [b'\r'] => return Err(Stop::Partial),
        [b'\r' | b'\n', ..] => return Err(Stop::bad("line does not end in CR LF")),
        _ => return Err(Stop::bad("field value has a control character")),
    };
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    Ok(FieldLine {
        name,
        value: (start, end),
        len,
    })
}

#[cold]
fn bad_name(len: usize, octet: u8) -> Stop {
    match octet {
        b' ' | b'\t' if len == 0 => Stop::bad("folded field line"),
        b' ' | b'\t' => Stop::bad("blank between field name and colon"),
        b'\r' | b'\n' if len > 0 => Stop::bad("field line has no colon"),
        b'\n' => Stop::bad("line does not end in CR LF"),
        _ => Stop::bad("malformed field name"),
    }
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}
