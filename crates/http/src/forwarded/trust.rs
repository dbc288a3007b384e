use std::net::IpAddr;

use super::field::{parse_forwarded, parse_node, parse_protocol};
use super::network::{InvalidNetwork, Network};
use crate::Headers;

/// The most addresses of `X-Forwarded-For` that are looked at, from the right.
const MAX_HOPS: usize = 100;

/// The proxies in front of a server whose word on the client counts.
///
/// # Rules
///
/// * A field counts only if the peer of the connection is one of them; a Unix socket's peer is.
/// * `X-Real-IP` is the client, as in Tornado. If it stands twice or is no address, the client is the
///   peer, and nothing else is looked at.
/// * Else `Forwarded`, or else `X-Forwarded-For`, is read from the right, past the addresses of trusted
///   proxies: what stands left of the first other address was written by nobody trusted. An element
///   that is no address ends it.
/// * The protocol is that of `X-Scheme`, or else the last of `X-Forwarded-Proto`, or else of `Forwarded`.
///
/// So a proxy has to set or remove each of these fields, since it passes on what it does not know.
///
/// # Examples
///
/// ```
/// use waterspout_http::forwarded::TrustedDownstream;
/// use waterspout_http::server::ServerConfig;
///
/// let proxies = TrustedDownstream::networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])?;
/// let config = ServerConfig::default().xheaders(proxies);
/// # Ok::<(), waterspout_http::forwarded::InvalidNetwork>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedDownstream(Trust);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Trust {
    Networks(Vec<Network>),
    Hops(usize),
}

/// Who a request comes from, according to trusted proxies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client; `None` if it is the peer's.
    pub address: Option<IpAddr>,
    /// The protocol that the client used; `None` if it is the connection's.
    pub protocol: Option<&'static str>,
}

impl TrustedDownstream {
    /// Trusts proxies by their addresses and networks, in CIDR notation.
    ///
    /// # Errors
    ///
    /// [`InvalidNetwork`] for the first that is neither.
    pub fn networks<'n>(
        networks: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, InvalidNetwork> {
        let networks = networks.into_iter().map(Network::parse);
        Ok(Self(Trust::Networks(networks.collect::<Result<_, _>>()?)))
    }

    /// Trusts so many proxies in a row, whatever their addresses: the peer, and those before it. Only
    /// where nobody can reach the server around them. With 0 no field counts.
    #[must_use]
    pub fn hops(count: usize) -> Self {
        Self(Trust::Hops(count))
    }

    /// Reads from the fields of a request who it comes from. `peer` is the other end of the
    /// connection, `None` for a Unix socket.
    #[must_use]
    pub fn origin(&self, headers: &Headers, peer: Option<IpAddr>) -> Origin {
        if !peer.is_none_or(|peer| self.trusts(peer, 0)) || self.0 == Trust::Hops(0) {
            return Origin::default();
        }
        let elements = Self::forwarded(headers);
        let address = if headers.contains("x-real-ip") {
            only(headers, "x-real-ip").and_then(parse_node)
        } else if headers.contains("forwarded") {
            self.client(elements.iter().rev().map(|element| element.address))
        } else {
            let fields: Vec<&[u8]> = headers.get_all("x-forwarded-for").collect();
            let entries = fields
                .iter()
                .rev()
                .flat_map(|value| value.rsplit(|octet| *octet == b','));
            self.client(
                entries
                    .take(MAX_HOPS)
                    .map(|entry| parse_node(entry.trim_ascii())),
            )
        };
        Origin {
            address: address.map(|address| address.to_canonical()),
            protocol: protocol(headers)
                .or_else(|| elements.last().and_then(|element| element.protocol)),
        }
    }

    /// Walks away from the server as long as who wrote the next entry is trusted.
    fn client(&self, entries: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut client = None;
        for (number, entry) in entries.enumerate() {
            if number > 0 && !client.is_none_or(|writer| self.trusts(writer, number)) {
                break;
            }
            let Some(entry) = entry else {
                break;
            };
            client = Some(entry);
        }
        client
    }

    /// Tells whether the node with so many trusted ones behind it is trusted.
    fn trusts(&self, address: IpAddr, behind: usize) -> bool {
        match &self.0 {
            Trust::Networks(networks) => networks.iter().any(|network| network.contains(address)),
            Trust::Hops(count) => behind < *count,
        }
    }

    /// The elements of all `Forwarded` fields; none if any of them is malformed.
    fn forwarded(headers: &Headers) -> Vec<super::Element> {
        let fields = headers.get_all("forwarded").map(parse_forwarded);
        let fields: Option<Vec<_>> = fields.collect();
        fields.unwrap_or_default().concat()
    }
}

