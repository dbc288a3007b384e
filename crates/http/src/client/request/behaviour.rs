//! What a fetch does besides sending the request: redirects, credentials, codings.

use std::time::SystemTime;

use super::{AuthMode, HttpRequest};

impl HttpRequest {
    /// Sets whether redirects are followed. Default: true.
    #[must_use]
    pub fn follow_redirects(mut self, follow: bool) -> Self {
        self.options.follow_redirects = follow;
        self
    }

    /// Sets how many redirects are followed; the next one is the response. Default: 5.
    #[must_use]
    pub fn max_redirects(mut self, redirects: u32) -> Self {
        self.options.max_redirects = redirects;
        self
    }

    /// Sets whether content codings are asked for and undone: those that this build has of gzip,
    /// deflate, br and zstd. Default: true.
    #[must_use]
    pub fn decompress_response(mut self, decompress: bool) -> Self {
        self.options.decompress_response = decompress;
        self
    }

    /// Sets whether the body is held back until the server says `100 Continue`, for a second at
    /// the most. Default: false.
    #[must_use]
    pub fn expect_100_continue(mut self, expect: bool) -> Self {
        self.options.expect_100_continue = expect;
        self
    }

    /// Allows methods other than the seven usual ones, and bodies where they are unusual. Default:
    /// false.
    #[must_use]
    pub fn allow_nonstandard_methods(mut self, allow: bool) -> Self {
        self.options.allow_nonstandard_methods = allow;
        self
    }

    /// Sets whether a status outside 200 to 299 is an error. Network errors always are. Default:
    /// true.
    #[must_use]
    pub fn raise_error(mut self, raise: bool) -> Self {
        self.options.raise_error = raise;
        self
    }

    /// Sets `User-Agent`; empty sends none. Default: `Waterspout/` and the version.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.options.user_agent = Some(name.into());
        self
    }

    /// Sets `If-Modified-Since`.
    #[must_use]
    pub fn if_modified_since(self, time: SystemTime) -> Self {
        self.header("If-Modified-Since", httpdate::fmt_http_date(time))
    }

    /// Sets user and password (Tornado's `auth_username` and `auth_password`), which
    /// [`auth_mode`](Self::auth_mode) says how to show. Those in the URL win. Default: none.
    #[must_use]
    pub fn auth(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.options.auth = Some((username.into(), password.into()));
        self
    }

    /// Sets the user, as Tornado's option. Default: none.
    #[must_use]
    pub fn auth_username(mut self, username: impl Into<String>) -> Self {
        let password = self.options.auth.take().map(|(_, password)| password);
        self.auth(username, password.unwrap_or_default())
    }

    /// Sets the password, as Tornado's option. Default: empty.
    #[must_use]
    pub fn auth_password(mut self, password: impl Into<String>) -> Self {
        let username = self.options.auth.take().map(|(username, _)| username);
        self.auth(username.unwrap_or_default(), password)
    }

    /// Sets how user and password are shown. Default: [`AuthMode::Basic`].
    #[must_use]
    pub fn auth_mode(mut self, mode: AuthMode) -> Self {
        self.options.auth_mode = mode;
        self
    }
}
