use std::time::Duration;

use super::SignatureVersion;

const DAY: f64 = 86_400.0;

/// What a signed cookie must be to count.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, Result, SignedCookieRules};
///
/// async fn recently(cx: &mut Context) -> Result<&'static str> {
///     let rules = SignedCookieRules::new().max_age_days(1.0);
///     Ok(match cx.signed_cookie_with("user", &rules)? {
///         Some(_octets) => "signed in today",
///         None => "sign in again",
///     })
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedCookieRules {
    pub(super) max_age: Duration,
    pub(super) min_version: Option<SignatureVersion>,
}

impl SignedCookieRules {
    /// Creates the rules that [`Context::signed_cookie`](crate::Context::signed_cookie) applies.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_age: Duration::from_secs(31 * 86_400),
            min_version: None,
        }
    }

    /// Sets how many days old a cookie may be. Default: 31, a day more than it is set for.
    #[must_use]
    pub fn max_age_days(mut self, days: f64) -> Self {
        let seconds = (days * DAY).max(0.0);
        self.max_age = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self
    }

    /// Sets the oldest format that counts. Default: that of the application's
    /// [`CookieSecret`](crate::CookieSecret::min_version).
    #[must_use]
    pub fn min_version(mut self, version: SignatureVersion) -> Self {
        self.min_version = Some(version);
        self
    }
}

impl Default for SignedCookieRules {
    fn default() -> Self {
        Self::new()
    }
}