fn protocol(headers: &Headers) -> Option<&'static str> {
    if headers.contains("x-scheme") {
        return only(headers, "x-scheme").and_then(parse_protocol);
    }
    let last = headers.get_all("x-forwarded-proto").last()?;
    let last = last.rsplit(|octet| *octet == b',').next()?;
    parse_protocol(last.trim_ascii())
}

/// The value of a field that stands there once.
fn only<'h>(headers: &'h Headers, name: &'h str) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(trust: &TrustedDownstream, peer: &str, fields: &[(&str, &str)]) -> (String, String) {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        let origin = trust.origin(&headers, peer.parse().ok());
        let address = origin
            .address
            .map_or("peer".into(), |address| address.to_string());
        (address, origin.protocol.unwrap_or("-").to_owned())
    }

    fn address(trust: &TrustedDownstream, fields: &[(&str, &str)]) -> String {
        origin(trust, "127.0.0.1", fields).0
    }

    fn local() -> TrustedDownstream {
        TrustedDownstream::networks(["127.0.0.0/8", "5.5.5.5"]).unwrap()
    }

    #[test]
    fn the_right_most_untrusted_address_is_the_client() {
        for (value, wanted) in [
            ("1.1.1.1, 2.2.2.2, 5.5.5.5", "2.2.2.2"),
            ("1.1.1.1,2.2.2.2", "2.2.2.2"),
            ("127.0.0.9 , 5.5.5.5", "127.0.0.9"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("1.1.1.1, nonsense", "peer"),
            ("nonsense, 5.5.5.5", "5.5.5.5"),
            ("1.1.1.1, nonsense, 5.5.5.5", "5.5.5.5"),
            ("1.1.1.1,", "peer"),
            ("::ffff:9.9.9.9", "9.9.9.9"),
            ("", "peer"),
        ] {
            assert_eq!(
                address(&local(), &[("X-Forwarded-For", value)]),
                wanted,
                "{value}"
            );
        }
        let two = [
            ("X-Forwarded-For", "1.1.1.1"),
            ("X-Forwarded-For", "2.2.2.2, 5.5.5.5"),
        ];
        assert_eq!(address(&local(), &two), "2.2.2.2");
    }

    #[test]
    fn hops_count_from_the_right() {
        let entries = [("X-Forwarded-For", "1.1.1.1, 2.2.2.2, 3.3.3.3")];
        for (hops, wanted) in [
            (0, "peer"),
            (1, "3.3.3.3"),
            (2, "2.2.2.2"),
            (3, "1.1.1.1"),
            (9, "1.1.1.1"),
        ] {
            assert_eq!(
                address(&TrustedDownstream::hops(hops), &entries),
                wanted,
                "{hops}"
            );
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let fields = [("X-Real-IP", "1.1.1.1"), ("X-Forwarded-Proto", "https")];
        assert_eq!(
            origin(&local(), "8.8.8.8", &fields),
            ("peer".into(), "-".into())
        );
        assert_eq!(
            origin(&local(), "unix", &fields),
            ("1.1.1.1".into(), "https".into())
        );
    }

    #[test]
    fn x_real_ip_comes_first_and_has_no_fallback() {
        let both = |real| [("X-Real-IP", real), ("X-Forwarded-For", "2.2.2.2")];
        assert_eq!(address(&local(), &both("4.4.4.4")), "4.4.4.4");
        assert_eq!(address(&local(), &both("4.4.4.4<script>")), "peer");
        assert_eq!(
            address(
                &local(),
                &[("X-Real-IP", "1.1.1.1"), ("X-Real-IP", "2.2.2.2")]
            ),
            "peer"
        );
    }

    #[test]
    fn forwarded_wins_over_its_forerunner() {
        let fields = |value| [("Forwarded", value), ("X-Forwarded-For", "9.9.9.9")];
        for (value, wanted) in [
            (
                "for=1.1.1.1, for=2.2.2.2;proto=https, for=5.5.5.5",
                "2.2.2.2",
            ),
            ("for=\"[2001:db8::7]:99\"", "2001:db8::7"),
            ("for=unknown", "peer"),
            ("for=_x, for=5.5.5.5", "5.5.5.5"),
            ("for", "peer"),
        ] {
            assert_eq!(address(&local(), &fields(value)), wanted, "{value}");
        }
    }

    #[test]
    fn the_protocol_is_http_or_https() {
        for (name, value, wanted) in [
            ("X-Scheme", "https", "https"),
            ("X-Forwarded-Proto", "https , http", "http"),
            ("X-Forwarded-Proto", "ftp", "-"),
            ("X-Forwarded-Proto", "https,", "-"),
            ("Forwarded", "proto=http, for=1.1.1.1;proto=https", "https"),
        ] {
            assert_eq!(
                origin(&local(), "127.0.0.1", &[(name, value)]).1,
                wanted,
                "{value}"
            );
        }
    }
}
