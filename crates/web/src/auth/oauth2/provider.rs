/// Where a provider is, and what it expects.
///
/// There are presets for [GitHub](Self::github), [Facebook](Self::facebook) and [X](Self::x); Google speaks
/// OpenID Connect.
///
/// # Examples
///
/// ```
/// use waterspout::auth::OAuth2Provider;
///
/// let provider = OAuth2Provider::new("https://id.example/authorize", "https://id.example/token")
///     .user_url("https://id.example/me")
///     .scope("profile");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2Provider {
    pub(in crate::auth) authorize_url: String,
    pub(in crate::auth) token_url: String,
    pub(in crate::auth) user_url: Option<String>,
    pub(in crate::auth) scopes: Vec<String>,
    pub(in crate::auth) authentication: ClientAuthentication,
    pub(in crate::auth) extra: Vec<(String, String)>,
    pub(in crate::auth) proves_secret: bool,
}

/// How this site proves to the provider who it is (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// By Basic authentication.
    Basic,
    /// By arguments of the form.
    Form,
}

impl OAuth2Provider {
    /// Describes a provider by where people are asked, and where codes become tokens.
    #[must_use]
    pub fn new(authorize_url: impl Into<String>, token_url: impl Into<String>) -> Self {
        Self {
            authorize_url: authorize_url.into(),
            token_url: token_url.into(),
            user_url: None,
            scopes: Vec::new(),
            authentication: ClientAuthentication::Basic,
            extra: Vec::new(),
            proves_secret: false,
        }
    }

    /// Sets where people are asked. Default: what the provider was made with.
    #[must_use]
    pub fn authorize_url(mut self, url: impl Into<String>) -> Self {
        self.authorize_url = url.into();
        self
    }

    /// Sets where codes become tokens. Default: what the provider was made with.
    #[must_use]
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = url.into();
        self
    }

    /// Sets where [`user`](crate::auth::OAuth2Client::user) asks who signed in. Default: none.
    #[must_use]
    pub fn user_url(mut self, url: impl Into<String>) -> Self {
        self.user_url = Some(url.into());
        self
    }

    /// Asks for one more permission. Default: none, or those of the preset.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Sets how this site proves who it is. Default: [`ClientAuthentication::Basic`].
    #[must_use]
    pub fn client_authentication(mut self, way: ClientAuthentication) -> Self {
        self.authentication = way;
        self
    }

    /// Adds an argument to the URL where people are asked, such as `prompt`. Default: none.
    #[must_use]
    pub fn extra_argument(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }
}
