//! The lines of a head: the request line and one field at a time.

use http::{Method, Version};

use super::scan::{path_len, target_len, token_len, value_len};
use crate::Rejection;

/// Why a line is not taken.
#[derive(Debug)]
pub(super) enum Stop {
    /// The line is not complete yet; what has come of it is sound.
    Partial,
    /// The line is malformed.
    Bad(Rejection),
}

impl Stop {
    pub(super) fn bad(reason: &'static str) -> Self {
        Self::Bad(Rejection::bad_request(reason))
    }
}

/// A request line: where its parts end.
#[derive(Debug)]
pub(super) struct RequestLine {
    pub(super) method: Method,
    /// Where the target begins and ends.
    pub(super) target: (usize, usize),
    /// Where the first question mark stands in the target.
    pub(super) mark: Option<usize>,
    pub(super) version: Version,
    /// Where the next line begins.
    pub(super) len: usize,
}

/// RFC 9112 §3: `method SP request-target SP HTTP-version CRLF`, exactly one blank each.
#[inline]
pub(super) fn request_line(bytes: &[u8]) -> Result<RequestLine, Stop> {
    let (method, start) = method(bytes)?;
    let mut end = start + path_len(&bytes[start..]);
    let mut mark = None;
    if bytes.get(end) == Some(&b'?') {
        mark = Some(end - start);
        end += target_len(&bytes[end..]);
    }
    match bytes.get(end) {
        None => return Err(Stop::Partial),
        Some(b' ') if end > start => {}
        Some(_) => return Err(bad_target(&bytes[start..end], &bytes[end..])),
    }
    let version = match bytes[end + 1..].first_chunk::<10>() {
        Some(
            [
                b'H',
                b'T',
                b'T',
                b'P',
                b'/',
                b'1',
                b'.',
                minor,
                b'\r',
                b'\n',
            ],
        ) => match minor {
            b'1' => Version::HTTP_11,
            b'0' => Version::HTTP_10,
            _ => return Err(bad_version(&bytes[end + 1..])),
        },
        _ => return Err(bad_version(&bytes[end + 1..])),
    };
    Ok(RequestLine {
        method,
        target: (start, end),
        mark,
        version,
        len: end + 11,
    })
}

#[inline]
fn method(bytes: &[u8]) -> Result<(Method, usize), Stop> {
    if bytes.starts_with(b"GET ") {
        return Ok((Method::GET, 4));
    }
    let end = token_len(bytes);
    match bytes.get(end) {
        None => Err(Stop::Partial),
        Some(b' ') => {
            let method = Method::from_bytes(&bytes[..end]);
            Ok((
                method.map_err(|_| Stop::bad("method is not a token"))?,
                end + 1,
            ))
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
                Stop::Bad(Rejection::new(status, reason))
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
