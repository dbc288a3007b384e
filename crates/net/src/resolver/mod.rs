//! From host names to addresses.
//!
//! A [`Resolver`] looks names up without blocking the loop. [`SystemResolver`] asks the system, on the
//! loop's thread pool: `/etc/hosts`, the name service switch and the DNS count as they do for every
//! other program. [`CachedResolver`] remembers what another has found, and [`OverrideResolver`] has
//! some names lead elsewhere. They can be put around each other. With the feature `dns-hickory`,
//! `DnsResolver` asks name servers itself, without a thread.

mod cached;
#[cfg(feature = "dns-hickory")]
mod dns;
mod error;
mod flight;
mod overriding;
mod system;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;

use crate::Family;

pub use cached::CachedResolver;
#[cfg(feature = "dns-hickory")]
pub use dns::{DnsConfig, DnsResolver};
pub use error::ResolveError;
pub use overriding::OverrideResolver;
pub use system::SystemResolver;

/// The future of [`Resolver::resolve`].
pub type Resolving<'a> = Pin<Box<dyn Future<Output = Result<Vec<SocketAddr>, ResolveError>> + 'a>>;

/// Looks host names up: Tornado's `Resolver`.
///
/// # Examples
///
/// ```
/// use waterspout_net::{Family, IoLoop, Resolver, SystemResolver};
///
/// IoLoop::new()?.run_sync(async {
///     let found = SystemResolver.resolve("127.0.0.1", 80, Family::Any).await?;
///     assert_eq!(found, ["127.0.0.1:80".parse().unwrap()]);
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Resolver {
    /// Returns the addresses of `host`, the preferred one first and one at the least, each with
    /// `port`. IP addresses are returned as they are, and `localhost` is this machine, whatever the
    /// DNS says.
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a>;
}

impl<R: Resolver + ?Sized> Resolver for std::rc::Rc<R> {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        (**self).resolve(host, port, family)
    }
}

/// Tells whether `text` is an IP address, version 4 or 6.
///
/// # Examples
///
/// ```
/// use waterspout_net::is_valid_ip;
///
/// assert!(is_valid_ip("127.0.0.1") && is_valid_ip("::1"));
/// assert!(!is_valid_ip("localhost") && !is_valid_ip("") && !is_valid_ip("127.1"));
/// ```
#[must_use]
pub fn is_valid_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Tells whether RFC 6761 §6.3 reserves a name for this machine.
fn is_local(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// Returns the address that `host` spells, brackets or not.
fn literal(host: &str) -> Option<IpAddr> {
    bare(host).parse().ok()
}

/// Returns an address with a zone without its brackets. Zones are known to the system only
/// (RFC 4007 §11).
fn zoned(host: &str) -> Option<&str> {
    let (address, _zone) = bare(host).split_once('%')?;
    address.parse::<Ipv6Addr>().is_ok().then(|| bare(host))
}

fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(host)
}
