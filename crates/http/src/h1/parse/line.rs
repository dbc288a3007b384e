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
    pub(in crate::h1) fn bad(reason: &'static str) -> Self {
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
    let rest = &bytes[end + 1..];
    let Some((version, [b'\r', b'\n', ..])) = rest.split_first_chunk::<8>() else {
        return Err(bad_version(rest));
    };
    // Compared as wholes: a pattern would look at one octet after the other.
    request.version = if *version == *b"HTTP/1.1" {
        Version::HTTP_11
    } else if *version == *b"HTTP/1.0" {
        Version::HTTP_10
    } else {
        return Err(bad_version(rest));
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
    Rejection::new(status, reason).into()
}

/// A field: where its parts begin and end, counted from the start of its line.
#[derive(Debug, Clone, Copy)]
pub(in crate::h1) struct FieldLine {
    pub(in crate::h1) name: usize,
    pub(in crate::h1) value: (usize, usize),
    /// Where the next line begins.
    pub(in crate::h1) len: usize,
}

/// RFC 9112 §5: `field-name ":" OWS field-value OWS CRLF`. No blank before the colon (§5.1), no
/// folding (§5.2), no bare CR or LF (§2.2).
#[inline]
pub(in crate::h1) fn field_line(bytes: &[u8]) -> Result<FieldLine, Stop> {
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
