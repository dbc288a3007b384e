//! OAuth 2.0: what binds the answer of a provider to the browser that asked, and what happens if it does not.

use serde_json::Value;
use waterspout::auth::{ClientAuthentication, OAuth2Client, OAuth2Provider};
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, serve};
use waterspout::{Application, Context, Result};

use super::browser::{Browser, SITE, argument, location};
use super::identity_provider::{CLIENT_ID, Provider, SECRET};
use super::signer::Signer;

type Cx = Context<OAuth2Client>;

async fn login(cx: &mut Cx) -> Result {
    let client = cx.app();
    client.authorize_redirect(cx)
}

async fn callback(cx: &mut Cx) -> Result<String> {
    let client = cx.app();
    let login = client.authenticated_user(cx).await?;
    let user: Value = client.user(&login.token).await?;
    Ok(format!(
        "{} {} {}",
        user["login"], user["proof"], login.next
    ))
}

async fn refresh(cx: &mut Cx) -> Result<String> {
    let client = cx.app();
    let token = cx.query_argument("token")?;
    let token = client.refresh(&token).await?;
    Ok(token.access_token().to_owned())
}

fn described(provider: &Provider) -> OAuth2Provider {
    let base = provider.url();
    OAuth2Provider::new(format!("{base}/authorize"), format!("{base}/token"))
        .user_url(format!("{base}/me"))
}

fn site_of(provider: OAuth2Provider, secret: &str) -> TestServer {
    let client = OAuth2Client::new(provider, CLIENT_ID, secret, format!("{SITE}/callback"));
    let app = Application::new(client)
        .cookie_secret("the secret of the site")
        .get("/login", login)
        .get("/callback", callback)
        .get("/refresh", refresh);
    serve(app)
}

fn start() -> (Provider, TestServer) {
    let provider = Provider::start(Signer::new("one", "EdDSA"));
    let site = site_of(described(&provider), SECRET);
    (provider, site)
}

#[test]
fn somebody_signs_in_whatever_way_the_site_proves_itself() {
    IoLoop::new().unwrap().run_sync(async {
        let provider = Provider::start(Signer::new("one", "EdDSA"));
        for way in [ClientAuthentication::Basic, ClientAuthentication::Form] {
            let site = site_of(described(&provider).client_authentication(way), SECRET);
            let mut browser = Browser::default();
            let back = provider
                .agree(&mut browser, &site, "/login?next=/a%3Fb.c")
                .await;
            assert_eq!(
                browser.get(&site, &back).await.text(),
                "\"ada\" \"\" /a?b.c"
            );
        }
    });
}

#[test]
fn presets_speak_to_their_providers_as_those_want_it() {
    IoLoop::new().unwrap().run_sync(async {
        let provider = Provider::start(Signer::new("one", "EdDSA"));
        let base = provider.url();
        let here = |preset: OAuth2Provider| {
            preset
                .authorize_url(format!("{base}/authorize"))
                .token_url(format!("{base}/token"))
        };
        // hex(HMAC-SHA-256(key: the site's secret, message: access-1))
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
        let proof = ring::hmac::sign(&key, b"access-1");
        let proof: String = proof
            .as_ref()
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        for (preset, scope, proof) in [
            (OAuth2Provider::github(), "", ""),
            (OAuth2Provider::facebook(), "public_profile", &*proof),
            (OAuth2Provider::x(), "users.read tweet.read", ""),
        ] {
            let site = site_of(
                here(preset).user_url(format!("{base}/me?fields=id")),
                SECRET,
            );
            let mut browser = Browser::default();
            let sent_to = location(&browser.get(&site, "/login").await);
            assert_eq!(argument(&sent_to, "scope"), scope);
            let back = provider.agree(&mut browser, &site, "/login").await;
            let response = browser.get(&site, &back).await;
            assert_eq!(response.text(), format!("\"ada\" \"{proof}\" /"));
        }
    });
}

#[test]
fn tokens_are_refreshed() {
    IoLoop::new().unwrap().run_sync(async {
        let (_provider, site) = start();
        let mut browser = Browser::default();
        let response = browser.get(&site, "/refresh?token=refresh-1").await;
        assert_eq!(response.text(), "access-2");
        let response = browser.get(&site, "/refresh?token=stolen").await;
        assert_eq!(response.code(), 403);
    });
}

