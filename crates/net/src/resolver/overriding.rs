//! Names that lead elsewhere.

use std::collections::HashMap;
use std::fmt;

use super::{Resolver, Resolving};
use crate::Family;

/// Has some names lead elsewhere, and asks another resolver for the rest: for tests, and for servers
/// that are not in the DNS yet.
///
/// # Examples
///
/// ```
/// use waterspout_net::{Family, IoLoop, OverrideResolver, Resolver, SystemResolver};
///
/// let resolver = OverrideResolver::new(SystemResolver)
///     .host("api.example", "127.0.0.1")
///     .host_port("api.example", 443, "127.0.0.1", 8443);
/// IoLoop::new()?.run_sync(async {
///     let found = resolver.resolve("api.example", 443, Family::Any).await?;
///     assert_eq!(found[0].to_string(), "127.0.0.1:8443");
///     let found = resolver.resolve("api.example", 80, Family::Any).await?;
///     assert_eq!(found[0].to_string(), "127.0.0.1:80");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct OverrideResolver<R> {
    inner: R,
    hosts: HashMap<String, String>,
    host_ports: HashMap<(String, u16), (String, u16)>,
}

impl<R: Resolver> OverrideResolver<R> {
    /// Makes a resolver that asks `inner` for everything.
    #[must_use]
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            hosts: HashMap::new(),
            host_ports: HashMap::new(),
        }
    }

    /// Has `host` lead to `target`, a name or an IP address, on any port.
    #[must_use]
    pub fn host(mut self, host: &str, target: &str) -> Self {
        let host = host.to_ascii_lowercase();
        self.hosts.insert(host, target.to_owned());
        self
    }

    /// Has one port of `host` lead to a host and port. This wins over [`host`](Self::host).
    #[must_use]
    pub fn host_port(mut self, host: &str, port: u16, target: &str, target_port: u16) -> Self {
        let key = (host.to_ascii_lowercase(), port);
        self.host_ports
            .insert(key, (target.to_owned(), target_port));
        self
    }
}

impl<R: Resolver> Resolver for OverrideResolver<R> {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        let name = host.to_ascii_lowercase();
        if let Some(target) = self.hosts.get(&name)
            && !self.host_ports.contains_key(&(name.clone(), port))
        {
            return self.inner.resolve(target, port, family);
        }
        match self.host_ports.get(&(name, port)) {
            Some((target, port)) => self.inner.resolve(target, *port, family),
            None => self.inner.resolve(host, port, family),
        }
    }
}

impl<R> fmt::Debug for OverrideResolver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverrideResolver")
            .field("hosts", &self.hosts)
            .field("host_ports", &self.host_ports)
            .finish_non_exhaustive()
    }
}
