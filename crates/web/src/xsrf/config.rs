use crate::cookies::CookieOptions;

/// How requests are checked for coming from the site itself: see
/// [`Application::xsrf_cookies`](crate::Application::xsrf_cookies).
#[derive(Debug, Clone, PartialEq)]
pub struct XsrfConfig {
    pub(crate) cookie_name: String,
    pub(crate) cookie_options: CookieOptions,
    pub(crate) masked: bool,
    pub(crate) check_origin: bool,
    pub(crate) trusted_origins: Vec<String>,
}

impl XsrfConfig {
    /// Creates Tornado's settings, and the check of the origin beside them.
    #[must_use]
    pub fn new() -> Self {
        Self {
            cookie_name: "_xsrf".to_owned(),
            cookie_options: CookieOptions::new(),
            masked: true,
            check_origin: true,
            trusted_origins: Vec::new(),
        }
    }

    /// Sets the name of the cookie. The argument of forms is `_xsrf` in any case. Default: `_xsrf`.
    ///
    /// Over TLS, `__Host-xsrf` with [`CookieOptions::for_host`] keeps other hosts of the domain from setting
    /// it.
    #[must_use]
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Sets the attributes of the cookie. Default: a session cookie for the whole host that scripts can
    /// read; where the user is known, it is kept for 30 days.
    #[must_use]
    pub fn cookie_options(mut self, options: CookieOptions) -> Self {
        self.cookie_options = options;
        self
    }

    /// Chooses between Tornado's two forms of tokens: 2, masked anew for every response so that compression
    /// does not betray it (BREACH), and 1, plain. Both are read. Default: 2.
    ///
    /// # Panics
    ///
    /// Panics for any other number.
    #[must_use]
    #[track_caller]
    pub fn version(mut self, version: u8) -> Self {
        assert!(
            matches!(version, 1 | 2),
            "XSRF tokens have the versions 1 and 2"
        );
        self.masked = version == 2;
        self
    }

    /// Chooses whether the origin that browsers name is checked beside the token: `Sec-Fetch-Site`, and
    /// `Origin` where that is missing. Default: `true`.
    #[must_use]
    pub fn check_origin(mut self, check: bool) -> Self {
        self.check_origin = check;
        self
    }

    /// Lets pages of another origin send requests, such as `https://www.example.com`. They still need the
    /// token. Default: none.
    #[must_use]
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.trusted_origins.push(origin.into());
        self
    }
}

impl Default for XsrfConfig {
    fn default() -> Self {
        Self::new()
    }
}
