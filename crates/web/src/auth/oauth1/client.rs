//! The client's side of OAuth 1.0a.

use std::fmt;
use std::time::SystemTime;

use http::Method;
use serde::de::DeserializeOwned;
use waterspout_http::client::{HttpClient, HttpRequest};

use super::signature::{Secrets, escaped};
use crate::arguments::Arguments;
use crate::auth::fetching::{
    fetch, fetch_json, random_text, refused, require_secure, unusable, with_query,
};
use crate::context::Context;
use crate::cookies::{CookieOptions, SameSite};
use crate::error::{HttpError, Result};
use crate::signed::{SignatureVersion, SignedCookieRules, same_secret, unix_seconds};

/// The cookie that keeps the temporary credentials, as in Tornado; ours is signed.
const COOKIE: &str = "_oauth_request_token";

/// How long signing in may take, in seconds.
const LIFETIME: u32 = 600;

type Parameters<'p> = &'p [(&'p str, &'p str)];

/// Where a provider of OAuth 1.0a is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth1Provider {
    request_token_url: String,
    authorize_url: String,
    access_token_url: String,
}

impl OAuth1Provider {
    /// Describes a provider by its three URLs (RFC 5849 §2).
    #[must_use]
    pub fn new(
        request_token_url: impl Into<String>,
        authorize_url: impl Into<String>,
        access_token_url: impl Into<String>,
    ) -> Self {
        Self {
            request_token_url: request_token_url.into(),
            authorize_url: authorize_url.into(),
            access_token_url: access_token_url.into(),
        }
    }

    /// Twitter, which asks people only once.
    #[must_use]
    pub fn twitter() -> Self {
        Self::new(
            "https://api.twitter.com/oauth/request_token",
            "https://api.twitter.com/oauth/authenticate",
            "https://api.twitter.com/oauth/access_token",
        )
    }
}

/// A token with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct OAuth1Token {
    /// The token.
    pub token: String,
    /// What requests are signed with.
    pub secret: String,
}

/// Somebody who signed in by OAuth 1.0a.
#[derive(Debug, Clone)]
pub struct OAuth1Login {
    /// For requests in their name.
    pub token: OAuth1Token,
    answer: Arguments,
}

impl OAuth1Login {
    /// Returns what else the provider said beside the token, such as `screen_name`.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if it is not UTF-8.
    pub fn extra(&self, name: &str) -> Result<Option<String>> {
        self.answer.last(name)
    }
}

/// Signs people in with the account of a provider of OAuth 1.0a. For a new site, prefer
/// [`OAuth2Client`](crate::auth::OAuth2Client) where the provider has both.
///
/// # Examples
///
/// ```
/// use waterspout::auth::{OAuth1Client, OAuth1Provider};
/// use waterspout::{Application, Context, Result};
///
/// async fn login(cx: &mut Context<OAuth1Client>) -> Result {
///     let twitter = cx.app();
///     twitter.authorize_redirect(cx).await
/// }
///
/// async fn callback(cx: &mut Context<OAuth1Client>) -> Result {
///     let twitter = cx.app();
///     let login = twitter.authenticated_user(cx).await?;
///     let name = login.extra("screen_name")?.unwrap_or_default();
///     cx.set_signed_cookie("user", &name)?;
///     cx.redirect("/")
/// }
///
/// let callback_url = "https://www.example.com/login/callback";
/// let twitter = OAuth1Client::new(OAuth1Provider::twitter(), "the key", "the secret", callback_url);
/// let app = Application::new(twitter)
///     .cookie_secret("32 random octets")
///     .get("/login", login)
///     .get("/login/callback", callback);
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct OAuth1Client {
    provider: OAuth1Provider,
    key: String,
    secret: String,
    callback_url: String,
    http: HttpClient,
}

impl OAuth1Client {
    /// Makes a client with what the provider gave at registration, and the URL of this site where it sends people
    /// back to.
    #[must_use]
    pub fn new(
        provider: OAuth1Provider,
        key: impl Into<String>,
        secret: impl Into<String>,
        callback_url: impl Into<String>,
    ) -> Self {
        Self {
            provider,
            key: key.into(),
            secret: secret.into(),
            callback_url: callback_url.into(),
            http: HttpClient::new(),
        }
    }

