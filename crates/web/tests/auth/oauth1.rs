//! OAuth 1.0a against a provider that checks every signature.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use waterspout::auth::{OAuth1Client, OAuth1Provider};
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, serve};
use waterspout::{Application, Context, HttpError, Result};

use super::browser::{Browser, SITE, argument, location};

/// What the provider saw, and how it answers the request for temporary credentials.
struct State {
    seen: RefCell<Vec<BTreeMap<String, String>>>,
    first_answer: RefCell<String>,
}

type Cx = Context<Rc<State>>;

/// Reads the field `Authorization: OAuth name="value", …`.
fn parameters(cx: &Cx) -> Result<BTreeMap<String, String>> {
    let field = cx.header("Authorization").ok_or(HttpError::UNAUTHORIZED)?;
    let list = field
        .strip_prefix("OAuth ")
        .ok_or(HttpError::UNAUTHORIZED)?;
    let pairs = list.split(", ").map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        let value = argument(&format!("?v={}", value.trim_matches('"')), "v");
        (name.to_owned(), value)
    });
    Ok(pairs.collect())
}

async fn initiate(cx: &mut Cx) -> Result<String> {
    let seen = parameters(cx)?;
    cx.app().seen.borrow_mut().push(seen);
    Ok(cx.app().first_answer.borrow().clone())
}

async fn access(cx: &mut Cx) -> Result<String> {
    let seen = parameters(cx)?;
    let is_right = seen["oauth_token"] == "temp" && seen["oauth_verifier"] == "v-1";
    cx.app().seen.borrow_mut().push(seen);
    match is_right {
        true => Ok("oauth_token=final&oauth_token_secret=s2&screen_name=ada".to_owned()),
        false => Err(HttpError::UNAUTHORIZED.into()),
    }
}

async fn show(cx: &mut Cx) -> Result<waterspout::Json<String>> {
    let seen = parameters(cx)?;
    let token = seen["oauth_token"].clone();
    cx.app().seen.borrow_mut().push(seen);
    Ok(waterspout::Json(token))
}

async fn login(cx: &mut Context<OAuth1Client>) -> Result {
    let client = cx.app();
    client.authorize_redirect(cx).await
}

async fn callback(cx: &mut Context<OAuth1Client>) -> Result<String> {
    let client = cx.app();
    let login = client.authenticated_user(cx).await?;
    let base = cx.query_argument("base")?;
    let url = format!("{base}/show?b=2&a=1");
    let shown: String = client.request(&url, &login.token).await?;
    let name = login.extra("screen_name")?.unwrap();
    Ok(format!("{name} {shown} {}", login.token.secret))
}

const CONFIRMED: &str = "oauth_token=temp&oauth_token_secret=s1&oauth_callback_confirmed=true";

fn start(answer: &str) -> (Rc<State>, TestServer, TestServer) {
    let state = Rc::new(State {
        seen: RefCell::default(),
        first_answer: RefCell::new(answer.to_owned()),
    });
    let provider = Application::new(Rc::clone(&state))
        .post("/initiate", initiate)
        .post("/access", access)
        .get("/show", show);
    let provider = serve(provider);
    let described = OAuth1Provider::new(
        provider.url("/initiate"),
        provider.url("/authorize"),
        provider.url("/access"),
    );
    let client = OAuth1Client::new(described, "ck", "c&s", format!("{SITE}/callback?x=1"));
    let site = Application::new(client)
        .cookie_secret("the secret of the site")
        .get("/login", login)
        .get("/callback", callback);
    (state, provider, serve(site))
}

#[test]
fn somebody_signs_in_with_three_signed_requests() {
    IoLoop::new().unwrap().run_sync(async {
        let (state, provider, site) = start(CONFIRMED);
        let mut browser = Browser::default();
        let sent_to = location(&browser.get(&site, "/login").await);
        assert_eq!(sent_to, provider.url("/authorize?oauth_token=temp"));
        let base = provider.url("");
        let back = format!("/callback?oauth_token=temp&oauth_verifier=v-1&base={base}");
        let response = browser.get(&site, &back).await;
        assert_eq!(response.text(), "ada final s2");
        assert!(browser.cookies.is_empty());
        let seen = state.seen.borrow();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[0]["oauth_callback"], "http://site.test/callback?x=1");
        assert!(!seen[0].contains_key("oauth_token"));
        let urls = ["/initiate", "/access", "/show?a=1&b=2"];
        let secrets = ["c%26s&", "c%26s&s1", "c%26s&s2"];
        for ((seen, url), key) in seen.iter().zip(urls).zip(secrets) {
            let method = if url.starts_with("/show") {
                "GET"
            } else {
                "POST"
            };
            let wanted = signature(method, &provider.url(url), seen, key);
            assert_eq!(seen["oauth_signature"], wanted, "{url}");
        }
        assert_ne!(seen[0]["oauth_nonce"], seen[1]["oauth_nonce"]);
    });
}

/// The signature, put together by the rules of RFC 5849 §3.4 once more.
fn signature(method: &str, url: &str, seen: &BTreeMap<String, String>, key: &str) -> String {
    let escape = |text: &str| {
        let octet = |octet: u8| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(octet).to_string()
            }
            other => format!("%{other:02X}"),
        };
        text.bytes().map(octet).collect::<String>()
    };
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs: Vec<String> = seen
        .iter()
        .filter(|(name, _)| *name != "oauth_signature")
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .chain(
            query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(str::to_owned),
        )
        .collect();
    pairs.sort();
    let text = format!("{method}&{}&{}", escape(url), escape(&pairs.join("&")));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    waterspout::http::base64::encode(ring::hmac::sign(&key, text.as_bytes()))
}

#[test]
fn answers_that_belong_to_nobody_here_are_refused() {
    IoLoop::new().unwrap().run_sync(async {
        let (_state, provider, site) = start(CONFIRMED);
        let base = provider.url("");
        for (answer, with_cookie, status, part) in [
            (
                "oauth_token=temp&oauth_verifier=v-1",
                false,
                403,
                "Missing OAuth request token cookie",
            ),
            (
                "oauth_token=other&oauth_verifier=v-1",
                true,
                403,
                "Request token does not match cookie",
            ),
            (
                "oauth_verifier=v-1",
                true,
                403,
                "Request token does not match cookie",
            ),
            (
                "oauth_token=temp",
                true,
                400,
                "Missing argument oauth_verifier",
            ),
            (
                "oauth_token=temp&oauth_verifier=guess",
                true,
                502,
                "has the status 401",
            ),
        ] {
            let mut browser = Browser::default();
            if with_cookie {
                browser.get(&site, "/login").await;
            }
            let response = browser
                .get(&site, &format!("/callback?{answer}&base={base}"))
                .await;
            let text = response.text().into_owned();
            assert!(
                response.code() == status && text.contains(part),
                "{answer}: {text}"
            );
        }
    });
}

#[test]
fn a_provider_that_answers_nonsense_is_a_502() {
    IoLoop::new().unwrap().run_sync(async {
        for answer in [
            "",
            "oauth_token=temp",
            "oauth_token=temp&oauth_token_secret=s1",
            "oauth_token=&oauth_token_secret=s&oauth_callback_confirmed=true",
            "oauth_token=a%20b&oauth_token_secret=s&oauth_callback_confirmed=true",
            "{\"oauth_token\":\"temp\"}",
        ] {
            let (_state, _provider, site) = start(answer);
            let response = Browser::default().get(&site, "/login").await;
            assert_eq!(response.code(), 502, "{answer}");
        }
    });
}
