//! The head of a response as octets.

use std::io::Write as _;

use http::StatusCode;

use crate::ResponseHead;

/// How the end of a response is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFraming {
    /// There is no body and none is described (204, 304 without a length, 1xx).
    None,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The end of the connection ends the body: a stream of unknown length for HTTP/1.0.
    Close,
}

/// What the connection wants to say of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Stay open, which HTTP/1.1 need not say.
    Open,
    /// Stay open, said to a client of HTTP/1.0.
    SayKeepAlive,
    /// Close after this response.
    Close,
    /// Go on with another protocol.
    Upgrade,
}

/// What the head of every `200 OK` begins with: the status line, `Server` and `Date`, put together
/// once a second.
#[derive(Debug, Default, Clone)]
pub struct Preamble {
    bytes: Vec<u8>,
    server: usize,
    date: usize,
}

const STATUS_OK: &[u8] = b"HTTP/1.1 200 OK\r\n";

impl Preamble {
    /// Puts the preamble together; an empty `server` leaves that field out.
    #[must_use]
    pub fn new(server: &[u8], date: &[u8]) -> Self {
        let mut bytes = STATUS_OK.to_vec();
        if !server.is_empty() {
            field(b"Server", server, &mut bytes);
        }
        let at = bytes.len();
        field(b"Date", date, &mut bytes);
        Self {
            bytes,
            server: STATUS_OK.len(),
            date: at,
        }
    }

    /// Appends as much of it as goes with a head.
    #[inline]
    fn append(&self, head: &ResponseHead, out: &mut Vec<u8>) {
        let fields = head.headers();
        if head.is_plain_ok() && fields.is_empty() {
            out.extend_from_slice(&self.bytes);
            return;
        }
        status_line(head, out);
        if !fields.contains("server") {
            out.extend_from_slice(&self.bytes[self.server..self.date]);
        }
        if !fields.contains("date") {
            out.extend_from_slice(&self.bytes[self.date..]);
        }
    }
}

/// Appends the head of a response to `out`.
///
/// Fields of `head` that frame the message are left out: the caller has decided on them. The order
/// is `Server`, `Date`, `Content-Type`, the handler's fields, `Content-Length`, then `Connection` and
/// `Transfer-Encoding`.
#[inline]
pub fn encode_head(
    head: &ResponseHead,
    framing: ResponseFraming,
    persistence: Persistence,
    preamble: &Preamble,
    out: &mut Vec<u8>,
) {
    preamble.append(head, out);
    let fields = head.headers();
    if let (Some(kind), ResponseFraming::Length(length)) = (head.default_content_type(), framing)
        && (fields.is_empty() && persistence == Persistence::Open)
        && !is_bodiless(head.status())
    {
        return plain_ending(kind, length, out);
    }
    if let Some(kind) = head.default_content_type()
        && (fields.is_empty() || !fields.contains("content-type"))
        && !is_bodiless(head.status())
    {
        field(b"Content-Type", kind.as_bytes(), out);
    }
    for (name, value) in fields.iter_bytes() {
        if !is_framing(name) {
            field(name, value, out);
        }
    }
    ending(framing, persistence, out);
}

fn status_line(head: &ResponseHead, out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(head.status().as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(head.reason().as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The end of most heads, in as few steps as can be.
#[inline]
fn plain_ending(kind: &str, length: u64, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    out.extend_from_slice(b"Content-Type: ");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\r\nContent-Length: ");
    out.extend_from_slice(digits.format(length).as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
}

fn ending(framing: ResponseFraming, persistence: Persistence, out: &mut Vec<u8>) {
    if let ResponseFraming::Length(length) = framing {
        out.extend_from_slice(b"Content-Length: ");
        let mut digits = itoa::Buffer::new();
        out.extend_from_slice(digits.format(length).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    match persistence {
        Persistence::Open => {}
        Persistence::SayKeepAlive => field(b"Connection", b"keep-alive", out),
        Persistence::Close => field(b"Connection", b"close", out),
        Persistence::Upgrade => field(b"Connection", b"Upgrade", out),
    }
    if framing == ResponseFraming::Chunked {
        field(b"Transfer-Encoding", b"chunked", out);
    }
    out.extend_from_slice(b"\r\n");
}

#[inline]
fn field(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Fields that the connection decides on.
fn is_framing(name: &[u8]) -> bool {
    match name.len() {
        10 => name.eq_ignore_ascii_case(b"connection"),
        14 => name.eq_ignore_ascii_case(b"content-length"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    }
}

/// Tells whether a response of this status has no body, whatever its fields say (RFC 9112 §6.3
/// rule 1).
#[inline]
#[must_use]
pub fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}

/// Appends an interim response without fields, such as `100 Continue`.
pub fn encode_interim(status: StatusCode, out: &mut Vec<u8>) {
    let reason = status.canonical_reason().unwrap_or("Unknown");
    // A vector takes every write.
    let _infallible = write!(out, "HTTP/1.1 {} {reason}\r\n\r\n", status.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(head: &ResponseHead, framing: ResponseFraming, persistence: Persistence) -> String {
        let mut out = Vec::new();
        encode_head(
            head,
            framing,
            persistence,
            &Preamble::new(b"W", b"D"),
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn writes_the_fields_in_order() {
        let mut head = ResponseHead::new();
        head.set_content_type("text/plain");
        head.headers_mut().append("X-A", "1").unwrap();
        head.headers_mut().append("Content-Length", "99").unwrap();
        head.headers_mut().append("x-a", "2").unwrap();
        assert_eq!(
            encode(&head, ResponseFraming::Length(5), Persistence::Close),
            "HTTP/1.1 200 OK\r\nServer: W\r\nDate: D\r\nContent-Type: text/plain\r\nX-A: 1\r\n\
             x-a: 2\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_plain_head_is_what_the_general_way_would_write() {
        let mut head = ResponseHead::new();
        head.set_content_type("text/plain");
        assert_eq!(
            encode(&head, ResponseFraming::Length(13), Persistence::Open),
            "HTTP/1.1 200 OK\r\nServer: W\r\nDate: D\r\nContent-Type: text/plain\r\n\
             Content-Length: 13\r\n\r\n"
        );
    }

    #[test]
    fn a_field_of_the_handler_wins_over_the_connections_own() {
        let mut head = ResponseHead::new();
        head.set_content_type("text/plain");
        for name in ["Server", "date", "content-type"] {
            head.headers_mut().append(name, "mine").unwrap();
        }
        assert_eq!(
            encode(&head, ResponseFraming::Chunked, Persistence::SayKeepAlive),
            "HTTP/1.1 200 OK\r\nServer: mine\r\ndate: mine\r\ncontent-type: mine\r\n\
             Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
    }

    #[test]
    fn an_unknown_status_has_a_reason_and_a_bodiless_one_no_type() {
        let mut head = ResponseHead::new();
        head.set_status(StatusCode::from_u16(435).unwrap());
        assert!(
            encode(&head, ResponseFraming::None, Persistence::Open).contains("435 Unknown\r\n")
        );
        head.set_status(StatusCode::NO_CONTENT);
        head.set_content_type("text/plain");
        assert_eq!(
            encode(&head, ResponseFraming::None, Persistence::Open),
            "HTTP/1.1 204 No Content\r\nServer: W\r\nDate: D\r\n\r\n"
        );
        assert!(head.set_reason("a\r\nb").is_err() && head.set_reason("<b>").is_err());
    }
}
