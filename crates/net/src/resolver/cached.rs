//! Remembering what was found.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::flight::Flight;
use super::{ResolveError, Resolver, Resolving, literal};
use crate::Family;

/// Names that are remembered at the most; a full cache forgets what has expired, or everything.
const CAPACITY: usize = 1024;

/// Remembers for some time what another resolver has found, and asks it only once for what is asked
/// several times at once.
///
/// Failures are not remembered; who waits for the same look-up gets the same failure. A look-up goes on
/// when one of those who wait for it gives up, and ends with the last.
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
    inner: Rc<R>,
    ttl: Duration,
    known: RefCell<HashMap<Key, Known>>,
    flights: RefCell<HashMap<Key, Weak<Flight>>>,
}

/// Host in lower case, port and family: another resolver may have a port lead elsewhere.
type Key = (String, u16, Family);

struct Known {
    /// `None` where that is further than the clock goes.
    until: Option<Instant>,
    addresses: Vec<SocketAddr>,
}

impl Known {
    fn holds(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl<R: Resolver + 'static> CachedResolver<R> {
    /// Puts a cache before `inner`.
    #[must_use]
    pub fn new(inner: R) -> Self {
        Self {
            inner: Rc::new(inner),
            ttl: Duration::from_secs(30),
            known: RefCell::default(),
            flights: RefCell::default(),
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

    fn remembered(&self, key: &Key) -> Option<Vec<SocketAddr>> {
        let known = self.known.borrow();
        let entry = known.get(key)?;
        entry.holds(Instant::now()).then(|| entry.addresses.clone())
    }

    fn remember(&self, key: Key, addresses: Vec<SocketAddr>) {
        let mut known = self.known.borrow_mut();
        let now = Instant::now();
        if known.len() >= CAPACITY {
            known.retain(|_, entry| entry.holds(now));
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        let until = now.checked_add(self.ttl);
        known.insert(key, Known { until, addresses });
    }

    /// Joins the look-up that is under way, or begins one.
    fn board(&self, key: Key) -> Passenger<'_, R> {
        let mut flights = self.flights.borrow_mut();
        let under_way = flights.get(&key).and_then(Weak::upgrade);
        let flight = under_way.unwrap_or_else(|| {
            let (inner, (host, port, family)) = (Rc::clone(&self.inner), key.clone());
            let look_up = async move { inner.resolve(&host, port, family).await };
            let flight = Rc::new(Flight::new(Box::pin(look_up)));
            flights.insert(key.clone(), Rc::downgrade(&flight));
            flight
        });
        let place = flight.board();
        Passenger {
            cache: self,
            key,
            flight,
            place,
        }
    }
}

impl<R: Resolver + 'static> Resolver for CachedResolver<R> {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        if literal(host).is_some() {
            return self.inner.resolve(host, port, family);
        }
        Box::pin(async move {
            let key = (host.to_ascii_lowercase(), port, family);
            match self.remembered(&key) {
                Some(addresses) => Ok(addresses),
                None => self.board(key).await,
            }
        })
    }
}

/// One who waits for a look-up.
struct Passenger<'a, R> {
    cache: &'a CachedResolver<R>,
    key: Key,
    flight: Rc<Flight>,
    place: u64,
}

impl<R: Resolver + 'static> Future for Passenger<'_, R> {
    type Output = Result<Vec<SocketAddr>, ResolveError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let found = ready!(self.flight.poll(self.place, cx));
        // The first to hear of it: from now on the cache answers, or a new look-up.
        if self.cache.land(&self.key, &self.flight)
            && let Ok(addresses) = &found
        {
            self.cache.remember(self.key.clone(), addresses.clone());
        }
        Poll::Ready(found)
    }
}

impl<R> CachedResolver<R> {
    /// Takes a look-up out of those under way, if it is there still.
    fn land(&self, key: &Key, flight: &Rc<Flight>) -> bool {
        let mut flights = self.flights.borrow_mut();
        let there = flights
            .get(key)
            .is_some_and(|there| there.as_ptr() == Rc::as_ptr(flight));
        there && flights.remove(key).is_some()
    }
}

impl<R> Drop for Passenger<'_, R> {
    fn drop(&mut self) {
        self.flight.leave(self.place);
        if Rc::strong_count(&self.flight) == 1 {
            self.cache.land(&self.key, &self.flight);
        }
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
