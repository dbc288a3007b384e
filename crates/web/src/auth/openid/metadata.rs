//! What a provider says of itself (OpenID Connect Discovery §3, §4), and its keys, kept for a while.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use waterspout_http::client::{HttpClient, HttpRequest};

use crate::auth::fetching::{fetch_json, require_secure, unusable};
use crate::auth::jose::{Jwk, read_key_set};
use crate::auth::oauth2::{ClientAuthentication, OAuth2Provider};
use crate::error::Result;

/// How long endpoints are believed.
const METADATA_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// How long keys are believed. A token of a key that is not among them has them fetched at once.
const KEYS_LIFETIME: Duration = Duration::from_secs(3600);

/// A value, and when it was fetched.
struct Kept<T>(RefCell<Option<(Instant, Rc<T>)>>);

impl<T> Kept<T> {
    fn new() -> Self {
        Self(RefCell::new(None))
    }

    fn fresh(&self, lifetime: Duration) -> Option<Rc<T>> {
        let kept = self.0.borrow();
        let (since, value) = kept.as_ref()?;
        (since.elapsed() < lifetime).then(|| Rc::clone(value))
    }

    fn keep(&self, value: T) -> Rc<T> {
        let value = Rc::new(value);
        *self.0.borrow_mut() = Some((Instant::now(), Rc::clone(&value)));
        value
    }
}

/// A provider that describes itself.
pub(super) struct Issuer {
    pub(super) url: String,
    /// What the site asks for, without the endpoints.
    wishes: OAuth2Provider,
    metadata: Kept<Metadata>,
    keys: Kept<Vec<Jwk>>,
}

pub(super) struct Metadata {
    pub(super) provider: OAuth2Provider,
    keys_url: String,
}

impl Issuer {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            wishes: OAuth2Provider::new("", "").scope("openid"),
            metadata: Kept::new(),
            keys: Kept::new(),
        }
    }

    /// The same provider, asked for something else.
    pub(super) fn wishing(&self, change: impl FnOnce(OAuth2Provider) -> OAuth2Provider) -> Self {
        Self {
            wishes: change(self.wishes.clone()),
            ..Self::new(self.url.clone())
        }
    }

    /// Returns the endpoints, fetched when they are not known or old.
    pub(super) async fn metadata(&self, http: &HttpClient) -> Result<Rc<Metadata>> {
        if let Some(metadata) = self.metadata.fresh(METADATA_LIFETIME) {
            return Ok(metadata);
        }
        let base = self.url.strip_suffix('/').unwrap_or(&self.url);
        let url = format!("{base}/.well-known/openid-configuration");
        let (status, answer) = fetch_json(http, HttpRequest::get(url)).await?;
        if !status.is_success() {
            return Err(unusable(&format!("has the status {}", status.as_u16())));
        }
        Ok(self.metadata.keep(self.read(&answer)?))
    }

    /// Returns the keys that are known, and whether they are old enough that asking again may bring others.
    pub(super) async fn keys(&self, http: &HttpClient) -> Result<(Rc<Vec<Jwk>>, bool)> {
        match self.keys.fresh(KEYS_LIFETIME) {
            Some(keys) => Ok((keys, true)),
            None => Ok((self.fetch_keys(http).await?, false)),
        }
    }

    pub(super) async fn fetch_keys(&self, http: &HttpClient) -> Result<Rc<Vec<Jwk>>> {
        let metadata = self.metadata(http).await?;
        let request = HttpRequest::get(&*metadata.keys_url);
        let (status, answer) = fetch_json(http, request).await?;
        let keys = read_key_set(&answer).filter(|_| status.is_success());
        let keys = keys.ok_or_else(|| unusable("is no set of keys"))?;
        Ok(self.keys.keep(keys))
    }

    fn read(&self, answer: &Value) -> Result<Metadata> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        // Discovery §4.3: it must be who was asked, to the letter.
        if text("issuer") != Some(&self.url) {
            return Err(unusable("is of another issuer"));
        }
        let endpoint = |name: &str| {
            let url = text(name).ok_or_else(|| unusable(&format!("has no {name}")))?;
            require_secure(url).map(|()| url.to_owned())
        };
        let mut provider = self.wishes.clone();
        provider.authorize_url = endpoint("authorization_endpoint")?;
        provider.token_url = endpoint("token_endpoint")?;
        provider.user_url = endpoint("userinfo_endpoint").ok();
        // Basic is what a provider that says nothing takes.
        let ways = answer.get("token_endpoint_auth_methods_supported");
        let ways = ways.and_then(Value::as_array);
        let takes = |way: &str| {
            ways.is_none_or(|ways| ways.iter().any(|known| known.as_str() == Some(way)))
        };
        if !takes("client_secret_basic") {
            provider.authentication = ClientAuthentication::Form;
        }
        Ok(Metadata {
            provider,
            keys_url: endpoint("jwks_uri")?,
        })
    }
}
