//! Request targets (RFC 9112 §3.2) and the host (RFC 9112 §3.2, RFC 3986 §3.2.2).

use std::ops::Range;

use http::Method;

use super::parse::run_len;
use crate::Rejection;

/// A target taken apart into ranges of its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The path; empty where an absolute form has none.
    pub path: Range<usize>,
    /// Where the query begins, after its question mark.
    pub query: Option<usize>,
    /// The authority of an absolute form.
    pub authority: Option<Range<usize>>,
}

/// Takes a target apart by the form that its method allows.
///
/// # Errors
///
/// 400 for a form that is none of the four or does not go with the method, or for an octet that no
/// URI has; 501 for `CONNECT`, which this server does not take.
pub fn parse(method: &Method, target: &str) -> Result<Target, Rejection> {
    let target = target.as_bytes();
    // RFC 9112 §3.2: no blanks or controls; a fragment is never sent (RFC 9110 §7.1).
    if !target
        .iter()
        .all(|octet| matches!(octet, b'!'..=b'~') && *octet != b'#')
    {
        let reason = "request target has a character that no URI has";
        return Err(Rejection::bad_request(reason));
    }
    parse_checked(method, target, memchr::memchr(b'?', target))
}

/// Takes apart a target whose octets are checked and whose first question mark is known.
#[inline]
pub(super) fn parse_checked(
    method: &Method,
    target: &[u8],
    mark: Option<usize>,
) -> Result<Target, Rejection> {
    let end = mark.unwrap_or(target.len());
    let query = mark.map(|mark| mark + 1);
    if *method == Method::CONNECT {
        let status = http::StatusCode::NOT_IMPLEMENTED;
        return Err(Rejection::new(status, "CONNECT is not supported"));
    }
    if target.first() == Some(&b'/') {
        return Ok(Target {
            path: 0..end,
            query,
            authority: None,
        });
    }
    if target == b"*" && *method == Method::OPTIONS {
        return Ok(Target {
            path: 0..1,
            query: None,
            authority: None,
        });
    }
    let authority = authority(&target[..end])?;
    Ok(Target {
        path: authority.end..end,
        query,
        authority: Some(authority),
    })
}

/// Finds the authority of an absolute form without its query.
fn authority(target: &[u8]) -> Result<Range<usize>, Rejection> {
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(scheme) = scheme else {
        let reason = "request target is of no form of RFC 9112 section 3.2";
        return Err(Rejection::bad_request(reason));
    };
    let start = scheme.len();
    let end = memchr::memchr(b'/', &target[start..]).map_or(target.len(), |at| start + at);
    // RFC 9110 §4.2.1: a http URI with an empty host is invalid; §4.2.4: user information is refused.
    if start == end || !is_host(&target[start..end]) {
        return Err(Rejection::bad_request(
            "request target has an invalid authority",
        ));
    }
    Ok(start..end)
}

/// Tells whether `host` is `uri-host [ ":" port ]`. Empty is a valid host; a comma, allowed by the
/// grammar, is not: it is what two joined `Host` fields look like.
#[must_use]
pub fn is_host(host: &[u8]) -> bool {
    if let [b'[', rest @ ..] = host {
        return is_literal_host(rest);
    }
    let end = run_len(host, &NAME_OCTETS, 1);
    if end == host.len() {
        return true;
    }
    match host[end] {
        // RFC 9110 §4.2.1: a port without a host is no authority of http.
        b':' => end > 0 && is_port(&host[end + 1..]),
        b'%' => is_encoded_host(host),
        _ => false,
    }
}

/// A host with percent-encoded octets, which is rare.
fn is_encoded_host(host: &[u8]) -> bool {
    let mut rest = host;
    loop {
        rest = match rest {
            [] => return true,
            [b':', port @ ..] => return is_port(port),
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [octet, rest @ ..] if NAME_OCTETS[usize::from(*octet)] == 1 => rest,
            _ => return false,
        };
    }
}

fn is_literal_host(rest: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b']', rest) else {
        return false;
    };
    let port: &[u8] = match &rest[end + 1..] {
        [] => &[],
        [b':', port @ ..] => port,
        _ => return false,
    };
    is_address_literal(&rest[..end]) && is_port(port)
}

/// RFC 3986 §3.2.2, reg-name and IPv4address, without the comma and the percent sign.
static NAME_OCTETS: [u8; 256] = {
    let allowed = b"-._~!$&'()*+;=";
    let mut table = [0; 256];
    let mut octet = 0u8;
    while octet < 128 {
        table[octet as usize] = octet.is_ascii_alphanumeric() as u8;
        octet += 1;
    }
    let mut at = 0;
    while at < allowed.len() {
        table[allowed[at] as usize] = 1;
        at += 1;
    }
    table
};

fn is_address_literal(literal: &[u8]) -> bool {
    let address = std::str::from_utf8(literal).unwrap_or_default();
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_port(port: &[u8]) -> bool {
    let mut value = 0;
    for octet in port {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 || value > 6553 {
            return false;
        }
        value = value * 10 + u32::from(digit);
    }
    value <= 65_535
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_forms_apart() {
        let target = parse(&Method::GET, "/a/b?c=d?e").unwrap();
        assert_eq!(
            (target.path, target.query, target.authority),
            (0..4, Some(5), None)
        );
        let target = parse(&Method::GET, "http://h:80?x").unwrap();
        assert_eq!(
            (target.path, target.query, target.authority),
            (11..11, Some(12), Some(7..11))
        );
        let target = parse(&Method::GET, "HTTPS://[::1]/p").unwrap();
        assert_eq!((target.path, target.authority), (13..15, Some(8..13)));
        assert_eq!(parse(&Method::OPTIONS, "*").unwrap().path, 0..1);
    }

    #[test]
    fn refuses_other_forms() {
        let refused = [
            "*",
            "a",
            "",
            "h:80",
            "ftp://h/",
            "http://",
            "http:///x",
            "http://u@h/",
        ];
        for target in refused
            .into_iter()
            .chain(["/a#b", "/a b", "/\u{e9}", "/\x7f", "http://h:x/"])
        {
            assert!(parse(&Method::GET, target).is_err(), "{target:?}");
        }
        assert_eq!(
            parse(&Method::CONNECT, "h:80")
                .unwrap_err()
                .status()
                .as_u16(),
            501
        );
    }

    #[test]
    fn knows_a_host() {
        for host in [
            "",
            "h",
            "h:80",
            "h:",
            "1.2.3.4:1",
            "[::1]",
            "[::1]:8080",
            "a_b.c-d",
            "h%41",
        ] {
            assert!(is_host(host.as_bytes()), "{host:?}");
        }
        for host in [
            "h/", "u@h", "a b", "a,b", ":80", "h%4", "h%zz", "h:80x", "h:1:2", "[::1", "[x]",
            "[::1]x", "h:65536",
        ] {
            assert!(!is_host(host.as_bytes()), "{host:?}");
        }
        assert!(!is_host(b"h\xc3\xa9"));
    }
}
