//! The client's side of OAuth 2.0.

use std::fmt;

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use waterspout_http::client::{HttpClient, HttpRequest};

use super::attempt::{Attempt, error_name};
use super::provider::{ClientAuthentication, OAuth2Provider};
use super::token::OAuthToken;
use crate::auth::fetching::{fetch_json, refused, require_secure, unusable, with_query};
use crate::context::Context;
use crate::error::{Misuse, Result};
use crate::percent;
use crate::signed::{hex, hmac_sha256};

/// What the provider knows this site by.
#[derive(Clone)]
pub(in crate::auth) struct Registration {
    pub(in crate::auth) client_id: String,
    client_secret: Option<String>,
    redirect_uri: String,
}

/// Somebody who signed in with OAuth 2.0.
#[derive(Debug, Clone)]
pub struct OAuth2Login {
    /// What the provider gave for them.
    pub token: OAuthToken,
    /// The page of this site that they wanted to see, else `/`.
    pub next: String,
}

/// Signs people in with the account of a provider of OAuth 2.0.
///
/// One belongs into the state of each worker's application. What it must remember between two requests stands
/// in a signed cookie, so any worker or machine may answer the second.
///
/// # Examples
///
/// ```
/// use waterspout::auth::{OAuth2Client, OAuth2Provider};
/// use waterspout::{Application, Context, Result};
///
/// async fn login(cx: &mut Context<OAuth2Client>) -> Result {
///     let github = cx.app();
///     github.authorize_redirect(cx)
/// }
///
/// async fn callback(cx: &mut Context<OAuth2Client>) -> Result {
///     #[derive(serde::Deserialize)]
///     struct User {
///         login: String,
///     }
///     let github = cx.app();
///     let login = github.authenticated_user(cx).await?;
///     let user: User = github.user(&login.token).await?;
///     cx.set_signed_cookie("user", &user.login)?;
///     cx.redirect(&login.next)
/// }
///
/// let callback_url = "https://www.example.com/login/callback";
/// let github = OAuth2Client::new(OAuth2Provider::github(), "the id", "the secret", callback_url);
/// let app = Application::new(github)
///     .cookie_secret("32 random octets")
///     .get("/login", login)
///     .get("/login/callback", callback);
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct OAuth2Client {
    provider: OAuth2Provider,
    registration: Registration,
    http: HttpClient,
}

impl OAuth2Client {
    /// Makes a client with what the provider gave at registration, and the URL of this site where it sends
    /// people back to.
    #[must_use]
    pub fn new(
        provider: OAuth2Provider,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            provider,
            registration: Registration::new(client_id, client_secret, redirect_uri),
            http: HttpClient::new(),
        }
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
    /// Fails if the application has no [`cookie_secret`](crate::Application::cookie_secret), or if the
    /// provider's URL has no TLS and is not of this machine.
    pub fn authorize_redirect<S>(&self, cx: &mut Context<S>) -> Result {
        let attempt = Attempt::begin(cx)?;
        self.registration
            .send_away(cx, &self.provider, &attempt, &[])
    }

    /// Takes in who comes back: checks `state`, and exchanges the code for tokens.
    ///
    /// # Errors
    ///
    /// Fails with a 403 if signing in was not begun here, took more than ten minutes, or was refused, with a 400
    /// if an argument is missing, and with a 502 if the provider does not answer as it should.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the code may be used up.
    pub async fn authenticated_user<S>(&self, cx: &mut Context<S>) -> Result<OAuth2Login> {
        cx.hide_query_from_log();
        let cookie = self.registration.cookie(&self.provider.token_url);
        let attempt = Attempt::take(cx, &cookie)?;
        let code = Attempt::code(cx)?;
        let (registration, provider) = (&self.registration, &self.provider);
        let token = registration
            .redeem(&self.http, provider, &code, &attempt)
            .await?;
        Ok(OAuth2Login {
            token,
            next: attempt.next,
        })
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 §6). Without a new one in the answer, the refresh
    /// token stays good.
    ///
    /// # Errors
    ///
    /// Fails with a 403 if the provider refuses it, and with a 502 if it does not answer as it should.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the refresh token may be used up.
    pub async fn refresh(&self, refresh_token: &str) -> Result<OAuthToken> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        let (registration, provider) = (&self.registration, &self.provider);
        registration
            .token_request(&self.http, provider, &form)
            .await
    }

    /// Asks the provider who signed in, as a type that serde can read.
    ///
    /// # Errors
    ///
    /// Fails as [`request`](Self::request) does, and if the provider has no
    /// [`user_url`](OAuth2Provider::user_url).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the request up.
    pub async fn user<T: DeserializeOwned>(&self, token: &OAuthToken) -> Result<T> {
        let url = self.provider.user_url.as_deref();
        let url = url.ok_or_else(|| Misuse::new("the provider has no user_url"))?;
        self.request(url, token).await
    }

    /// Fetches JSON in the name of who signed in.
    ///
    /// # Errors
    ///
    /// Fails with a 502 if the provider does not answer, or not with a 2xx and JSON of this shape.
    ///
    /// # Cancel safety
    ///
    /// As [`user`](Self::user).
    pub async fn request<T: DeserializeOwned>(&self, url: &str, token: &OAuthToken) -> Result<T> {
        let mut url = url.to_owned();
        if self.provider.proves_secret
            && let Some(secret) = &self.registration.client_secret
        {
            let proof = hex(&hmac_sha256(
                secret.as_bytes(),
                token.access_token().as_bytes(),
            ));
            url = with_query(&url, [("appsecret_proof", &*proof)]);
        }
        let authorization = format!("Bearer {}", token.access_token());
        let request = HttpRequest::get(url).header("Authorization", authorization);
        let (status, value) = fetch_json(&self.http, request).await?;
        if !status.is_success() {
            return Err(unusable(&format!("has the status {}", status.as_u16())));
        }
        T::deserialize(value).map_err(|error| unusable("has another shape").with_cause(error))
    }
}

