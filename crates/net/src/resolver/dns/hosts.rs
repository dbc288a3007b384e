//! The file of hosts (hosts(5)): names that count before any name server is asked.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

/// The addresses of each name, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    by_name: HashMap<String, Vec<IpAddr>>,
}

impl Hosts {
    /// Reads a file; one that does not exist has no names.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(text) => Ok(Self::parse(&String::from_utf8_lossy(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                let text = format!("cannot read the file of hosts {}: {error}", path.display());
                Err(io::Error::new(error.kind(), text))
            }
        }
    }

    fn parse(text: &str) -> Self {
        let mut hosts = Self::default();
        for line in text.lines() {
            let line = line.split_once('#').map_or(line, |(line, _comment)| line);
            let mut words = line.split_whitespace();
            // An address with a zone is of one interface only, and of no use to others.
            let Some(Ok(address)) = words.next().map(str::parse::<IpAddr>) else {
                continue;
            };
            for name in words {
                let addresses = hosts.by_name.entry(key(name)).or_default();
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
        hosts
    }

    pub(super) fn addresses(&self, host: &str) -> &[IpAddr] {
        self.by_name.get(&key(host)).map_or(&[], Vec::as_slice)
    }
}

/// Names are compared without case, and without the dot that ends a full one.
fn key(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_addresses_of_all_their_lines() {
        let text = "# static\n\n192.0.2.1 one One.example # first\n::1\tsix one\r\n\
                    192.0.2.1 one\nfe80::1%lo zone\nnonsense one\n192.0.2.9\n192.0.2.2 my_host";
        let hosts = Hosts::parse(text);
        let addresses = |name: &str| {
            let found = hosts.addresses(name).iter().map(IpAddr::to_string);
            found.collect::<Vec<_>>()
        };
        assert_eq!(addresses("one"), ["192.0.2.1", "::1"]);
        assert_eq!(addresses("ONE.example."), ["192.0.2.1"]);
        assert_eq!(addresses("my_host"), ["192.0.2.2"]);
        for missing in ["zone", "nonsense", "192.0.2.9", "", "first", "other"] {
            assert!(addresses(missing).is_empty(), "{missing}");
        }
    }
}
