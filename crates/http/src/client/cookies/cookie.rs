//! A cookie in the jar, and whether it may come in (RFC 6265bis §5.7).

use std::time::SystemTime;

use super::domain::{default_path, domain_matches, is_address, path_matches};
use super::set_cookie::SetCookie;
use crate::client::url::{Scheme, Url};

/// A cookie that is kept.
#[derive(Debug, Clone)]
pub(super) struct Cookie {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) domain: String,
    pub(super) host_only: bool,
    pub(super) path: String,
    pub(super) secure: bool,
    pub(super) expires: Option<SystemTime>,
    /// Which of all it was to come; one that is replaced keeps its place.
    pub(super) created: u64,
    /// When it was last sent, counted in requests.
    pub(super) used: u64,
}

impl Cookie {
    /// Decides whether and how a cookie that `url` set is kept.
    pub(super) fn accept(
        set: SetCookie,
        url: &Url,
        is_public_suffix: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let host = url.host_name();
        let secure_origin = url.scheme == Scheme::Https;
        if set.secure && !secure_origin || set.cross_site && !set.secure {
            return None;
        }
        let has_domain = set.domain.is_some();
        let (domain, host_only) = match set.domain {
            None => (host.to_owned(), true),
            Some(domain) if is_public_suffix(&domain) || is_address(&domain) => {
                (domain == host).then_some((domain, true))?
            }
            Some(domain) => domain_matches(host, &domain).then_some((domain, false))?,
        };
        let root = set.path.as_deref() == Some("/");
        check_prefix(&set.name, &set.value, set.secure, root && !has_domain)?;
        let path = path_of(url);
        Some(Self {
            name: set.name,
            value: set.value,
            domain,
            host_only,
            path: set.path.unwrap_or_else(|| default_path(path).to_owned()),
            secure: set.secure,
            expires: set.expires,
            created: 0,
            used: 0,
        })
    }

    /// §5.8.3: tells whether it goes with a request.
    pub(super) fn goes_to(&self, url: &Url) -> bool {
        let host = url.host_name();
        let of_host = if self.host_only {
            host == self.domain
        } else {
            domain_matches(host, &self.domain)
        };
        of_host
            && path_matches(path_of(url), &self.path)
            && (!self.secure || url.scheme == Scheme::Https)
    }

    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Tells whether `other` takes its place.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
    }

    /// §5.7 step 16: what came over plain http must not hide a cookie that is for https only.
    pub(super) fn is_hidden_by(&self, insecure: &Self) -> bool {
        self.secure
            && self.name == insecure.name
            && (domain_matches(&self.domain, &insecure.domain)
                || domain_matches(&insecure.domain, &self.domain))
            && path_matches(&insecure.path, &self.path)
    }
}

/// §5.7 steps 21 to 23: names that promise something have to keep it, in whatever case, and a cookie
/// without a name must not look like one.
fn check_prefix(name: &[u8], value: &[u8], secure: bool, of_host: bool) -> Option<()> {
    let begins = |octets: &[u8], prefix: &str| {
        let front = octets.get(..prefix.len());
        front.is_some_and(|front| front.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let kept = if name.is_empty() {
        !begins(value, "__Secure-") && !begins(value, "__Host-")
    } else if begins(name, "__Host-") {
        secure && of_host
    } else {
        secure || !begins(name, "__Secure-")
    };
    kept.then_some(())
}

fn path_of(url: &Url) -> &str {
    url.target.split('?').next().unwrap_or_default()
}
