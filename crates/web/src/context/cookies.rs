//! Cookies of the request, and those of the response.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Context;
use crate::cookies::{self, CookieOptions};
use crate::error::Result;

impl<S> Context<S> {
    /// Returns the value of a cookie the client sent.
    ///
    /// If the name comes more than once, the last one counts. Cookies set on this response are not
    /// among them.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        Some(self.cookie_text(name)?.into_owned())
    }

    /// The same, not copied where it stands in the field as it is.
    pub(super) fn cookie_text(&self, name: &str) -> Option<Cow<'_, str>> {
        cookies::find(self.headers().get_all("Cookie"), name)
    }

    /// Returns the names and values of all cookies the client sent. Malformed ones are left out.
    #[must_use]
    pub fn cookies(&self) -> Vec<(String, String)> {
        cookies::parse_all(self.headers().get_all("Cookie"))
    }

    /// Sets a cookie until the browser closes, for the whole host.
    ///
    /// # Errors
    ///
    /// Fails as [`set_cookie_with`](Self::set_cookie_with) does.
    pub fn set_cookie(&mut self, name: &str, value: &str) -> Result {
        self.set_cookie_with(name, value, &CookieOptions::new())
    }

    /// Sets a cookie with attributes. A cookie of that name set before is replaced with its
    /// attributes.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent; if the name is not a token; if the value holds blanks, control
    /// characters or characters beyond Latin-1; if path or domain hold anything but printable ASCII
    /// without `;`; if the time of expiry is not one HTTP can write; or if browsers would drop the cookie:
    /// because name and value have more than 4096 octets, because it is `SameSite=None` or partitioned and not
    /// `secure`, or because the name begins with `__Host-` or `__Secure-` and the attributes are not what
    /// [`for_host`](CookieOptions::for_host) sets.
    pub fn set_cookie_with(&mut self, name: &str, value: &str, options: &CookieOptions) -> Result {
        self.require_open_head()?;
        let field = cookies::set_cookie_value(name, value, options)?;
        let pending = &mut self.more().cookies;
        match pending.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = field,
            None => pending.push((name.to_owned(), field)),
        }
        Ok(())
    }

    /// Removes a cookie that was set for the whole host.
    ///
    /// # Errors
    ///
    /// Fails as [`set_cookie_with`](Self::set_cookie_with) does.
    pub fn clear_cookie(&mut self, name: &str) -> Result {
        self.clear_cookie_with(name, &CookieOptions::new())
    }

    /// Removes a cookie that was set with a path or domain: both must be those it was set with.
    ///
    /// # Errors
    ///
    /// Fails as [`set_cookie_with`](Self::set_cookie_with) does.
    pub fn clear_cookie_with(&mut self, name: &str, options: &CookieOptions) -> Result {
        self.set_cookie_with(name, "", &options.expired(name))
    }

    /// Removes every cookie the client sent. Those with a path or domain of their own stay: a
    /// client does not say which they have.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent.
    pub fn clear_all_cookies(&mut self) -> Result {
        self.require_open_head()?;
        let names: HashSet<String> = self.cookies().into_iter().map(|(name, _)| name).collect();
        let pending = &mut self.more().cookies;
        pending.retain(|(known, _)| !names.contains(known));
        for name in names {
            let options = CookieOptions::new().expired(&name);
            let field = cookies::set_cookie_value(&name, "", &options)?;
            pending.push((name, field));
        }
        Ok(())
    }

    /// Writes the `Set-Cookie` fields, after all others; once, when the head is about to go out.
    pub(crate) fn commit_cookies(&mut self) {
        let Some(more) = &mut self.more else {
            return;
        };
        if more.cookies.is_empty() || self.exchange.head_sent() {
            return;
        }
        let headers = self.exchange.response_mut().headers_mut();
        for (name, field) in more.cookies.drain(..) {
            if headers.append("Set-Cookie", field).is_err() {
                tracing::error!(target: "waterspout::application", "cookie {name:?} cannot be sent");
            }
        }
    }
}
