//! A cache that joins what is asked at once.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use crate::support::run;
use tokio::sync::Notify;
use waterspout_net::{
    CachedResolver, Family, OverrideResolver, ResolveError, Resolver, Resolving, SystemResolver,
};

/// A resolver that answers when it is told to, and counts what it is asked and what is dropped.
#[derive(Clone, Default)]
struct Slow {
    asked: Rc<Cell<u32>>,
    dropped: Rc<Cell<u32>>,
    answer: Rc<Notify>,
    fails: bool,
}

struct Noted(Rc<Cell<u32>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Resolver for Slow {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, _family: Family) -> Resolving<'a> {
        self.asked.set(self.asked.get() + 1);
        let noted = Noted(Rc::clone(&self.dropped));
        Box::pin(async move {
            let _noted = noted;
            self.answer.notified().await;
            if self.fails {
                return Err(ResolveError::failed(
                    host,
                    std::io::Error::other("no such name"),
                ));
            }
            Ok(vec![SocketAddr::from(([192, 0, 2, 1], port))])
        })
    }
}

async fn ask<R: Resolver>(resolver: &R, host: &str) -> Result<Vec<SocketAddr>, ResolveError> {
    resolver.resolve(host, 80, Family::Any).await
}

#[test]
fn who_asks_the_same_at_once_shares_one_look_up() {
    run(async {
        let slow = Slow::default();
        let cache = CachedResolver::new(slow.clone());
        let tell = async {
            tokio::task::yield_now().await;
            slow.answer.notify_one();
        };
        let (one, two, three, ()) = tokio::join!(
            ask(&cache, "site.example"),
            ask(&cache, "SITE.example"),
            ask(&cache, "site.example"),
            tell
        );
        let expected = [SocketAddr::from(([192, 0, 2, 1], 80))];
        for found in [one, two, three] {
            assert_eq!(found.unwrap(), expected);
        }
        assert_eq!(ask(&cache, "site.example").await.unwrap(), expected);
        assert_eq!(slow.asked.get(), 1);
    });
}

#[test]
fn all_who_wait_get_the_failure_and_the_next_asks_anew() {
    run(async {
        let slow = Slow {
            fails: true,
            ..Slow::default()
        };
        let cache = CachedResolver::new(slow.clone());
        let tell = async {
            tokio::task::yield_now().await;
            slow.answer.notify_one();
        };
        let (one, two, ()) = tokio::join!(
            ask(&cache, "site.example"),
            ask(&cache, "site.example"),
            tell
        );
        for error in [one.unwrap_err(), two.unwrap_err()] {
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!((error.host(), &*cause), ("site.example", "no such name"));
        }
        assert_eq!(slow.asked.get(), 1);
        slow.answer.notify_one();
        ask(&cache, "site.example").await.unwrap_err();
        assert_eq!(slow.asked.get(), 2);
    });
}

#[test]
fn a_look_up_goes_on_when_the_one_who_began_it_gives_up() {
    run(async {
        let slow = Slow::default();
        let cache = Rc::new(CachedResolver::new(slow.clone()));
        let spawn = || {
            let cache = Rc::clone(&cache);
            tokio::task::spawn_local(async move { ask(&*cache, "site.example").await })
        };
        let (first, second) = (spawn(), spawn());
        while slow.asked.get() == 0 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        slow.answer.notify_one();
        assert_eq!(second.await.unwrap().unwrap().len(), 1);
        assert_eq!(slow.asked.get(), 1);
    });
}

#[test]
fn a_look_up_is_dropped_with_the_last_who_waits_for_it() {
    run(async {
        let slow = Slow::default();
        let cache = CachedResolver::new(slow.clone());
        {
            let mut one = cache.resolve("site.example", 80, Family::Any);
            let mut two = cache.resolve("site.example", 80, Family::Any);
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(one.as_mut().poll(&mut cx).is_pending());
            assert!(two.as_mut().poll(&mut cx).is_pending());
            drop(one);
            assert_eq!(slow.dropped.get(), 0);
        }
        assert_eq!(slow.dropped.get(), 1);
        slow.answer.notify_one();
        ask(&cache, "site.example").await.unwrap();
        assert_eq!(slow.asked.get(), 2);
    });
}

#[test]
fn a_cache_keeps_apart_ports_that_another_resolver_has_lead_elsewhere() {
    run(async {
        let mapped = OverrideResolver::new(SystemResolver)
            .host("api.example", "127.0.0.1")
            .host_port("api.example", 443, "127.0.0.1", 8443);
        let cache = CachedResolver::new(mapped);
        for _ in 0..2 {
            for (port, expected) in [(443, "127.0.0.1:8443"), (80, "127.0.0.1:80")] {
                let found = cache.resolve("api.example", port, Family::Any).await;
                assert_eq!(found.unwrap()[0].to_string(), expected);
            }
        }
    });
}

#[test]
fn an_address_with_a_zone_is_an_address() {
    run(async {
        for zoned in ["fe80::1%1", "[fe80::1%1]"] {
            let found = ask(&SystemResolver, zoned).await.unwrap();
            assert_eq!(found[0].to_string(), "[fe80::1%1]:80");
        }
    });
}
