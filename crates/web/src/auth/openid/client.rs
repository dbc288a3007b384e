//! The client's side of OpenID Connect.

use std::fmt;
use std::rc::Rc;
use std::time::SystemTime;

use waterspout_http::client::HttpClient;

use super::claims::IdClaims;
use super::id_token::{Expected, check};
use super::metadata::Issuer;
use crate::auth::fetching::{refused, unusable};
use crate::auth::oauth2::attempt::Attempt;
use crate::auth::oauth2::client::Registration;
use crate::auth::oauth2::{OAuth2Provider, OAuthToken};
use crate::context::Context;
use crate::error::Result;
use crate::signed::unix_seconds;

/// Somebody who signed in by OpenID Connect.
#[derive(Debug, Clone)]
pub struct OpenIdLogin {
    /// Who it is, as the provider signed it.
    pub claims: IdClaims,
    /// What the provider gave for them.
    pub token: OAuthToken,
    /// The page of this site that they wanted to see, else `/`.
    pub next: String,
}

/// Signs people in with the account of a provider of OpenID Connect: Google, Microsoft, Keycloak and many others.
///
/// The provider is known by its URL; where its parts are and which keys it signs with is fetched when it is first
/// needed, and again when keys change. Signatures are RS256, PS256, ES256 or EdDSA.
///
/// One belongs into the state of each worker's application.
///
/// # Examples
///
/// ```
/// use waterspout::auth::OpenIdClient;
/// use waterspout::{Application, Context, Result};
///
/// async fn login(cx: &mut Context<OpenIdClient>) -> Result {
///     let google = cx.app();
///     google.authorize_redirect(cx).await
/// }
///
/// async fn callback(cx: &mut Context<OpenIdClient>) -> Result {
///     let google = cx.app();
///     let login = google.authenticated_user(cx).await?;
///     cx.set_signed_cookie("user", login.claims.subject())?;
///     cx.redirect(&login.next)
/// }
///
/// let google = OpenIdClient::google("the id", "the secret", "https://www.example.com/login/callback");
/// let app = Application::new(google)
///     .cookie_secret("32 random octets")
///     .get("/login", login)
///     .get("/login/callback", callback);
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct OpenIdClient {
    issuer: Rc<Issuer>,
    registration: Registration,
    http: HttpClient,
}

impl OpenIdClient {
    /// Makes a client with the URL of the provider, what it gave at registration, and the URL of this site where it
    /// sends people back to. It asks for `openid` alone.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            issuer: Rc::new(Issuer::new(issuer.into())),
            registration: Registration::new(client_id, client_secret, redirect_uri),
            http: HttpClient::new(),
        }
    }

    /// Makes a client of Google that asks for address of mail and profile.
    #[must_use]
    pub fn google(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        let issuer = "https://accounts.google.com";
        Self::new(issuer, client_id, client_secret, redirect_uri)
            .scope("email")
            .scope("profile")
    }

    /// Asks for one more permission. Default: `openid`.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.wish(|provider| provider.scope(scope))
    }

    /// Adds an argument to the URL where people are asked, such as `prompt`. Default: none.
    #[must_use]
    pub fn extra_argument(self, name: &str, value: &str) -> Self {
        self.wish(|provider| provider.extra_argument(name, value))
    }

    /// Sets the client that fetches, with its pool. Default: one of its own.
    #[must_use]
    pub fn http_client(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// Sends the browser to the provider, where people are asked. A page in the argument `next` is remembered.
    ///
    /// # Errors
    ///
    /// Fails with a 502 if the provider does not say where that is, and if the application has no
    /// [`cookie_secret`](crate::Application::cookie_secret).
    ///
    /// # Cancel safety
    ///
    /// Nothing is done if the future is dropped.
    pub async fn authorize_redirect<S>(&self, cx: &mut Context<S>) -> Result {
        let metadata = self.issuer.metadata(&self.http).await?;
        let attempt = Attempt::begin(cx)?;
        let nonce = [("nonce", &*attempt.nonce)];
        self.registration
            .send_away(cx, &metadata.provider, &attempt, &nonce)
    }

    /// Takes in who comes back: checks `state`, exchanges the code for tokens, and checks the ID token.
    ///
    /// # Errors
    ///
    /// Fails with a 403 if signing in was not begun here, took more than ten minutes, was refused, or if the ID token
    /// does not count; with a 400 if an argument is missing; with a 502 if the provider does not answer as it should.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the code may be used up.
    pub async fn authenticated_user<S>(&self, cx: &mut Context<S>) -> Result<OpenIdLogin> {
        cx.hide_query_from_log();
        let metadata = self.issuer.metadata(&self.http).await?;
        let provider = &metadata.provider;
        let cookie = self.registration.cookie(&provider.token_url);
        let attempt = Attempt::take(cx, &cookie)?;
        // RFC 9207: whose answer this is, where the provider says so.
        let issuer = cx.query_pairs()?.last("iss")?;
        if issuer.is_some_and(|issuer| issuer != self.issuer.url) {
            return Err(refused("The answer is of another identity provider"));
        }
        let code = Attempt::code(cx)?;
        let token = self
            .registration
            .redeem(&self.http, provider, &code, &attempt)
            .await?;
        let claims = self.check(&token, &attempt).await?;
        Ok(OpenIdLogin {
            claims,
            token,
            next: attempt.next,
        })
    }

    /// Checks the ID token, with newer keys if those that are known do not fit.
    async fn check(&self, token: &OAuthToken, attempt: &Attempt) -> Result<IdClaims> {
        let id_token = token
            .text("id_token")
            .ok_or_else(|| unusable("has no ID token"))?;
        let expected = Expected {
            issuer: &self.issuer.url,
            client_id: &self.registration.client_id,
            nonce: &attempt.nonce,
            access_token: token.access_token(),
            now: unix_seconds(SystemTime::now()),
        };
        let (keys, may_be_old) = self.issuer.keys(&self.http).await?;
        let mut checked = check(id_token, &keys, &expected);
        if may_be_old && checked.as_ref().is_err_and(|error| error.is_about_keys()) {
            let keys = self.issuer.fetch_keys(&self.http).await?;
            checked = check(id_token, &keys, &expected);
        }
        checked.map_err(|error| {
            refused("The identity provider's statement does not count").with_cause(error)
        })
    }

    fn wish(mut self, change: impl FnOnce(OAuth2Provider) -> OAuth2Provider) -> Self {
        self.issuer = Rc::new(self.issuer.wishing(change));
        self
    }
}

/// Shows no secret.
impl fmt::Debug for OpenIdClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenIdClient")
            .field("issuer", &self.issuer.url)
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}
