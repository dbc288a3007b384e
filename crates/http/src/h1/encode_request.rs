//! The head of a request, as a client writes it.

use std::fmt;

use http::Method;

use crate::headers::{is_field_octet, is_token};

/// How the body of a request is framed. There is no way to write a body without one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFraming {
    /// There is no body, and no field says so.
    None,
    /// The body has this many octets, which may be none.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
}

/// A head that must not be sent: it could be read as something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRequestHead {
    reason: String,
}

impl InvalidRequestHead {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for InvalidRequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for InvalidRequestHead {}

/// Appends the head of an HTTP/1.1 request: the request line, `fields` in their order, the framing.
///
/// # Errors
///
/// [`InvalidRequestHead`], with `out` as it was, if the target has an octet other than visible
/// ASCII, if a name is not a token, if a value has a control octet (CR, LF and NUL among them), if
/// `fields` has no `Host` or several, or if it has `Content-Length` or `Transfer-Encoding`: those
/// come from `framing` alone.
///
/// # Examples
///
/// ```
/// use waterspout_http::Method;
/// use waterspout_http::h1::encode_request::{RequestFraming, encode_request};
///
/// let mut out = Vec::new();
/// let fields = [(&b"Host"[..], &b"example.com"[..])];
/// encode_request(&Method::POST, "/a?b", fields, RequestFraming::Length(3), &mut out)?;
/// assert_eq!(out, b"POST /a?b HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\n");
///
/// let fields = [(&b"Host"[..], &b"example.com\r\nX: y"[..])];
/// assert!(encode_request(&Method::GET, "/", fields, RequestFraming::None, &mut out).is_err());
/// # Ok::<(), waterspout_http::h1::encode_request::InvalidRequestHead>(())
/// ```
pub fn encode_request<'h>(
    method: &Method,
    target: &str,
    fields: impl IntoIterator<Item = (&'h [u8], &'h [u8])>,
    framing: RequestFraming,
    out: &mut Vec<u8>,
) -> Result<(), InvalidRequestHead> {
    let before = out.len();
    let encoded = append(method, target, fields, framing, out);
    if encoded.is_err() {
        out.truncate(before);
    }
    encoded
}

fn append<'h>(
    method: &Method,
    target: &str,
    fields: impl IntoIterator<Item = (&'h [u8], &'h [u8])>,
    framing: RequestFraming,
    out: &mut Vec<u8>,
) -> Result<(), InvalidRequestHead> {
    if target.is_empty() || !target.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(InvalidRequestHead::new(
            "request target has a character that must be percent-encoded",
        ));
    }
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let mut hosts = 0;
    for (name, value) in fields {
        check(name, value)?;
        hosts += usize::from(name.eq_ignore_ascii_case(b"host"));
        field(name, value, out);
    }
    if hosts != 1 {
        // RFC 9112 §3.2: exactly one.
        return Err(InvalidRequestHead::new(
            "a request has exactly one Host field",
        ));
    }
    match framing {
        RequestFraming::None => {}
        RequestFraming::Length(length) => {
            let mut digits = itoa::Buffer::new();
            field(b"Content-Length", digits.format(length).as_bytes(), out);
        }
        RequestFraming::Chunked => field(b"Transfer-Encoding", b"chunked", out),
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

fn check(name: &[u8], value: &[u8]) -> Result<(), InvalidRequestHead> {
    let refuse = |why: &str| {
        let name = String::from_utf8_lossy(name);
        let name: String = name.escape_debug().take(64).collect();
        Err(InvalidRequestHead::new(format!(
            "header field {name:?} {why}"
        )))
    };
    if name.is_empty() || !name.iter().all(|octet| is_token(*octet)) {
        return refuse("has a name that is not a token");
    }
    if !value.iter().all(|octet| is_field_octet(*octet)) {
        return refuse("has a control character in its value");
    }
    let framing = [&b"content-length"[..], b"transfer-encoding"];
    if framing.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return refuse("is written by the client, from the body");
    }
    Ok(())
}

fn field(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(target: &str, fields: &[(&str, &str)]) -> Result<String, InvalidRequestHead> {
        let mut out = b"before".to_vec();
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let encoded = encode_request(&Method::GET, target, fields, RequestFraming::None, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(encoded.is_ok() || text == "before", "{text:?}");
        encoded.map(|()| text)
    }

    #[test]
    fn refuses_octets_that_would_split_a_request() {
        let host = ("Host", "a");
        for target in ["", "/ x", "/\r\nX: y", "/\n", "/\0", "/é", "/\x7f"] {
            assert!(encode(target, &[host]).is_err(), "{target:?}");
        }
        for field in [
            ("A", "b\r\nC: d"),
            ("A", "b\n"),
            ("A", "\0"),
            ("A\r\n", "b"),
            ("A:", "b"),
            ("", ""),
        ] {
            assert!(encode("/", &[host, field]).is_err(), "{field:?}");
        }
        assert_eq!(
            encode("/", &[host]).unwrap(),
            "beforeGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        );
    }

    #[test]
    fn framing_comes_from_the_body_alone_and_host_is_there_once() {
        let host = ("Host", "a");
        for fields in [
            &[][..],
            &[host, host],
            &[host, ("content-length", "3")],
            &[host, ("Transfer-Encoding", "chunked")],
        ] {
            assert!(encode("/", fields).is_err(), "{fields:?}");
        }
    }
}
