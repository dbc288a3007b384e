//! What the jar holds, within its limits.

use std::collections::HashMap;
use std::time::SystemTime;

use super::cookie::Cookie;
use crate::client::url::{Scheme, Url};

/// Cookies of one domain, and of all (RFC 6265bis §6.1 asks for as many at the least).
pub(super) const MAX_OF_DOMAIN: usize = 50;
pub(super) const MAX_OF_ALL: usize = 3000;

#[derive(Debug, Default)]
pub(super) struct Store {
    domains: HashMap<String, Vec<Cookie>>,
    len: usize,
    created: u64,
    requests: u64,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Keeps a cookie, in place of the one of the same name, domain and path. One that is over only
    /// removes that.
    pub(super) fn insert(&mut self, mut cookie: Cookie, url: &Url, now: SystemTime) {
        if url.scheme == Scheme::Http && self.hides(&cookie) {
            return;
        }
        self.created += 1;
        cookie.created = self.created;
        cookie.used = self.requests;
        if let Some(of_domain) = self.domains.get_mut(&cookie.domain)
            && let Some(at) = of_domain.iter().position(|known| known.is_same(&cookie))
        {
            cookie.created = of_domain.swap_remove(at).created;
            self.len -= 1;
        }
        if cookie.is_over(now) {
            self.domains.retain(|_, cookies| !cookies.is_empty());
            return;
        }
        let of_domain = self.domains.entry(cookie.domain.clone()).or_default();
        of_domain.push(cookie);
        self.len += 1;
        if of_domain.len() > MAX_OF_DOMAIN {
            self.len -= evict(of_domain, now);
        }
        if self.len > MAX_OF_ALL {
            self.evict_anywhere(now);
        }
    }

    /// Returns those that go with a request: longer paths first, then those that came first.
    pub(super) fn find(&mut self, url: &Url, now: SystemTime) -> Vec<&Cookie> {
        self.requests += 1;
        let requests = self.requests;
        let mut domain = url.host_name();
        let mut names = vec![domain];
        while let Some((_, parent)) = domain.split_once('.') {
            names.push(parent);
            domain = parent;
        }
        for name in &names {
            let of_domain = self.domains.get_mut(*name).into_iter().flatten();
            for cookie in of_domain.filter(|cookie| cookie.goes_to(url)) {
                cookie.used = requests;
            }
        }
        let of_domains = names.into_iter().filter_map(|name| self.domains.get(name));
        let mut found: Vec<&Cookie> = of_domains
            .flatten()
            .filter(|cookie| cookie.used == requests && !cookie.is_over(now))
            .collect();
        found.sort_by_key(|cookie| (usize::MAX - cookie.path.len(), cookie.created));
        found
    }

    fn hides(&self, cookie: &Cookie) -> bool {
        let mut known = self.domains.values().flatten();
        known.any(|known| known.is_hidden_by(cookie))
    }

    /// The domain whose cookies were used least recently gives one.
    fn evict_anywhere(&mut self, now: SystemTime) {
        let used = |cookies: &Vec<Cookie>| cookies.iter().map(|cookie| cookie.used).min();
        let domains = self.domains.iter();
        let oldest = domains.min_by_key(|(_, cookies)| used(cookies).unwrap_or(u64::MAX));
        let Some(name) = oldest.map(|(name, _)| name.clone()) else {
            return;
        };
        if let Some(of_domain) = self.domains.get_mut(&name) {
            self.len -= evict(of_domain, now);
            if of_domain.is_empty() {
                self.domains.remove(&name);
            }
        }
    }
}

/// Removes those that are over, or else the one that was used least recently; returns how many.
fn evict(cookies: &mut Vec<Cookie>, now: SystemTime) -> usize {
    let before = cookies.len();
    cookies.retain(|cookie| !cookie.is_over(now));
    if cookies.len() == before {
        let indices = 0..before;
        let oldest = indices.min_by_key(|at| (cookies[*at].used, cookies[*at].created));
        if let Some(at) = oldest {
            cookies.swap_remove(at);
        }
    }
    before - cookies.len()
}
