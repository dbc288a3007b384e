//! The head of a request, in one strict pass.
//!
//! It takes less than RFC 9112 lets a recipient take: no bare line feeds, no folding, no empty line
//! first, one blank where one belongs. What a lax reader takes is what requests are smuggled by.

mod known;
mod line;
mod scan;
#[cfg(test)]
mod tests;

use http::StatusCode;

use self::known::Known;
use self::line::{Stop, field_line, request_line};
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
/// A [`Rejection`] with the status to answer. The connection cannot go on after it.
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
        Ok(head) if head.len > limits.head => Err(head_too_large(limits)),
        Ok(head) => Ok(Some(head)),
        Err(Stop::Bad(rejection)) => Err(rejection),
        Err(Stop::Partial) => check_partial(bytes, limits).map(|()| None),
    }
}

#[inline]
fn parse(bytes: &[u8], limits: &HeadLimits, request: &mut Request) -> Result<Head, Stop> {
    request.clear();
    let line = request_line(bytes)?;
    let (start, end) = line.target;
    if end - start > limits.target {
        return Err(Stop::Bad(target_too_long(limits)));
    }
    request.method = line.method;
    request.version = line.version;
    let (known, len) = fields(bytes, line.len, limits, request)?;
    request.target = start..end;
    request.headers.keep_block(&bytes[..len]);
    finish(request, &known, &bytes[start..end], line.mark, len).map_err(Stop::Bad)
}

/// Notes every field in the request's table, and those that the connection acts on.
#[inline]
fn fields<'b>(
    bytes: &'b [u8],
    start: usize,
    limits: &HeadLimits,
    request: &mut Request,
) -> Result<(Known<'b>, usize), Stop> {
    let (mut known, mut at) = (Known::default(), start);
    loop {
        let rest = &bytes[at..];
        if rest.first() == Some(&b'\r') {
            return match rest.get(1) {
                Some(b'\n') => Ok((known, at + 2)),
                Some(_) => Err(Stop::bad("line does not end in CR LF")),
                None => Err(Stop::Partial),
            };
        }
        let line = field_line(rest)?;
        if request.headers.len() == limits.fields {
            return Err(Stop::Bad(too_many_fields(limits)));
        }
        let (start, end) = line.value;
        known.note(&rest[..line.name], &rest[start..end]);
        request
            .headers
            .push_range((at, line.name), (at + start, end - start));
        at += line.len;
    }
}

/// Checks the target, the host and the framing of a head whose lines are sound.
#[inline]
fn finish(
    request: &mut Request,
    known: &Known<'_>,
    target: &[u8],
    mark: Option<usize>,
    len: usize,
) -> Result<Head, Rejection> {
    let start = request.target.start;
    let target = target::parse_checked(&request.method, target, mark)?;
    request.path = start + target.path.start..start + target.path.end;
    request.query = target.query.map(|at| start + at);
    let authority = target
        .authority
        .map(|range| start + range.start..start + range.end);
    request.host = known.host(request.version, authority)?;
    let framing = known.framing.decide(request.version)?;
    request.content_length = match framing {
        Framing::Length(length) => Some(length),
        Framing::None if known.framing.content_length.is_some() => Some(0),
        _ => None,
    };
    let expects_continue = known.expects_continue(request.version)?;
    Ok(Head {
        len,
        framing,
        keep_alive: known.keep_alive(request.version),
        expects_continue,
    })
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
