//! Hosts that are reached without a proxy: the format of `NO_PROXY`.

use std::net::IpAddr;

use crate::forwarded::Network;

/// A list of hosts.
#[derive(Debug, Clone, Default)]
pub(super) struct Bypass {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    place: Place,
    port: Option<u16>,
}

#[derive(Debug, Clone)]
enum Place {
    All,
    /// A name and all below it.
    Name(String),
    Network(Network),
}

impl Bypass {
    /// Reads names, addresses and networks, divided by commas or blanks.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split([',', ' ', '\t']);
        Self {
            entries: entries.filter_map(Entry::parse).collect(),
        }
    }

    /// Tells whether this host, without brackets, is in the list.
    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let address: Option<IpAddr> = host.parse().ok();
        self.entries.iter().any(|entry| {
            entry.port.is_none_or(|known| known == port)
                && match (&entry.place, address) {
                    (Place::All, _) => true,
                    (Place::Network(network), Some(address)) => network.contains(address),
                    (Place::Name(name), None) => is_or_is_below(host, name),
                    _ => false,
                }
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        if text == "*" {
            return Some(Self {
                place: Place::All,
                port: None,
            });
        }
        if let Ok(network) = Network::parse(text.trim_matches(['[', ']'])) {
            return Some(Self {
                place: Place::Network(network),
                port: None,
            });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let place = match Network::parse(host.trim_matches(['[', ']'])) {
            Ok(network) => Place::Network(network),
            Err(_) => Place::Name(name(host)?),
        };
        Some(Self { place, port })
    }
}

fn name(host: &str) -> Option<String> {
    let host = host.strip_prefix('*').unwrap_or(host);
    let host = host.trim_start_matches('.').trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn is_or_is_below(host: &str, name: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.strip_suffix(name)
        .is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_what_is_below_them_and_networks_for_addresses() {
        let list =
            Bypass::parse("localhost, .Example.com,*.test,10.0.0.0/8 ::1,api.org:8080,[::2]:1");
        for (host, port, contained) in [
            ("localhost", 80, true),
            ("example.com", 80, true),
            ("www.EXAMPLE.com.", 443, true),
            ("badexample.com", 80, false),
            ("a.test", 80, true),
            ("10.1.2.3", 80, true),
            ("11.1.2.3", 80, false),
            ("::1", 80, true),
            ("api.org", 8080, true),
            ("api.org", 80, false),
            ("::2", 1, true),
            ("::2", 2, false),
            ("10.example", 80, false),
        ] {
            assert_eq!(list.contains(host, port), contained, "{host}:{port}");
        }
        assert!(Bypass::parse("*").contains("anything", 1));
        assert!(!Bypass::parse(" ,, ").contains("anything", 1));
    }
}