#[test]
fn answers_that_belong_to_nobody_here_are_refused() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start();
        let mut ada = Browser::default();
        let back = provider.agree(&mut ada, &site, "/login").await;
        let (state, code) = (argument(&back, "state"), argument(&back, "code"));
        let kept = ada.cookies.clone();
        let (name, value) = kept.first_key_value().unwrap();
        let changed = value.replacen("|10:1", "|10:2", 1);
        // An attacker's answer in Ada's browser, and Ada's answer in another browser.
        for (what, target, cookie) in [
            (
                "another state",
                format!("/callback?code={code}&state={}", "x".repeat(43)),
                Some(value),
            ),
            (
                "half a state",
                format!("/callback?code={code}&state={}", &state[..20]),
                Some(value),
            ),
            ("no state", format!("/callback?code={code}"), Some(value)),
            ("no cookie", back.clone(), None),
            ("a changed cookie", back.clone(), Some(&changed)),
        ] {
            let mut browser = Browser::default();
            if let Some(value) = cookie {
                browser.cookies.insert(name.clone(), value.clone());
            }
            let response = browser.get(&site, &target).await;
            assert_eq!(response.code(), 403, "{what}: {}", response.text());
        }
        assert!(provider.state.token_requests.borrow().is_empty());
        // The cookie was only copied: Ada's own answer still counts, once.
        ada.cookies = kept;
        assert_eq!(ada.get(&site, &back).await.code(), 200);
        assert!(ada.cookies.is_empty());
    });
}

#[test]
fn refusals_and_missing_codes_are_told_without_repeating_what_came() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start();
        for (answer, status, part) in [
            (
                "error=access_denied",
                403,
                "Signing in was refused: access_denied",
            ),
            (
                "error=%3Cscript%3E&code=x",
                403,
                "Signing in was refused: unknown error",
            ),
            ("", 400, "Missing argument code"),
            ("code=", 400, "Missing argument code"),
            (
                "code=invented",
                403,
                "Signing in was refused: invalid_grant",
            ),
            ("code=%ff", 400, "Invalid unicode in code"),
        ] {
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let state = argument(&back, "state");
            let response = browser
                .get(&site, &format!("/callback?{answer}&state={state}"))
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
fn a_place_to_go_on_to_that_no_cookie_holds_is_the_first_page() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start();
        let mut browser = Browser::default();
        let login = format!("/login?next=/{}", "a".repeat(5000));
        let back = provider.agree(&mut browser, &site, &login).await;
        let response = browser.get(&site, &back).await;
        assert!(response.text().ends_with(" /"), "{}", response.text());
    });
}

#[test]
fn a_code_is_good_for_the_browser_that_asked_for_it_alone() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start();
        let mut ada = Browser::default();
        let hers = provider.agree(&mut ada, &site, "/login").await;
        // Eve injects Ada's code into an answer of her own: the verifier does not fit (RFC 9700 §4.5).
        let mut eve = Browser::default();
        let own = provider.agree(&mut eve, &site, "/login").await;
        let (code, state) = (argument(&hers, "code"), argument(&own, "state"));
        let response = eve
            .get(&site, &format!("/callback?code={code}&state={state}"))
            .await;
        assert_eq!(response.code(), 403);
    });
}

#[test]
fn tries_of_two_providers_do_not_count_for_each_other() {
    IoLoop::new().unwrap().run_sync(async {
        let (honest, _) = start();
        let evil = Provider::start(Signer::new("one", "EdDSA"));
        let (site, other) = (
            site_of(described(&honest), SECRET),
            site_of(described(&evil), SECRET),
        );
        let mut browser = Browser::default();
        let back = honest.agree(&mut browser, &site, "/login").await;
        assert_eq!(browser.get(&other, &back).await.code(), 403);
        assert!(evil.state.token_requests.borrow().is_empty());
    });
}

#[test]
fn a_provider_that_answers_nonsense_is_a_502_that_repeats_nothing() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start();
        for (status, answer) in [
            (200, "access_token=secret-text"),
            (
                200,
                "{\"access_token\":\"secret-text\",\"token_type\":\"mac\"}",
            ),
            (200, "{\"access_token\":\"secret\\r\\ntext\"}"),
            (200, "{\"error\":\"secret-text\"}"),
            (200, "[]"),
            (500, "{\"access_token\":\"secret-text\"}"),
            (302, "{\"access_token\":\"secret-text\"}"),
            (401, "{\"error\":\"invalid_client\"}"),
        ] {
            *provider.state.token_answer.borrow_mut() = Some((status, answer.to_owned()));
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let response = browser.get(&site, &back).await;
            assert_eq!(response.code(), 502, "{answer}");
            assert!(!response.text().contains("secret"), "{}", response.text());
        }
    });
}

#[test]
fn nothing_secret_is_shown_by_debug() {
    let provider = OAuth2Provider::github();
    let client = OAuth2Client::new(
        provider,
        CLIENT_ID,
        "hidden-secret",
        "http://site.test/callback",
    );
    assert!(!format!("{client:?}").contains("hidden"));
}
