//! The head of a request, in one strict pass.
//!
//! It takes less than RFC 9112 lets a recipient take: no bare line feeds, no folding, no empty line
//! first, one blank where one belongs. What a lax reader takes is what requests are smuggled by.

mod known;
mod line;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use http::{Method, StatusCode};

use self::known::Known;
pub(crate) use self::line::Stop;
pub(super) use self::line::field_line;
use self::line::{RequestLine, request_line};
pub(super) use self::scan::run_len;
use super::framing::Framing;
use super::target;
use crate::{Rejection, Request};

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
/// A [`Rejection`] with the status to answer. The connection cannot go on after it. `request` then holds
/// the lines before the one at fault.
///
/// # Examples
///
/// ```
/// use waterspout_http::Request;
/// use waterspout_http::h1::parse::{HeadLimits, parse_request};
///
/// let mut request = Request::new();
/// let limits = HeadLimits::default();
/// let bytes = b"GET /a?b HTTP/1.1\r\nHost: example.com\r\n\r\n";
/// assert!(parse_request(&bytes[..20], &limits, &mut request)?.is_none());
/// let head = parse_request(bytes, &limits, &mut request)?.expect("it is complete");
/// assert_eq!((head.len, request.path()), (bytes.len(), "/a"));
/// # Ok::<(), waterspout_http::Rejection>(())
/// ```
pub fn parse_request(
    bytes: &[u8],
    limits: &HeadLimits,
    request: &mut Request,
) -> Result<Option<Head>, Rejection> {
    match parse(bytes, limits, request) {
        Ok(head) => Ok(Some(head)),
        Err(Stop::Bad(rejection)) => Err(*rejection),
        Err(Stop::Partial) => Ok(None),
    }
}

/// As [`parse_request`], with a result of a few words.
#[inline]
pub(crate) fn parse(
    bytes: &[u8],
    limits: &HeadLimits,
    request: &mut Request,
) -> Result<Head, Stop> {
    match parse_lines(bytes, limits, request) {
        Ok(head) if head.len > limits.head => Err(head_too_large(limits).into()),
        Err(stop) => {
            keep_what_was_read(bytes, limits, request);
            if let Stop::Partial = stop {
                check_partial(bytes, limits)?;
            }
            Err(stop)
        }
        result => result,
    }
}

/// Copies the lines before the one where the parser stopped: who answers the request looks at them, and
/// what is noted of fields stands in the copy.
#[cold]
fn keep_what_was_read(bytes: &[u8], limits: &HeadLimits, request: &mut Request) {
    if !request.headers.block().is_empty() {
        return;
    }
    let Ok(line) = request_line(bytes, request) else {
        return;
    };
    if line.end - line.start > limits.target {
        return;
    }
    let end = request.headers.noted().max(line.end);
    request.headers.keep_block(&bytes[..end]);
    request.target = line.start..line.end;
    if bytes[line.start] == b'/' {
        request.path = line.start..line.mark;
        request.query = (line.mark < line.end).then_some(line.mark + 1);
    }
}

#[inline]
fn parse_lines(bytes: &[u8], limits: &HeadLimits, request: &mut Request) -> Result<Head, Stop> {
    request.clear();
    let line = request_line(bytes, request)?;
    if line.end - line.start > limits.target {
        return Err(target_too_long(limits).into());
    }
    let mut known = Known::default();
    let mut at = line.len;
    while let Some(next) = field(bytes, at, limits, request, &mut known)? {
        at = next;
    }
    request.headers.keep_block(&bytes[..at + 2]);
    request.target = line.start..line.end;
    finish(bytes, &line, request, &known)?;
    let framing = known.framing.decide(request.version)?;
    request.content_length = match framing {
        Framing::Length(length) => Some(length),
        Framing::None if known.framing.content_length.is_some() => Some(0),
        _ => None,
    };
    Ok(Head {
        len: at + 2,
        framing,
        keep_alive: known.keep_alive(request.version),
        expects_continue: known.expects_continue(request.version)?,
    })
}

/// Notes the field at `at` in the request's table, and if the connection acts on it. Returns where
/// the next line begins, or `None` at the empty line that ends the head.
#[inline]
fn field<'b>(
    bytes: &'b [u8],
    at: usize,
    limits: &HeadLimits,
    request: &mut Request,
    known: &mut Known<'b>,
) -> Result<Option<usize>, Stop> {
    let rest = &bytes[at..];
    if let [b'\r', rest @ ..] = rest {
        return match rest.first() {
            Some(b'\n') => Ok(None),
            Some(_) => Err(Stop::bad("line does not end in CR LF")),
            None => Err(Stop::Partial),
        };
    }
    let line = field_line(rest)?;
    if request.headers.len() == limits.fields {
        return Err(too_many_fields(limits).into());
    }
    let (start, end) = line.value;
    known.note(&rest[..line.name], &rest[start..end]);
    request
        .headers
        .push_range((at, line.name), (at + start, end - start));
    Ok(Some(at + line.len))
}

/// Checks target and host and notes where their parts stand.
#[inline]
fn finish(
    bytes: &[u8],
    line: &RequestLine,
    request: &mut Request,
    known: &Known<'_>,
) -> Result<(), Stop> {
    let mut authority = None;
    request.path = line.start..line.mark;
    request.query = (line.mark < line.end).then_some(line.mark + 1);
    if bytes[line.start] != b'/' || request.method == Method::CONNECT {
        let mark = request.query.map(|_| line.mark - line.start);
        let target = &bytes[line.start..line.end];
        let target = target::parse_checked(&request.method, target, mark)?;
        request.path = line.start + target.path.start..line.start + target.path.end;
        let absolute = |range: Range<usize>| line.start + range.start..line.start + range.end;
        authority = target.authority.map(absolute);
    }
    request.host = known.host(request.version, authority, &mut request.sound_host)?;
    Ok(())
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

#[cold]
fn too_many_fields(limits: &HeadLimits) -> Rejection {
    let text = format!(
        "more than {} header fields (limit max_headers)",
        limits.fields
    );
    Rejection::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text)
}

#[cold]
fn head_too_large(limits: &HeadLimits) -> Rejection {
    let text = format!(
        "request head exceeds {} octets (limit max_header_size)",
        limits.head
    );
    Rejection::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text)
}

#[cold]
fn target_too_long(limits: &HeadLimits) -> Rejection {
    let text = format!(
        "request target exceeds {} octets (limit max_uri_size)",
        limits.target
    );
    Rejection::new(StatusCode::URI_TOO_LONG, text)
}
