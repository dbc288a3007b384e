//! The jar that users hold.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::SystemTime;

use super::cookie::Cookie;
use super::set_cookie::SetCookie;
use super::store::Store;
use crate::client::FetchError;
use crate::client::url::Url;

/// Cookies that servers set, kept for later requests by the rules of RFC 6265bis.
///
/// It holds at most 50 cookies of a domain and 3,000 in all, of 4,096 octets each; those that were used
/// least recently go. A clone is the same jar, so one jar may serve several clients.
///
/// Domains are told apart by their dots: a cookie cannot be set for a whole top-level domain, but
/// without [`public_suffixes`](Self::public_suffixes) one of `a.co.uk` can be set for `co.uk`.
/// `SameSite` is not enforced, since a client has no pages that a request could come from.
///
/// # Examples
///
/// ```
/// use waterspout_http::client::{ClientConfig, CookieJar, HttpClient};
///
/// let jar = CookieJar::new();
/// let client = HttpClient::with_config(ClientConfig::default().cookie_jar(jar.clone()));
///
/// jar.set("https://example.com/", "session=abc; Secure; Path=/")?;
/// assert_eq!(jar.header("https://example.com/a")?.as_deref(), Some(&b"session=abc"[..]));
/// assert_eq!(jar.header("http://example.com/a")?, None);
/// # Ok::<(), waterspout_http::client::FetchError>(())
/// ```
#[derive(Clone, Default)]
pub struct CookieJar {
    inner: Rc<Inner>,
}

/// Knows the domains below which anybody may register.
type Suffixes = Box<dyn Fn(&str) -> bool>;

#[derive(Default)]
struct Inner {
    store: RefCell<Store>,
    is_public_suffix: RefCell<Option<Suffixes>>,
}

impl CookieJar {
    /// Makes an empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what knows the domains below which anybody may register, such as `co.uk`: given one in
    /// lower case, it tells whether it is one of these. The list of <https://publicsuffix.org> is in
    /// the crate `psl`, among others. Default: names without a dot.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::client::CookieJar;
    ///
    /// let jar = CookieJar::new().public_suffixes(|domain| domain == "co.uk");
    /// jar.set("http://a.co.uk/", "x=y; Domain=co.uk")?;
    /// assert!(jar.is_empty());
    /// # Ok::<(), waterspout_http::client::FetchError>(())
    /// ```
    #[must_use]
    pub fn public_suffixes(self, is_public_suffix: impl Fn(&str) -> bool + 'static) -> Self {
        *self.inner.is_public_suffix.borrow_mut() = Some(Box::new(is_public_suffix));
        self
    }

    /// Takes a cookie as if a response from `url` had set it by `Set-Cookie`. One that the rules do
    /// not allow is ignored.
    ///
    /// # Errors
    ///
    /// [`FetchError`] (request) if the URL is none.
    pub fn set(&self, url: &str, set_cookie: impl AsRef<[u8]>) -> Result<(), FetchError> {
        self.take(&Url::parse(url)?, set_cookie.as_ref(), SystemTime::now());
        Ok(())
    }

    /// Returns the value of `Cookie` for a request to `url`; `None` if no cookie goes there.
    ///
    /// # Errors
    ///
    /// [`FetchError`] (request) if the URL is none.
    pub fn header(&self, url: &str) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.give(&Url::parse(url)?, SystemTime::now()))
    }

    /// Returns how many cookies it holds, those that are over included until they are noticed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.store.borrow().len()
    }

    /// Tells whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all cookies.
    pub fn clear(&self) {
        *self.inner.store.borrow_mut() = Store::default();
    }

    pub(in crate::client) fn take(&self, url: &Url, set_cookie: &[u8], now: SystemTime) {
        let Some(set) = SetCookie::parse(set_cookie, now) else {
            return;
        };
        let known = self.inner.is_public_suffix.borrow();
        let is_public_suffix = |domain: &str| match &*known {
            _ if !domain.contains('.') => true,
            Some(is_public_suffix) => is_public_suffix(domain),
            None => false,
        };
        if let Some(cookie) = Cookie::accept(set, url, &is_public_suffix) {
            self.inner.store.borrow_mut().insert(cookie, url, now);
        }
    }

    pub(in crate::client) fn give(&self, url: &Url, now: SystemTime) -> Option<Vec<u8>> {
        let mut store = self.inner.store.borrow_mut();
        let mut out = Vec::new();
        for cookie in store.find(url, now) {
            if !out.is_empty() {
                out.extend_from_slice(b"; ");
            }
            if !cookie.name.is_empty() {
                out.extend_from_slice(&cookie.name);
                out.push(b'=');
            }
            out.extend_from_slice(&cookie.value);
        }
        (!out.is_empty()).then_some(out)
    }
}

/// Shows how many cookies there are, and none of them.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar")
            .field("len", &self.len())
            .finish()
    }
}
