//! A provider of OAuth 2.0 and OpenID Connect that keeps the rules itself, and breaks them where a test wants it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::SystemTime;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use waterspout::http::base64;
use waterspout::testing::{TestServer, serve};
use waterspout::{Application, Context, Error, HttpError, Json, Result};

use super::browser::{Browser, argument, location, plain};
use super::signer::Signer;

pub(crate) const CLIENT_ID: &str = "the site";
pub(crate) const SECRET: &str = "p&ss w:rd";

/// What the provider asked for may be.
struct Grant {
    challenge: String,
    nonce: String,
    redirect_uri: String,
}

/// A change of claims.
type Change = Box<dyn Fn(&mut Value)>;

/// The state of the provider; `Rc` so that a test looks into it.
pub(crate) struct State {
    base: OnceCell<String>,
    codes: RefCell<HashMap<String, Grant>>,
    counter: Cell<u32>,
    pub(crate) signer: RefCell<Signer>,
    /// The keys it publishes.
    pub(crate) published: RefCell<Vec<Value>>,
    pub(crate) key_fetches: Cell<u32>,
    pub(crate) token_requests: RefCell<Vec<String>>,
    /// Changes claims before they are signed.
    pub(crate) claims: RefCell<Change>,
    /// Takes the place of the ID token.
    pub(crate) id_token: RefCell<Option<String>>,
    /// Takes the place of what the token endpoint answers.
    pub(crate) token_answer: RefCell<Option<(u16, String)>>,
    /// Takes the place of what the provider says of itself.
    pub(crate) metadata: RefCell<Option<Value>>,
}

type Cx = Context<Rc<State>>;

/// The provider with its server.
pub(crate) struct Provider {
    pub(crate) state: Rc<State>,
    pub(crate) server: TestServer,
}

impl Provider {
    pub(crate) fn start(signer: Signer) -> Self {
        let state = Rc::new(State {
            base: OnceCell::new(),
            codes: RefCell::default(),
            counter: Cell::new(0),
            published: RefCell::new(vec![signer.public()]),
            signer: RefCell::new(signer),
            key_fetches: Cell::new(0),
            token_requests: RefCell::default(),
            claims: RefCell::new(Box::new(|_| {})),
            id_token: RefCell::default(),
            token_answer: RefCell::default(),
            metadata: RefCell::default(),
        });
        let app = Application::new(Rc::clone(&state))
            .get("/.well-known/openid-configuration", describe)
            .get("/authorize", authorize)
            .post("/token", token)
            .get("/keys", keys)
            .get("/me", me);
        let server = serve(app);
        state.base.set(server.url("")).unwrap();
        Self { state, server }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url("")
    }

    /// Begins to sign in at the site: the URL that the provider sends the browser back to.
    pub(crate) async fn agree(&self, browser: &mut Browser, site: &TestServer, at: &str) -> String {
        let sent_to = location(&browser.get(site, at).await);
        assert!(sent_to.starts_with(&self.url()), "{sent_to}");
        location(&self.server.fetch(plain(&sent_to)).await)
    }

    pub(crate) fn change_claims(&self, change: impl Fn(&mut Value) + 'static) {
        *self.state.claims.borrow_mut() = Box::new(change);
    }
}

async fn describe(cx: &mut Cx) -> Json<Value> {
    let state = cx.app();
    if let Some(other) = &*state.metadata.borrow() {
        return Json(other.clone());
    }
    let base = state.base.get().unwrap();
    Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize?realm=1"),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/me"),
        "jwks_uri": format!("{base}/keys"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
    }))
}

/// Agrees to everything that is asked for as the specifications say.
async fn authorize(cx: &mut Cx) -> Result {
    let state = cx.app();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("code_challenge_method", "S256"),
    ] {
        if cx.query_argument(name)? != value {
            return Err(HttpError::bad_request(name).into());
        }
    }
    let redirect_uri = cx.query_argument("redirect_uri")?;
    let number = state.counter.get() + 1;
    state.counter.set(number);
    let code = format!("code-{number}");
    let grant = Grant {
        challenge: cx.query_argument("code_challenge")?,
        nonce: cx.argument_or("nonce", "")?,
        redirect_uri: redirect_uri.clone(),
    };
    state.codes.borrow_mut().insert(code.clone(), grant);
    let answer = cx.query_argument("state")?;
    assert!(answer.len() >= 43 && argument(cx.uri(), "code_challenge").len() == 43);
    cx.redirect(&format!("{redirect_uri}?code={code}&state={answer}"))
}

async fn token(cx: &mut Cx) -> Result<Json<Value>> {
    let state = cx.app();
    let body = String::from_utf8(cx.body().to_vec()).unwrap();
    state.token_requests.borrow_mut().push(body);
    if let Some((status, text)) = &*state.token_answer.borrow() {
        cx.set_status((*status).try_into()?);
        cx.write(text)?;
        cx.finish()?;
        return Ok(Json(Value::Null));
    }
    let form = |cx: &mut Cx, name: &str| cx.body_argument(name);
    let is_known = match cx.basic_credentials() {
        Some(basic) => basic.user() == "the%20site" && basic.password() == "p%26ss%20w%3Ard",
        None => form(cx, "client_id")? == CLIENT_ID && form(cx, "client_secret")? == SECRET,
    };
    if !is_known {
        return fail(cx, 401, "invalid_client");
    }
    if form(cx, "grant_type")? == "refresh_token" {
        return match &*form(cx, "refresh_token")? {
            "refresh-1" => Ok(Json(
                json!({"access_token": "access-2", "token_type": "bearer"}),
            )),
            _ => fail(cx, 400, "invalid_grant"),
        };
    }
    let code = form(cx, "code")?;
    let grant = state.codes.borrow_mut().remove(&code);
    let verifier = form(cx, "code_verifier")?;
    let challenge = base64::encode_url(Sha256::digest(&verifier));
    let redirect_uri = form(cx, "redirect_uri")?;
    match grant {
        Some(grant) if grant.challenge == challenge && grant.redirect_uri == redirect_uri => {
            Ok(Json(tokens(&state, &grant)))
        }
        _ => fail(cx, 400, "invalid_grant"),
    }
}

fn fail(cx: &mut Cx, status: u16, name: &str) -> Result<Json<Value>> {
    cx.set_status(status.try_into()?);
    Ok(Json(
        json!({"error": name, "error_description": "a <long> text"}),
    ))
}

fn tokens(state: &State, grant: &Grant) -> Value {
    let access_token = "access-1";
    let mut claims = json!({
        "iss": state.base.get().unwrap(),
        "sub": "ada-7",
        "aud": CLIENT_ID,
        "nonce": grant.nonce,
        "iat": now(),
        "exp": now() + 600,
        "email": "ada@example.com",
        "email_verified": true,
        "name": "Ada",
    });
    (state.claims.borrow())(&mut claims);
    let signed = || state.signer.borrow().sign(&claims);
    json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "refresh-1",
        "id_token": state.id_token.borrow().clone().unwrap_or_else(signed),
    })
}

async fn keys(cx: &mut Cx) -> Json<Value> {
    let state = cx.app();
    state.key_fetches.set(state.key_fetches.get() + 1);
    Json(json!({"keys": &*state.published.borrow()}))
}

async fn me(cx: &mut Cx) -> Result<Json<Value>, Error> {
    let proof = cx.argument_or("appsecret_proof", "")?;
    match cx.bearer_token() {
        Some("access-1") => Ok(Json(json!({"login": "ada", "proof": proof}))),
        _ => Err(HttpError::UNAUTHORIZED.into()),
    }
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}
