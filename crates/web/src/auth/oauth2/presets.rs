//! Providers that many sites use.

use super::provider::{ClientAuthentication, OAuth2Provider};

/// Presets. Their URLs can be changed, for tests against a provider of one's own.
impl OAuth2Provider {
    /// GitHub: who signs in, and their public data.
    #[must_use]
    pub fn github() -> Self {
        Self::new(
            "https://github.com/login/oauth/authorize",
            "https://github.com/login/oauth/access_token",
        )
        .user_url("https://api.github.com/user")
        .client_authentication(ClientAuthentication::Form)
    }

    /// Facebook: name, picture and the like. Requests carry the proof that the secret is known
    /// (`appsecret_proof`).
    #[must_use]
    pub fn facebook() -> Self {
        let mut provider = Self::new(
            "https://www.facebook.com/dialog/oauth",
            "https://graph.facebook.com/oauth/access_token",
        )
        .user_url(
            "https://graph.facebook.com/me?fields=id,name,first_name,last_name,locale,picture,link",
        )
        .client_authentication(ClientAuthentication::Form)
        .scope("public_profile");
        provider.proves_secret = true;
        provider
    }

    /// X, formerly Twitter, by OAuth 2.0; [`OAuth1Provider::twitter`](crate::auth::OAuth1Provider::twitter) is
    /// the older way.
    #[must_use]
    pub fn x() -> Self {
        Self::new(
            "https://x.com/i/oauth2/authorize",
            "https://api.x.com/2/oauth2/token",
        )
        .user_url("https://api.x.com/2/users/me")
        .scope("users.read")
        .scope("tweet.read")
    }
}
