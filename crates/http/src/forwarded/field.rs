//! The values of the fields.

use std::net::{IpAddr, Ipv6Addr};

use crate::headers::is_token;

/// The most elements of a `Forwarded` field that are read.
const MAX_ELEMENTS: usize = 100;

/// What one proxy said: an element of a `Forwarded` field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The node it got the request from, if its address is told.
    pub address: Option<IpAddr>,
    /// The protocol it was asked with, if that is `http` or `https`.
    pub protocol: Option<&'static str>,
}

/// Reads a `Forwarded` field, all of it or nothing: RFC 7239 §4. `None` if it is malformed, a
/// parameter stands twice in an element, or there are more than 100 elements.
///
/// # Examples
///
/// ```
/// use waterspout_http::forwarded::parse_forwarded;
///
/// let elements = parse_forwarded(b"for=192.0.2.1;proto=https, for=\"[2001:db8::1]:80\"");
/// let elements = elements.expect("well formed");
/// assert_eq!(elements[0].protocol, Some("https"));
/// assert_eq!(elements[1].address, "2001:db8::1".parse().ok());
/// ```
#[must_use]
pub fn parse_forwarded(value: &[u8]) -> Option<Vec<Element>> {
    let (mut elements, mut rest) = (Vec::new(), value);
    loop {
        let (element, after) = parse_element(rest)?;
        elements.push(element);
        match after.split_first() {
            None => return Some(elements),
            Some((b',', after)) if elements.len() < MAX_ELEMENTS => rest = after,
            Some(_) => return None,
        }
    }
}

fn parse_element(text: &[u8]) -> Option<(Element, &[u8])> {
    let (mut element, mut seen) = (Element::default(), [false; 2]);
    let mut rest = skip_blanks(text);
    loop {
        if let Some(b';') = rest.first() {
            rest = skip_blanks(&rest[1..]);
            continue;
        }
        if matches!(rest.first(), None | Some(b',')) {
            return Some((element, rest));
        }
        let end = rest.iter().position(|octet| !is_token(*octet))?;
        let (name, after) = rest.split_at(end);
        let (value, after) = parse_value(after.strip_prefix(b"=")?)?;
        if name.is_empty() {
            return None;
        }
        if name.eq_ignore_ascii_case(b"for") {
            let twice = std::mem::replace(&mut seen[0], true);
            element.address = parse_node(&value).filter(|_| !twice);
            if twice {
                return None;
            }
        } else if name.eq_ignore_ascii_case(b"proto") {
            if std::mem::replace(&mut seen[1], true) {
                return None;
            }
            element.protocol = parse_protocol(&value);
        }
        rest = skip_blanks(after);
        if !matches!(rest.first(), None | Some(b';' | b',')) {
            return None;
        }
    }
}

/// A token or a quoted string, unquoted.
fn parse_value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(mut rest) = text.strip_prefix(b"\"") else {
        let end = text.iter().position(|octet| !is_token(*octet));
        let (value, rest) = text.split_at(end.unwrap_or(text.len()));
        return (!value.is_empty()).then(|| (value.to_vec(), rest));
    };
    let mut value = Vec::new();
    loop {
        let (octet, after) = match rest {
            [b'"', after @ ..] => return Some((value, after)),
            [b'\\', octet, after @ ..] | [octet, after @ ..] => (*octet, after),
            [] => return None,
        };
        value.push(octet);
        rest = after;
    }
}

/// Reads the address of a node: IPv4, IPv6 with or without brackets, each of the former with a port
/// or without.
#[must_use]
pub fn parse_node(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return port_fits.then_some(address.into());
    }
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (address, port) = text.rsplit_once(':')?;
    let address = address.parse().ok().filter(IpAddr::is_ipv4)?;
    is_port(port).then_some(address)
}

/// Reads a protocol.
pub(super) fn parse_protocol(text: &[u8]) -> Option<&'static str> {
    let known = ["http", "https"].into_iter();
    let mut found = known.filter(|name| text.eq_ignore_ascii_case(name.as_bytes()));
    found.next()
}

fn is_port(text: &str) -> bool {
    matches!(text.len(), 1..=5) && text.bytes().all(|octet| octet.is_ascii_digit())
}

fn skip_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_have_brackets_and_ports_or_not() {
        for (text, wanted) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:8080", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[192.0.2.1]", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[::1]:", None),
            ("192.0.2.1:", None),
            ("192.0.2.1:123456", None),
            ("unknown", None),
            ("_hidden", None),
            ("192.0.2.01", None),
            ("", None),
        ] {
            let wanted: Option<IpAddr> = wanted.map(|text| text.parse().unwrap());
            assert_eq!(parse_node(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn malformed_fields_are_nothing() {
        for text in [
            "for",
            "for=",
            "=a",
            "for=a b",
            "for=\"a",
            "for=\"a\\",
            "for=a;for=b",
            "for=1.1.1.1:80",
            "for=a;proto=http;proto=https",
            "for=a \"b\"",
            "for = a",
        ] {
            assert_eq!(parse_forwarded(text.as_bytes()), None, "{text}");
        }
        let elements =
            parse_forwarded(b"For=\"1.1.1.1:80\" ; x=\"a,b;c\\\"\" , Proto=HTTPS").unwrap();
        assert_eq!(elements.len(), 2);
        assert_eq!(elements[0].address, "1.1.1.1".parse().ok());
        assert_eq!(elements[1].protocol, Some("https"));
        assert!(parse_forwarded("for=a,".repeat(101).as_bytes()).is_none());
    }
}
