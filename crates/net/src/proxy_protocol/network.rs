//! Ranges of IP addresses.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An IP address, or a range of them such as `10.0.0.0/8`.
///
/// # Examples
///
/// ```
/// use waterspout_net::Network;
///
/// let network: Network = "10.0.0.0/8".parse()?;
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// assert!(!network.contains("11.1.2.3".parse().unwrap()));
/// assert!("::1".parse::<Network>()?.contains("::1".parse().unwrap()));
/// # Ok::<(), waterspout_net::InvalidNetwork>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// As an IPv6 address; IPv4 addresses are mapped.
    address: u128,
    mask: u128,
}

impl Network {
    /// Tells whether `ip` belongs to the range. An IPv4 address that is written as an IPv6 one
    /// counts as IPv4.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        bits(ip) & self.mask == self.address
    }
}

impl From<IpAddr> for Network {
    fn from(ip: IpAddr) -> Self {
        Self {
            address: bits(ip),
            mask: u128::MAX,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let invalid = || InvalidNetwork(text.to_owned());
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| invalid())?;
        let longest = if ip.is_ipv4() { 32 } else { 128 };
        let prefix: u32 = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| invalid())?,
            None => longest,
        };
        let host_bits = longest.checked_sub(prefix).ok_or_else(invalid)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        let address = bits(ip) & mask;
        Ok(Self { address, mask })
    }
}

fn bits(ip: IpAddr) -> u128 {
    let mapped: Ipv6Addr = match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    mapped.to_bits()
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidNetwork(String);

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.0;
        write!(
            f,
            "{text:?} is neither an IP address nor a range such as 10.0.0.0/8"
        )
    }
}

impl std::error::Error for InvalidNetwork {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_where_their_prefix_says() {
        let contains = |network: &str, ip: &str| {
            let network: Network = network.parse().unwrap();
            network.contains(ip.parse().unwrap())
        };
        assert!(contains("192.168.1.77/31", "192.168.1.76"));
        assert!(!contains("192.168.1.77/31", "192.168.1.78"));
        assert!(contains("0.0.0.0/0", "255.1.1.1") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1") && contains("::/0", "1.1.1.1"));
        assert!(contains("127.0.0.1", "::ffff:127.0.0.1"));
        for text in [
            "",
            "localhost",
            "1.2.3.4/33",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/-1",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text:?}");
        }
    }
}
