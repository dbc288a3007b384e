//! Version 2: binary (PROXY protocol, section 2.2).
//!
//! ```text
//! 12 octets  signature
//!  1         version (2) and command: 0 local, 1 proxy
//!  1         family: 1 IPv4, 2 IPv6, 3 Unix; and transport: 1 stream, 2 datagram
//!  2         length of what follows: addresses, then extensions
//! ```

use std::net::{IpAddr, SocketAddr};

use super::{ProxyError, ProxyHeader};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Octets before the addresses.
const FIXED: usize = 16;

/// Octets of addresses and extensions at the most. The format would allow 65,535.
const MAX_LENGTH: usize = 4096;

pub(super) fn parse(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyError> {
    let known = bytes.len().min(SIGNATURE.len());
    if bytes[..known] != SIGNATURE[..known] {
        return Err(ProxyError::new("no header of the PROXY protocol came"));
    }
    let Some(fixed) = bytes.first_chunk::<FIXED>() else {
        return Ok(None);
    };
    let (command, family) = (fixed[12], fixed[13]);
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if command >> 4 != 2 || command & 0xf > 1 {
        return Err(ProxyError::new(
            "this version of the PROXY protocol is unknown",
        ));
    }
    if length > MAX_LENGTH {
        return Err(ProxyError::new(
            "the header of the PROXY protocol is too long",
        ));
    }
    let Some(rest) = bytes.get(FIXED..FIXED + length) else {
        return Ok(None);
    };
    let header = if command & 0xf == 0 {
        ProxyHeader::Local
    } else {
        addresses(family, rest)?
    };
    Ok(Some((header, FIXED + length)))
}

fn addresses(family: u8, rest: &[u8]) -> Result<ProxyHeader, ProxyError> {
    match family {
        0x11 => ends::<4>(rest),
        0x21 => ends::<16>(rest),
        // Datagrams, Unix sockets and what is unspecified: the connection is served as it is.
        0x00 | 0x12 | 0x22 | 0x31 | 0x32 => Some(ProxyHeader::Local),
        _ => {
            return Err(ProxyError::new(
                "an address family of the PROXY protocol is unknown",
            ));
        }
    }
    .ok_or(ProxyError::new(
        "the addresses of the PROXY protocol are cut short",
    ))
}

/// Two addresses of `N` octets, then two ports.
fn ends<const N: usize>(rest: &[u8]) -> Option<ProxyHeader>
where
    IpAddr: From<[u8; N]>,
{
    let (source, rest) = rest.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk::<2>()?;
    let (destination_port, _extensions) = rest.split_first_chunk::<2>()?;
    let end = |ip: &[u8; N], port: &[u8; 2]| {
        SocketAddr::new(IpAddr::from(*ip), u16::from_be_bytes(*port))
    };
    Some(ProxyHeader::Client {
        source: end(source, source_port),
        destination: end(destination, destination_port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    #[test]
    fn both_families_name_both_ends_and_extensions_are_skipped() {
        let rest = [1, 2, 3, 4, 5, 6, 7, 8, 0, 80, 1, 187, 0x04, 0, 1, 0xff];
        let bytes = header(0x21, 0x11, &rest);
        let client = ProxyHeader::Client {
            source: "1.2.3.4:80".parse().unwrap(),
            destination: "5.6.7.8:443".parse().unwrap(),
        };
        assert_eq!(parse(&bytes), Ok(Some((client, bytes.len()))));
        let mut rest = [0; 36];
        (rest[15], rest[31], rest[33]) = (1, 2, 9);
        let client = ProxyHeader::Client {
            source: "[::1]:9".parse().unwrap(),
            destination: "[::2]:0".parse().unwrap(),
        };
        let bytes = header(0x21, 0x21, &rest);
        assert_eq!(parse(&bytes), Ok(Some((client, bytes.len()))));
    }

    #[test]
    fn health_checks_and_other_families_are_local() {
        for (command, family) in [(0x20, 0x00), (0x20, 0x11), (0x21, 0x00), (0x21, 0x31)] {
            let bytes = header(command, family, &[]);
            assert_eq!(parse(&bytes), Ok(Some((ProxyHeader::Local, 16))));
        }
    }

    #[test]
    fn malformed_headers_are_refused() {
        for bytes in [
            header(0x11, 0x11, &[0; 12]),
            header(0x22, 0x11, &[0; 12]),
            header(0x21, 0x41, &[0; 12]),
            header(0x21, 0x11, &[0; 11]),
            header(0x21, 0x21, &[0; 35]),
            header(0x21, 0x11, &[0; 5000]),
            b"\r\n\r\n\0\r\nQUIX".to_vec(),
        ] {
            assert!(parse(&bytes).is_err(), "{bytes:?}");
        }
    }
}
