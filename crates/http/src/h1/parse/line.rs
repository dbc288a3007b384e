//! The lines of a head: the request line and one field at a time.

use http::{Method, Version};

use super::scan::{target_len, token_len, value_len};
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
    pub(super) version: Version,
    /// Where the next line begins.
    pub(super) len: usize,
}

/// RFC 9112 §3: `method SP request-target SP HTTP-version CRLF`, exactly one blank each.
#[inline]
pub(super) fn request_line(bytes: &[u8]) -> Result<RequestLine, Stop> {
    let (method, start) = method(bytes)?;
    let end = start + target_len(&bytes[start..]);
    match bytes.get(end) {
        None => return Err(Stop::Partial),
        Some(b' ') if end > start => {}
        Some(_) => return Err(bad_target(&bytes[start..end], &bytes[end..])),
    }
    let version = match bytes[end + 1..].first_chunk::<10>() {
        Some(b"HTTP/1.1\r\n") => Version::HTTP_11,
        Some(b"HTTP/1.0\r\n") => Version::HTTP_10,
        _ => return Err(bad_version(&bytes[end + 1..])),
    };
    Ok(RequestLine {
        method,
        target: (start, end),
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
    const FORM: &[u8] = b"HTTP/0.0\r\n";
    let fits = |(octet, form): (&u8, &u8)| match form {
        b'0' => octet.is_ascii_digit(),
        form => octet == form,
    };
    if !rest.iter().zip(FORM).all(fits) {
        return Stop::bad("malformed protocol version, or line does not end in CR LF");
    }
    if rest.len() < FORM.len() {
        return Stop::Partial;
    }
    let status = http::StatusCode::HTTP_VERSION_NOT_SUPPORTED;
    let reason = "only HTTP/1.0 and HTTP/1.1 are supported";
    Stop::Bad(Rejection::new(status, reason))
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
    let blanks = bytes[name + 1..]
        .iter()
        .take_while(|octet| is_blank(**octet))
        .count();
    let start = name + 1 + blanks;
    let end = start + value_len(&bytes[start..]);
    match bytes[end..] {
        [b'\r', b'\n', ..] => {}
        [] | [b'\r'] => return Err(Stop::Partial),
        [b'\r' | b'\n', ..] => return Err(Stop::bad("line does not end in CR LF")),
        _ => return Err(Stop::bad("field value has a control character")),
    }
    let trailing = bytes[start..end]
        .iter()
        .rev()
        .take_while(|octet| is_blank(**octet))
        .count();
    Ok(FieldLine {
        name,
        value: (start, end - trailing),
        len: end + 2,
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
