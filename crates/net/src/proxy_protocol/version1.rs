//! Version 1: a line of text (PROXY protocol, section 2.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{ProxyError, ProxyHeader};

/// Octets of the longest line, its end included.
const MAX_LINE: usize = 107;

const SIGNATURE: &[u8] = b"PROXY ";

pub(super) fn parse(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyError> {
    let known = bytes.len().min(SIGNATURE.len());
    if bytes[..known] != SIGNATURE[..known] {
        return Err(ProxyError::new("no header of the PROXY protocol came"));
    }
    let within = &bytes[..bytes.len().min(MAX_LINE)];
    let Some(end) = within.iter().position(|octet| *octet == b'\n') else {
        if bytes.len() >= MAX_LINE {
            return Err(ProxyError::new(
                "the line of the PROXY protocol is too long",
            ));
        }
        return Ok(None);
    };
    let line = within[..end].strip_suffix(b"\r").and_then(|line| {
        let fields = line.strip_prefix(SIGNATURE)?;
        std::str::from_utf8(fields).ok()
    });
    let malformed = || ProxyError::new("the line of the PROXY protocol is malformed");
    let header = line.and_then(fields).ok_or_else(malformed)?;
    Ok(Some((header, end + 1)))
}

fn fields(line: &str) -> Option<ProxyHeader> {
    let mut fields = line.split(' ');
    let family = fields.next()?;
    if family == "UNKNOWN" {
        // Whatever follows is to be ignored.
        return Some(ProxyHeader::Local);
    }
    let mut ip = || -> Option<IpAddr> {
        let text = fields.next()?;
        match family {
            "TCP4" => Some(text.parse::<Ipv4Addr>().ok()?.into()),
            "TCP6" => Some(text.parse::<Ipv6Addr>().ok()?.into()),
            _ => None,
        }
    };
    let (source, destination) = (ip()?, ip()?);
    let mut port = || fields.next().and_then(port);
    let source = SocketAddr::new(source, port()?);
    let destination = SocketAddr::new(destination, port()?);
    fields.next().is_none().then_some(ProxyHeader::Client {
        source,
        destination,
    })
}

/// Digits only, without leading zeros.
fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(line: &str) -> Option<String> {
        match parse(line.as_bytes()) {
            Ok(Some((
                ProxyHeader::Client {
                    source,
                    destination,
                },
                length,
            ))) => {
                assert_eq!(length, line.len());
                Some(format!("{source} {destination}"))
            }
            _ => None,
        }
    }

    #[test]
    fn both_families_name_both_ends() {
        let line = "PROXY TCP4 255.255.255.255 1.2.3.4 65535 0\r\n";
        assert_eq!(client(line).unwrap(), "255.255.255.255:65535 1.2.3.4:0");
        let line = "PROXY TCP6 2001:db8::1 ::1 1 2\r\n";
        assert_eq!(client(line).unwrap(), "[2001:db8::1]:1 [::1]:2");
    }

    #[test]
    fn unknown_is_local_whatever_follows() {
        for line in ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:: x y z\r\n"] {
            let parsed = parse(line.as_bytes());
            assert_eq!(parsed, Ok(Some((ProxyHeader::Local, line.len()))));
        }
    }

    #[test]
    fn malformed_lines_are_refused() {
        for line in [
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
            "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
            "PROXY TCP6 1.2.3.4 ::1 1 2\r\n",
            "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
            "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXYTCP4 ",
            "PRI * HTTP/2.0\r\n",
        ] {
            assert!(parse(line.as_bytes()).is_err(), "{line:?}");
        }
        let endless = [b"PROXY UNKNOWN ".to_vec(), vec![b'x'; 200]].concat();
        assert!(parse(&endless).is_err());
        assert_eq!(parse(&endless[..106]), Ok(None));
    }
}
