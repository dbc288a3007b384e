//! Where the body of a response ends (RFC 9112 §6.3).

use http::{Method, StatusCode, Version};

use super::{MalformedResponse, ReceivedHead};
use crate::Headers;
use crate::h1::encode::is_bodiless;

/// How the body of a response is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseBody {
    /// There is no body.
    None,
    /// The body has this many octets, more than none.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
    /// The body ends where the server closes the connection.
    UntilClose,
}

/// Decides how the body of the response to a request of this method is framed.
///
/// # Errors
///
/// [`MalformedResponse`] where two readers could disagree: both `Content-Length` and
/// `Transfer-Encoding`, lengths that differ or are not digits only, a transfer coding in HTTP/1.0 or
/// one other than a single `chunked`. Equal lengths that are repeated are taken as one, as RFC 9112
/// §6.3 rule 5 allows.
///
/// # Examples
///
/// ```
/// use waterspout_http::Method;
/// use waterspout_http::h1::response::{
///     ResponseBody, ResponseLimits, parse_response, response_body,
/// };
///
/// let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
/// let (head, _) = parse_response(bytes, &ResponseLimits::default())?.expect("it is complete");
/// assert_eq!(response_body(&head, &Method::GET)?, ResponseBody::Length(5));
/// assert_eq!(response_body(&head, &Method::HEAD)?, ResponseBody::None);
/// # Ok::<(), waterspout_http::h1::response::MalformedResponse>(())
/// ```
pub fn response_body(
    head: &ReceivedHead,
    method: &Method,
) -> Result<ResponseBody, MalformedResponse> {
    let headers = head.headers();
    let coded = headers.contains("Transfer-Encoding");
    let length = content_length(headers)?;
    if coded && length.is_some() {
        // §6.3 rule 3: an attempt to smuggle.
        return Err(MalformedResponse::new(
            "both Content-Length and Transfer-Encoding are given",
        ));
    }
    // §6.3 rule 1, whatever the fields say.
    if is_bodiless(head.status()) || *method == Method::HEAD {
        return Ok(ResponseBody::None);
    }
    if coded {
        chunked(headers, head.version())?;
        return Ok(ResponseBody::Chunked);
    }
    Ok(match length {
        Some(0) => ResponseBody::None,
        Some(length) => ResponseBody::Length(length),
        // §6.3 rule 8.
        None => ResponseBody::UntilClose,
    })
}

/// Tells whether the fields announce a body that a response of this status cannot have: what
/// follows the head is not to be trusted then (RFC 9110 §8.6, RFC 9112 §6.1).
pub(crate) fn contradicts(head: &ReceivedHead) -> bool {
    let bodiless = is_bodiless(head.status()) && head.status() != StatusCode::NOT_MODIFIED;
    let announced = head
        .headers()
        .get("Content-Length")
        .is_some_and(|value| value != "0")
        || head.headers().contains("Transfer-Encoding");
    bodiless && announced
}

/// §6.3 rule 5; RFC 9110 §8.6: digits only.
fn content_length(headers: &Headers) -> Result<Option<u64>, MalformedResponse> {
    let mut known = None;
    let lists = headers.get_all("Content-Length");
    for value in lists.flat_map(|value| value.split(|octet| *octet == b',')) {
        let digits = value.trim_ascii();
        let digit = |length: u64, octet: &u8| match octet {
            b'0'..=b'9' => length.checked_mul(10)?.checked_add(u64::from(octet - b'0')),
            _ => None,
        };
        let length = digits.iter().try_fold(0, digit);
        let Some(length) = length.filter(|_| !digits.is_empty()) else {
            return Err(MalformedResponse::new(
                "Content-Length is not a decimal number",
            ));
        };
        if known.is_some_and(|known| known != length) {
            return Err(MalformedResponse::new("multiple unequal Content-Lengths"));
        }
        known = Some(length);
    }
    Ok(known)
}

fn chunked(headers: &Headers, version: Version) -> Result<(), MalformedResponse> {
    if version == Version::HTTP_10 {
        return Err(MalformedResponse::new("Transfer-Encoding in HTTP/1.0"));
    }
    let mut fields = headers.get_all("Transfer-Encoding");
    match (fields.next(), fields.next()) {
        (Some(value), None) if value.eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(MalformedResponse::new(
            "Transfer-Encoding is not one chunked coding",
        )),
    }
}
