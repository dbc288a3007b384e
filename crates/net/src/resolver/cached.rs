//! Remembering what was found.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::{Resolver, Resolving, literal};
use crate::Family;

/// Names that are remembered at the most; a full cache forgets what has expired, or everything.
const CAPACITY: usize = 1024;

/// Remembers for some time what another resolver has found. Failures are not remembered.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{CachedResolver, SystemResolver};
///
/// let resolver = CachedResolver::new(SystemResolver).ttl(Duration::from_secs(5));
/// # drop(resolver);
/// ```
pub struct CachedResolver<R> {
    inner: R,
    ttl: Duration,
    known: RefCell<HashMap<(String, Family), Known>>,
}

struct Known {
    until: Instant,
    addresses: Vec<SocketAddr>,
}

impl<R: Resolver> CachedResolver<R> {
    /// Puts a cache before `inner`.
    #[must_use]
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            ttl: Duration::from_secs(30),
            known: RefCell::default(),
        }
    }

    /// Sets how long an answer is remembered. The system does not say how long it may be, so keep
    /// it short. Default: 30 s.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Forgets every answer.
    pub fn clear(&self) {
        self.known.borrow_mut().clear();
    }

    fn remember(&self, key: (String, Family), addresses: Vec<SocketAddr>) {
        let mut known = self.known.borrow_mut();
        let now = Instant::now();
        if known.len() >= CAPACITY {
            known.retain(|_, entry| entry.until > now);
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        let until = now + self.ttl;
        known.insert(key, Known { until, addresses });
    }
}

impl<R: Resolver> Resolver for CachedResolver<R> {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        Box::pin(async move {
            if literal(host).is_some() {
                return self.inner.resolve(host, port, family).await;
            }
            let key = (host.to_ascii_lowercase(), family);
            if let Some(entry) = self.known.borrow().get(&key)
                && entry.until > Instant::now()
            {
                let with_port = |address: &SocketAddr| (address.ip(), port).into();
                return Ok(entry.addresses.iter().map(with_port).collect());
            }
            let found = self.inner.resolve(host, port, family).await?;
            self.remember(key, found.clone());
            Ok(found)
        })
    }
}

impl<R> fmt::Debug for CachedResolver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedResolver")
            .field("ttl", &self.ttl)
            .field("names", &self.known.borrow().len())
            .finish_non_exhaustive()
    }
}
