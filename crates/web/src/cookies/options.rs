use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// The attributes of a cookie.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, CookieOptions, Result, SameSite};
///
/// async fn remember(cx: &mut Context) -> Result {
///     let options = CookieOptions::new().expires_days(30.0).http_only(true).same_site(SameSite::Lax);
///     cx.set_cookie_with("theme", "dark", &options)
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CookieOptions {
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    pub(super) expires: Option<Expiry>,
    pub(super) max_age: Option<i64>,
    pub(super) http_only: bool,
    pub(super) secure: bool,
    pub(super) same_site: Option<SameSite>,
    pub(super) partitioned: bool,
    pub(super) priority: Option<CookiePriority>,
}

/// When a cookie expires.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Expiry {
    At(SystemTime),
    InDays(f64),
}

/// Which cookies a browser keeps when a site has more than it stores: an attribute that Chromium reads and
/// others ignore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookiePriority {
    /// The first to go.
    Low,
    /// What browsers take where nothing is said.
    Medium,
    /// The last to go.
    High,
}

/// With which requests from other sites a cookie is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Only with requests from the site itself.
    Strict,
    /// Also when somebody follows a link to the site.
    Lax,
    /// With every request. It must be `Secure`: browsers drop the cookie otherwise.
    None,
}

impl CookieOptions {
    /// Creates the attributes of a session cookie for the whole host.
    #[must_use]
    pub fn new() -> Self {
        Self {
            domain: None,
            path: Some("/".to_owned()),
            expires: None,
            max_age: None,
            http_only: false,
            secure: false,
            same_site: None,
            partitioned: false,
            priority: None,
        }
    }

    /// Creates the attributes that a cookie named `__Host-…` must have: sent over TLS, to the host that
    /// set it and no other, with every path. Beside these it is hidden from scripts and `SameSite=Lax`.
    ///
    /// Browsers take such a name only with such attributes, so that no other host of the domain and no
    /// page without TLS can set it (RFC 6265bis §4.1.3). Other names beginning with `__Host-` or
    /// `__Secure-` are errors.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, CookieOptions, Result};
    ///
    /// async fn sign_in(cx: &mut Context) -> Result {
    ///     cx.set_signed_cookie_with("__Host-user", "ada", &CookieOptions::for_host().expires_days(30.0))
    /// }
    /// ```
    #[must_use]
    pub fn for_host() -> Self {
        Self::new()
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
    }

    /// Sends the cookie to a domain and the hosts below it. Default: the host alone.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sends the cookie below this path only. Default: `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Keeps the cookie until a time. Default: until the browser closes.
    #[must_use]
    pub fn expires(mut self, time: SystemTime) -> Self {
        self.expires = Some(Expiry::At(time));
        self
    }

    /// Keeps the cookie for a number of days, which may be a fraction or negative. Default: until
    /// the browser closes.
    #[must_use]
    pub fn expires_days(mut self, days: f64) -> Self {
        self.expires = Some(Expiry::InDays(days));
        self
    }

    /// Keeps the cookie for a number of seconds; zero or less removes it. Default: not sent.
    #[must_use]
    pub fn max_age(mut self, seconds: i64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Hides the cookie from scripts. Default: `false`, as in Tornado.
    #[must_use]
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Sends the cookie over TLS only. Default: `false`, as in Tornado.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Restricts requests from other sites. Default: not sent, which browsers read as `Lax`.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Keeps the cookie apart for each site that embeds this one (CHIPS); it must be `secure` then.
    /// Default: `false`.
    #[must_use]
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// Says which cookies of the site are to go first when a browser has too many of them. Default: not sent,
    /// which is `Medium`.
    #[must_use]
    pub fn priority(mut self, priority: CookiePriority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The same attributes, kept for some days unless they say how long.
    pub(crate) fn kept_for_days(self, days: f64) -> Self {
        match (self.expires, self.max_age) {
            (None, None) => self.expires_days(days),
            _ => self,
        }
    }

    /// The same attributes for a cookie of a name that expired a year ago. Browsers take one whose name
    /// has a prefix with `Secure` only.
    pub(crate) fn expired(&self, name: &str) -> Self {
        let mut options = self.clone();
        options.secure |= Prefix::of(name).is_some();
        options.max_age = None;
        options.expires = Some(Expiry::InDays(-365.0));
        options
    }
}

/// The beginning of a name that browsers tie to attributes, in any case (RFC 6265bis §4.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    Secure,
    Host,
}

impl Prefix {
    pub(super) fn of(name: &str) -> Option<Self> {
        let begins = |prefix: &str| {
            let start = name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        if begins("__Host-") {
            Some(Self::Host)
        } else {
            begins("__Secure-").then_some(Self::Secure)
        }
    }

    /// Tells whether browsers take a cookie of such a name with these attributes.
    pub(super) fn allows(self, options: &CookieOptions) -> bool {
        let is_whole_host = options.domain.is_none() && options.path.as_deref() == Some("/");
        options.secure && (self == Self::Secure || is_whole_host)
    }
}

impl Default for CookieOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl Expiry {
    /// The point in time, if the calendar has it: HTTP dates have years of four digits.
    pub(super) fn time(self) -> Option<SystemTime> {
        const YEAR_10000: u64 = 253_402_300_800;
        let time = match self {
            Self::At(time) => time,
            Self::InDays(days) => {
                let span = Duration::try_from_secs_f64(days.abs() * 86400.0).ok()?;
                if days < 0.0 {
                    SystemTime::now().checked_sub(span)?
                } else {
                    SystemTime::now().checked_add(span)?
                }
            }
        };
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        (since.as_secs() < YEAR_10000).then_some(time)
    }
}

impl CookiePriority {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

impl SameSite {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// Reads the attribute's value in any case.
impl FromStr for SameSite {
    type Err = UnknownSameSite;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Strict, Self::Lax, Self::None];
        all.into_iter()
            .find(|value| value.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownSameSite)
    }
}

/// The text was none of `Strict`, `Lax` and `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownSameSite;

impl std::fmt::Display for UnknownSameSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SameSite is Strict, Lax or None")
    }
}

impl std::error::Error for UnknownSameSite {}