impl Registration {
    pub(in crate::auth) fn new(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        let secret = client_secret.into();
        Self {
            client_id: client_id.into(),
            client_secret: (!secret.is_empty()).then_some(secret),
            redirect_uri: redirect_uri.into(),
        }
    }

    /// The name of the cookie: another one for each provider, so that what one answers never counts for
    /// another (RFC 9700 §4.4).
    pub(in crate::auth) fn cookie(&self, provider: &str) -> String {
        let hash = Sha256::new()
            .chain_update(provider)
            .chain_update([0])
            .chain_update(&self.client_id);
        format!("_oauth2_{}", hex(&hash.finalize()[..8]))
    }

    /// Keeps the try and redirects.
    pub(in crate::auth) fn send_away<S>(
        &self,
        cx: &mut Context<S>,
        provider: &OAuth2Provider,
        attempt: &Attempt,
        more: &[(&str, &str)],
    ) -> Result {
        require_secure(&provider.authorize_url)?;
        let (scopes, challenge) = (provider.scopes.join(" "), attempt.challenge());
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &*self.client_id),
            ("redirect_uri", &*self.redirect_uri),
            ("state", &*attempt.state),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        if !scopes.is_empty() {
            pairs.push(("scope", &scopes));
        }
        pairs.extend(more);
        pairs.extend(
            provider
                .extra
                .iter()
                .map(|(name, value)| (&**name, &**value)),
        );
        attempt.keep(cx, &self.cookie(&provider.token_url))?;
        cx.redirect(&with_query(&provider.authorize_url, pairs))
    }

    /// Exchanges a code for tokens.
    pub(in crate::auth) async fn redeem(
        &self,
        http: &HttpClient,
        provider: &OAuth2Provider,
        code: &str,
        attempt: &Attempt,
    ) -> Result<OAuthToken> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &*self.redirect_uri),
            ("code_verifier", &*attempt.verifier),
        ];
        self.token_request(http, provider, &form).await
    }

    async fn token_request(
        &self,
        http: &HttpClient,
        provider: &OAuth2Provider,
        form: &[(&str, &str)],
    ) -> Result<OAuthToken> {
        let mut form = form.to_vec();
        let mut request = HttpRequest::post(&*provider.token_url);
        match (&self.client_secret, provider.authentication) {
            (Some(secret), ClientAuthentication::Basic) => {
                // RFC 6749 §2.3.1: both are encoded as in a form first.
                let encoded = |text: &str| percent::encode_segment(text).collect::<String>();
                request = request.auth(encoded(&self.client_id), encoded(secret));
            }
            (Some(secret), ClientAuthentication::Form) => {
                form.extend([
                    ("client_id", &*self.client_id),
                    ("client_secret", &**secret),
                ]);
            }
            (None, _) => form.push(("client_id", &self.client_id)),
        }
        let (status, answer) = fetch_json(http, request.form(form)).await?;
        // GitHub answers errors with 200.
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            let name = error_name(error);
            return Err(match name {
                "invalid_grant" | "bad_verification_code" => {
                    refused(format!("Signing in was refused: {name}"))
                }
                _ => unusable(&format!("is {name}")),
            });
        }
        if status != StatusCode::OK {
            return Err(unusable(&format!("has the status {}", status.as_u16())));
        }
        OAuthToken::read(answer)
    }
}

/// Shows no secret.
impl fmt::Debug for OAuth2Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2Client")
            .field("provider", &self.provider)
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}

/// Shows no secret.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
