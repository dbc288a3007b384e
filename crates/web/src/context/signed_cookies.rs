//! Cookies that clients cannot change.

use std::time::SystemTime;

use super::Context;
use crate::cookies::{CookieOptions, SameSite};
use crate::error::{Misuse, Result};
use crate::signed::{CookieSecret, SignedCookieRules, signature_key_version};

/// How many days a signed cookie is set for, as in Tornado.
const DAYS: f64 = 30.0;

impl<S> Context<S> {
    /// Returns the value of a signed cookie, if it is whole, of this name, at most 31 days old and text.
    ///
    /// # Errors
    ///
    /// Fails if the application has no [`cookie_secret`](crate::Application::cookie_secret). A cookie that
    /// was tampered with is no error: it counts as none.
    pub fn signed_cookie(&self, name: &str) -> Result<Option<String>> {
        let value = self.signed_cookie_with(name, &SignedCookieRules::new())?;
        Ok(value.and_then(|octets| String::from_utf8(octets).ok()))
    }

    /// Returns the octets of a signed cookie that fulfils the rules.
    ///
    /// # Errors
    ///
    /// Fails as [`signed_cookie`](Self::signed_cookie) does.
    pub fn signed_cookie_with(
        &self,
        name: &str,
        rules: &SignedCookieRules,
    ) -> Result<Option<Vec<u8>>> {
        let secret = self.cookie_secret()?;
        let now = SystemTime::now();
        let text = self.cookie_text(name);
        Ok(text.and_then(|text| secret.decode_signed_value(name, &text, rules, now)))
    }

    /// Returns the number of the key that a cookie claims to be signed with; nothing is checked.
    #[must_use]
    pub fn signed_cookie_key_version(&self, name: &str) -> Option<u32> {
        signature_key_version(&self.cookie_text(name)?)
    }

    /// Sets a signed cookie for 30 days and the whole host. The client can read it, and not change it.
    ///
    /// It is hidden from scripts and `SameSite=Lax`, and for requests over TLS it is `Secure`. Tornado sets
    /// none of these; [`set_signed_cookie_with`](Self::set_signed_cookie_with) takes others.
    ///
    /// # Errors
    ///
    /// Fails as [`signed_cookie`](Self::signed_cookie) and [`set_cookie_with`](Self::set_cookie_with) do.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// async fn count(cx: &mut Context) -> Result<String> {
    ///     let before = cx.signed_cookie("visits")?.unwrap_or_default();
    ///     let visits = before.parse().unwrap_or(0u64).saturating_add(1);
    ///     cx.set_signed_cookie("visits", visits.to_string())?;
    ///     Ok(format!("visit number {visits}"))
    /// }
    ///
    /// let app = Application::new(()).cookie_secret("32 random octets").get("/", count);
    /// # drop(app);
    /// ```
    pub fn set_signed_cookie(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result {
        let options = CookieOptions::new()
            .expires_days(DAYS)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.protocol() == "https");
        self.set_signed_cookie_with(name, value, &options)
    }

    /// Sets a signed cookie with attributes.
    ///
    /// # Errors
    ///
    /// Fails as [`set_signed_cookie`](Self::set_signed_cookie) does.
    pub fn set_signed_cookie_with(
        &mut self,
        name: &str,
        value: impl AsRef<[u8]>,
        options: &CookieOptions,
    ) -> Result {
        let secret = self.cookie_secret()?;
        let text = secret.create_signed_value(name, value, SystemTime::now());
        self.set_cookie_with(name, &text, options)
    }

    /// Returns the secret of the application, for signing what is no cookie.
    ///
    /// # Errors
    ///
    /// Fails if the application has none.
    pub fn cookie_secret(&self) -> Result<&CookieSecret> {
        let secret = self.site.security.cookie_secret.as_ref();
        secret.ok_or_else(|| {
            Misuse::new("signed cookies need Application::cookie_secret, which is not set").into()
        })
    }
}
