//! The opening handshake (RFC 6455 §4).

use http::{Method, StatusCode, Version};

use crate::{Request, base64};

/// What the key is joined with before it is hashed (RFC 6455 §1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A request that opens a WebSocket, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The value of `Sec-WebSocket-Accept` that answers it.
    pub accept: String,
    /// The subprotocols that the client offers, in its order.
    pub subprotocols: Vec<String>,
}

/// Why a request does not open a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer: 400, or 426 for another version of the protocol.
    pub status: StatusCode,
    /// What is wrong, to tell the client.
    pub reason: &'static str,
}

impl Opening {
    /// Checks a request.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for what RFC 6455 §4.2.1 does not allow. An answer with 426 needs a field
    /// `Sec-WebSocket-Version: 13`.
    pub fn of(request: &Request) -> Result<Self, Refusal> {
        let headers = request.headers();
        let has = |name, wanted: &[u8]| {
            headers
                .get_all(name)
                .any(|value| items(value).any(|item| item.eq_ignore_ascii_case(wanted)))
        };
        if *request.method() != Method::GET || request.version() < Version::HTTP_11 {
            return Err(bad("a WebSocket is opened by GET and HTTP/1.1"));
        }
        if !has("upgrade", b"websocket") {
            return Err(bad("Can \"Upgrade\" only to \"WebSocket\"."));
        }
        if !has("connection", b"upgrade") {
            return Err(bad("\"Connection\" must be \"Upgrade\"."));
        }
        if single(request, "sec-websocket-version") != Some(b"13") {
            return Err(Refusal {
                status: StatusCode::UPGRADE_REQUIRED,
                reason: "only version 13 of the WebSocket protocol is spoken",
            });
        }
        let Some(key) = single(request, "sec-websocket-key").filter(|key| is_key(key)) else {
            return Err(bad("Missing/Invalid WebSocket headers"));
        };
        Ok(Self {
            accept: accept_key(key),
            subprotocols: subprotocols(request)?,
        })
    }
}

/// Computes the value of `Sec-WebSocket-Accept` (RFC 6455 §4.2.2).
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::handshake::accept_key;
///
/// assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
#[must_use]
pub fn accept_key(key: &[u8]) -> String {
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key);
    hash.update(GUID);
    base64::encode(hash.digest().bytes())
}

/// Tells whether `origin`, the value of an `Origin` field, is that of the host a request is for.
///
/// Scheme and host are compared without case, ports with the default of the origin's scheme. An
/// opaque origin (`null`) is nobody's. A path is passed over, as Tornado does: browsers send none.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::handshake::is_same_origin;
///
/// assert!(is_same_origin("https://Example.org", "example.org:443"));
/// assert!(!is_same_origin("https://evil.example.org", "example.org"));
/// assert!(!is_same_origin("https://example.org:8443", "example.org"));
/// assert!(!is_same_origin("null", "example.org"));
/// ```
#[must_use]
pub fn is_same_origin(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let default = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "80",
        "https" | "wss" => "443",
        _ => return false,
    };
    let authority = authority.split('/').next().unwrap_or_default();
    let (name, port) = split_port(authority, default);
    let (host_name, host_port) = split_port(host, default);
    !name.is_empty() && name.eq_ignore_ascii_case(host_name) && port == host_port
}

/// Splits `name[:port]`; an IPv6 address stands in brackets.
fn split_port<'a>(authority: &'a str, default: &'a str) -> (&'a str, &'a str) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            (name, if port.is_empty() { default } else { port })
        }
        _ => (authority, default),
    }
}

fn bad(reason: &'static str) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        reason,
    }
}

/// The items of a list (RFC 9110 §5.6.1).
pub(crate) fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|octet| *octet == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}

/// The value of a field that must stand there once.
fn single<'r>(request: &'r Request, name: &'static str) -> Option<&'r [u8]> {
    let mut values = request.headers().get_all(name);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// A key is sixteen octets in base64 (RFC 6455 §4.1).
fn is_key(key: &[u8]) -> bool {
    let digit = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(digit)
}

/// RFC 6455 §4.1: tokens, each offered once.
fn subprotocols(request: &Request) -> Result<Vec<String>, Refusal> {
    let mut offered: Vec<String> = Vec::new();
    for value in request.headers().get_all("sec-websocket-protocol") {
        for item in items(value) {
            let name = std::str::from_utf8(item).unwrap_or_default();
            let is_token = !name.is_empty() && name.bytes().all(crate::headers::is_token);
            if !is_token || offered.iter().any(|known| known == name) {
                return Err(bad("Sec-WebSocket-Protocol is malformed"));
            }
            offered.push(name.to_owned());
        }
    }
    Ok(offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_compare_with_ports_and_without_case() {
        assert!(is_same_origin("http://LOCALHOST:8888", "localhost:8888"));
        assert!(is_same_origin("http://a", "a:80"));
        assert!(is_same_origin("http://[::1]:1", "[::1]:1"));
        assert!(is_same_origin("http://a:81/page?x=http://b", "A:81"));
        assert!(!is_same_origin("http://b/a", "a"));
        assert!(!is_same_origin("http://a@b", "a"));
        assert!(!is_same_origin("http://b.a", "a"));
        assert!(!is_same_origin("http://a", "a:443"));
        assert!(!is_same_origin("file://a", "a"));
        assert!(!is_same_origin("http://", ""));
        assert!(!is_same_origin("a", "a"));
    }

    #[test]
    fn a_key_is_sixteen_octets_in_base64() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key(b"dGhlIHNhbXBsZSBub25jZQ="));
        assert!(!is_key(b"dGhlIHNhbXBsZSBub25jZ!=="));
    }
}
