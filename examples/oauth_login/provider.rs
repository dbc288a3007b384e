//! A provider of OpenID Connect for trying things out. It lets anybody be anybody.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::time::SystemTime;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use waterspout::escape::xhtml_escape;
use waterspout::http::base64;
use waterspout::{Application, Html, HttpError, Json, Result, same_secret};

use super::{Context, Site};

pub(crate) const CLIENT_ID: &str = "example-site";
pub(crate) const CLIENT_SECRET: &str = "example-secret";

/// The most codes that wait to be redeemed.
const MAX_CODES: usize = 100;

/// The state of the provider.
#[derive(Default)]
pub(crate) struct Provider {
    issuer: OnceCell<String>,
    key: OnceCell<Ed25519KeyPair>,
    codes: RefCell<HashMap<String, Grant>>,
    counter: Cell<u64>,
}

/// What a code stands for.
struct Grant {
    name: String,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl Provider {
    /// Begins to play the provider of a site, and returns its URL.
    pub(crate) fn start(&self, base: &str) -> String {
        self.issuer
            .get_or_init(|| format!("{base}/provider"))
            .clone()
    }

    fn issuer(&self) -> Result<&str> {
        let issuer = self.issuer.get().ok_or(HttpError::NOT_FOUND)?;
        Ok(issuer)
    }

    fn key(&self) -> &Ed25519KeyPair {
        self.key.get_or_init(|| {
            let text = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
            let text = text.expect("the system has random numbers");
            Ed25519KeyPair::from_pkcs8(text.as_ref()).expect("it was just written")
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let header = base64::encode_url(json!({"alg": "EdDSA", "kid": "1"}).to_string());
        let input = format!("{header}.{}", base64::encode_url(claims.to_string()));
        let signature = base64::encode_url(self.key().sign(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

pub(crate) fn add_to(app: Application<Site>) -> Application<Site> {
    app.nest("/provider", |group| {
        group
            .get("/.well-known/openid-configuration", describe)
            .get("/keys", keys)
            .get("/authorize", ask)
            .post("/authorize", agree)
            .post("/token", token)
            .xsrf_exempt()
    })
}

async fn describe(cx: &mut Context) -> Result<Json<Value>> {
    let site = cx.app();
    let issuer = site.provider.issuer()?;
    Ok(Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    })))
}

async fn keys(cx: &mut Context) -> Json<Value> {
    let site = cx.app();
    let public = base64::encode_url(site.provider.key().public_key());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "1", "x": public});
    Json(json!({"keys": [key]}))
}

/// What the site asks for stands in the form, so that it comes back with the answer.
const ASKED: [&str; 5] = [
    "client_id",
    "redirect_uri",
    "state",
    "nonce",
    "code_challenge",
];

async fn ask(cx: &mut Context) -> Result<Html<String>> {
    let mut fields = cx.xsrf_form_html()?;
    for name in ASKED {
        let value = cx.query_argument(name)?;
        let value = xhtml_escape(&value);
        fields += &format!("<input type=hidden name={name} value=\"{value}\">");
    }
    Ok(Html(format!(
        "<!doctype html><title>A provider</title><form method=post action=/provider/authorize>{fields}\
         <label>Who are you? <input name=name value=Ada></label> <button>Sign in</button></form>"
    )))
}

async fn agree(cx: &mut Context) -> Result {
    let site = cx.app();
    let provider = &site.provider;
    let redirect_uri = cx.body_argument("redirect_uri")?;
    // A real provider compares with what was registered.
    let is_registered = redirect_uri.ends_with("/login/callback");
    if cx.body_argument("client_id")? != CLIENT_ID || !is_registered {
        return Err(HttpError::bad_request("this site is not registered").into());
    }
    let grant = Grant {
        name: cx.body_argument("name")?,
        nonce: cx.body_argument("nonce")?,
        challenge: cx.body_argument("code_challenge")?,
        redirect_uri: redirect_uri.clone(),
    };
    let number = provider.counter.replace(provider.counter.get() + 1);
    let code = base64::encode_url(provider.key().sign(&number.to_be_bytes()));
    let mut codes = provider.codes.borrow_mut();
    if codes.len() >= MAX_CODES {
        codes.clear();
    }
    codes.insert(code.clone(), grant);
    let state = cx.body_argument("state")?;
    cx.redirect(&format!("{redirect_uri}?code={code}&state={state}"))
}

async fn token(cx: &mut Context) -> Result<Json<Value>> {
    let site = cx.app();
    let provider = &site.provider;
    let basic = cx.basic_credentials();
    let is_known = basic.is_some_and(|basic| {
        basic.user() == CLIENT_ID && same_secret(basic.password(), CLIENT_SECRET)
    });
    if !is_known {
        return Err(HttpError::UNAUTHORIZED.into());
    }
    let code = cx.body_argument("code")?;
    let grant = provider.codes.borrow_mut().remove(&code);
    let proof = base64::encode_url(Sha256::digest(cx.body_argument("code_verifier")?));
    let redirect_uri = cx.body_argument("redirect_uri")?;
    let fits = |grant: &Grant| grant.challenge == proof && grant.redirect_uri == redirect_uri;
    let Some(grant) = grant.filter(fits) else {
        cx.set_status(waterspout::StatusCode::BAD_REQUEST);
        return Ok(Json(json!({"error": "invalid_grant"})));
    };
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)?
        .as_secs();
    let claims = json!({
        "iss": provider.issuer()?,
        "sub": format!("user-{}", grant.name),
        "aud": CLIENT_ID,
        "nonce": grant.nonce,
        "iat": now,
        "exp": now + 300,
        "name": grant.name,
    });
    Ok(Json(json!({
        "access_token": "of-no-use-here",
        "token_type": "Bearer",
        "id_token": provider.sign(&claims),
    })))
}