    /// Sets the client that fetches, with its pool. Default: one of its own.
    #[must_use]
    pub fn http_client(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// Gets temporary credentials and sends the browser to the provider, where people are asked.
    ///
    /// # Errors
    ///
    /// Fails with a 502 if the provider does not answer as it should, and if the application has no
    /// [`cookie_secret`](crate::Application::cookie_secret).
    ///
    /// # Cancel safety
    ///
    /// Nothing is kept if the future is dropped.
    pub async fn authorize_redirect<S>(&self, cx: &mut Context<S>) -> Result {
        require_secure(&self.provider.authorize_url)?;
        let callback = [("oauth_callback", &*self.callback_url)];
        let url = &self.provider.request_token_url;
        let answer = self.credentials(url, None, &callback).await?;
        // §2.1: what makes it 1.0a and not 1.0, in which a try can be pushed on somebody else.
        if answer.last("oauth_callback_confirmed")?.as_deref() != Some("true") {
            return Err(unusable("is not that of OAuth 1.0a"));
        }
        let token = read_token(&answer)?;
        let options = CookieOptions::new()
            .max_age(LIFETIME.into())
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(cx.protocol() == "https");
        let kept = format!("{} {}", token.token, token.secret);
        cx.set_signed_cookie_with(COOKIE, kept, &options)?;
        let url = with_query(
            &self.provider.authorize_url,
            [("oauth_token", &*token.token)],
        );
        cx.redirect(&url)
    }

    /// Takes in who comes back: checks that it is who went, and gets a token.
    ///
    /// # Errors
    ///
    /// Fails with a 403 if signing in was not begun here or took more than ten minutes, with a 400 if an argument is
    /// missing, and with a 502 if the provider does not answer as it should.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the temporary credentials may be used up.
    pub async fn authenticated_user<S>(&self, cx: &mut Context<S>) -> Result<OAuth1Login> {
        cx.hide_query_from_log();
        let rules = SignedCookieRules::new()
            .max_age_days(f64::from(LIFETIME) / 86_400.0)
            .min_version(SignatureVersion::V2);
        let kept = cx.signed_cookie_with(COOKIE, &rules)?;
        let kept = kept.and_then(|octets| String::from_utf8(octets).ok());
        let Some((token, secret)) = kept.as_deref().and_then(|kept| kept.split_once(' ')) else {
            return Err(refused("Missing OAuth request token cookie"));
        };
        cx.clear_cookie(COOKIE)?;
        let arguments = cx.query_pairs()?;
        let returned = arguments.last("oauth_token")?.unwrap_or_default();
        if !same_secret(&returned, token) {
            return Err(refused("Request token does not match cookie"));
        }
        let verifier = arguments
            .last("oauth_verifier")?
            .filter(|text| !text.is_empty());
        let missing = || HttpError::bad_request("Missing argument oauth_verifier");
        let verifier = verifier.ok_or_else(missing)?;
        let temporary = OAuth1Token {
            token: token.to_owned(),
            secret: secret.to_owned(),
        };
        let url = &self.provider.access_token_url;
        let proof = [("oauth_verifier", &*verifier)];
        let answer = self.credentials(url, Some(&temporary), &proof).await?;
        Ok(OAuth1Login {
            token: read_token(&answer)?,
            answer,
        })
    }

    /// Fetches JSON in the name of who signed in. Arguments of the query are signed, too.
    ///
    /// # Errors
    ///
    /// Fails with a 502 if the provider does not answer, or not with a 2xx and JSON of this shape.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the request up.
    pub async fn request<T: DeserializeOwned>(&self, url: &str, token: &OAuth1Token) -> Result<T> {
        let field = self.authorization(&Method::GET, url, Some(token), &[])?;
        let request = HttpRequest::get(url).header("Authorization", field);
        let (status, value) = fetch_json(&self.http, request).await?;
        if !status.is_success() {
            return Err(unusable(&format!("has the status {}", status.as_u16())));
        }
        T::deserialize(value).map_err(|error| unusable("has another shape").with_cause(error))
    }

    /// Makes the `Authorization` field of a request (§3.5.1).
    ///
    /// `parameters` are those of a form in the body; arguments of the URL's query are found by themselves.
    ///
    /// # Errors
    ///
    /// Fails if the URL is not a whole one, or the system has no random numbers.
    pub fn authorization(
        &self,
        method: &Method,
        url: &str,
        token: Option<&OAuth1Token>,
        parameters: &[(&str, &str)],
    ) -> Result<String> {
        self.sign(method, url, token, (&[], parameters))
    }

    /// Signs a request: parameters of the protocol go into the field, those of the form do not.
    fn sign(
        &self,
        method: &Method,
        url: &str,
        token: Option<&OAuth1Token>,
        (protocol, form): (Parameters<'_>, Parameters<'_>),
    ) -> Result<String> {
        let time = unix_seconds(SystemTime::now()).to_string();
        let nonce = random_text()?;
        let mut own = vec![
            ("oauth_consumer_key", &*self.key),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &*time),
            ("oauth_nonce", &*nonce),
            ("oauth_version", "1.0"),
        ];
        own.extend(token.map(|token| ("oauth_token", &*token.token)));
        own.extend(protocol);
        let secrets = Secrets {
            client: &self.secret,
            token: token.map_or("", |token| &*token.secret),
        };
        let signature = secrets.sign(method, url, &[&own[..], form].concat())?;
        own.push(("oauth_signature", &signature));
        let written = own
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        Ok(format!("OAuth {}", written.collect::<Vec<_>>().join(", ")))
    }

    async fn credentials(
        &self,
        url: &str,
        token: Option<&OAuth1Token>,
        parameters: &[(&str, &str)],
    ) -> Result<Arguments> {
        let field = self.sign(&Method::POST, url, token, (parameters, &[]))?;
        let request = HttpRequest::post(url)
            .header("Authorization", field)
            .with_body("");
        let (status, body) = fetch(&self.http, request).await?;
        if !status.is_success() {
            return Err(unusable(&format!("has the status {}", status.as_u16())));
        }
        Arguments::parse(body.trim().as_bytes())
    }
}

/// Credentials as a provider writes them (§2.1, §2.3).
fn read_token(answer: &Arguments) -> Result<OAuth1Token> {
    let text = |name| Ok::<_, crate::Error>(answer.last(name)?.filter(|text| !text.is_empty()));
    match (text("oauth_token")?, text("oauth_token_secret")?) {
        (Some(token), Some(secret)) if !token.contains(' ') => Ok(OAuth1Token { token, secret }),
        _ => Err(unusable("has no token")),
    }
}

/// Shows no secret.
impl fmt::Debug for OAuth1Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Token").finish_non_exhaustive()
    }
}

/// Shows no secret.
impl fmt::Debug for OAuth1Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Client")
            .field("provider", &self.provider)
            .field("callback_url", &self.callback_url)
            .finish_non_exhaustive()
    }
}
