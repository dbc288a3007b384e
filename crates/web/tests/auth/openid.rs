//! OpenID Connect, from the link "sign in" to the claims.

use std::time::Duration;

use serde_json::json;
use waterspout::auth::OpenIdClient;
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, serve};
use waterspout::{Application, Context, Result};

use super::browser::{Browser, SITE, argument, location};
use super::identity_provider::{CLIENT_ID, Provider, SECRET};
use super::signer::Signer;

type Cx = Context<OpenIdClient>;

async fn login(cx: &mut Cx) -> Result {
    let client = cx.app();
    client.authorize_redirect(cx).await
}

async fn callback(cx: &mut Cx) -> Result<String> {
    let client = cx.app();
    let login = client.authenticated_user(cx).await?;
    let (claims, token) = (&login.claims, &login.token);
    Ok(format!(
        "{} {:?} {:?} {} {}",
        claims.subject(),
        claims.verified_email(),
        claims.name(),
        token.access_token(),
        login.next
    ))
}

pub(crate) fn site_of(client: OpenIdClient) -> TestServer {
    let app = Application::new(client)
        .cookie_secret("the secret of the site")
        .get("/login", login)
        .get("/callback", callback);
    serve(app)
}

pub(crate) fn client_of(issuer: String) -> OpenIdClient {
    OpenIdClient::new(issuer, CLIENT_ID, SECRET, format!("{SITE}/callback")).scope("email")
}

pub(crate) fn start(algorithm: &'static str) -> (Provider, TestServer) {
    let provider = Provider::start(Signer::new("one", algorithm));
    let site = site_of(client_of(provider.url()));
    (provider, site)
}

#[test]
fn somebody_signs_in_with_each_algorithm() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        IoLoop::new().unwrap().run_sync(async {
            let (provider, site) = start(algorithm);
            let mut browser = Browser::default();
            let back = provider
                .agree(&mut browser, &site, "/login?next=/inbox")
                .await;
            let response = browser.get(&site, &back).await;
            assert_eq!(
                response.text(),
                "ada-7 Some(\"ada@example.com\") Some(\"Ada\") access-1 /inbox",
                "{algorithm}"
            );
            // The cookie of the try is used up, and so is the code.
            assert!(browser.cookies.is_empty());
            assert_eq!(browser.get(&site, &back).await.code(), 403);
        });
    }
}

#[test]
fn the_browser_is_sent_with_all_that_binds_the_answer_to_it() {
    IoLoop::new().unwrap().run_sync(async {
        let (_provider, site) = start("EdDSA");
        let mut browser = Browser::default();
        let response = browser.get(&site, "/login?next=//evil.example").await;
        let cookie = response.headers().get("Set-Cookie").unwrap().to_owned();
        for part in ["; HttpOnly", "; Max-Age=600", "; Path=/", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let url = location(&response);
        assert!(
            url.contains("/authorize?realm=1&response_type=code&"),
            "{url}"
        );
        assert_eq!(argument(&url, "scope"), "openid email");
        assert_eq!(argument(&url, "redirect_uri"), "http://site.test/callback");
        assert_eq!(argument(&url, "code_challenge_method"), "S256");
        let again = location(&browser.get(&site, "/login").await);
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(argument(&url, name).len(), 43, "{name}");
            assert_ne!(argument(&url, name), argument(&again, name), "{name}");
        }
    });
}

#[test]
fn keys_are_fetched_once_and_again_when_they_change() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("ES256");
        let state = &provider.state;
        let mut browser = Browser::default();
        for _ in 0..3 {
            let back = provider.agree(&mut browser, &site, "/login").await;
            assert_eq!(browser.get(&site, &back).await.code(), 200);
        }
        assert_eq!(state.key_fetches.get(), 1);
        let new = Signer::new("two", "EdDSA");
        *state.published.borrow_mut() = vec![new.public()];
        *state.signer.borrow_mut() = new;
        let back = provider.agree(&mut browser, &site, "/login").await;
        assert_eq!(browser.get(&site, &back).await.code(), 200);
        assert_eq!(state.key_fetches.get(), 2);
        // A key that was never published is asked for, and refused.
        *state.signer.borrow_mut() = Signer::new("three", "ES256");
        let back = provider.agree(&mut browser, &site, "/login").await;
        assert_eq!(browser.get(&site, &back).await.code(), 403);
        assert_eq!(state.key_fetches.get(), 3);
    });
}

#[test]
fn an_answer_names_its_provider_rightly_if_it_does() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("EdDSA");
        for (issuer, status) in [
            (provider.url(), 200),
            ("https://evil.example".to_owned(), 403),
        ] {
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let response = browser.get(&site, &format!("{back}&iss={issuer}")).await;
            assert_eq!(response.code(), status, "{issuer}");
        }
    });
}

#[test]
fn a_provider_that_describes_another_is_not_believed() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("EdDSA");
        let base = provider.url();
        let good = json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/keys"),
        });
        for (name, value) in [
            ("issuer", json!("https://evil.example")),
            ("issuer", json!(format!("{base}/"))),
            ("token_endpoint", json!(null)),
            ("jwks_uri", json!(7)),
            ("jwks_uri", json!("http://evil.example/keys")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            *provider.state.metadata.borrow_mut() = Some(bad);
            let code = Browser::default().get(&site, "/login").await.code();
            assert!(matches!(code, 500 | 502), "{name}: {code}");
        }
        *provider.state.metadata.borrow_mut() = Some(good);
        let code = Browser::default().get(&site, "/login").await.code();
        assert_eq!(code, 302);
    });
}

#[test]
fn a_provider_that_is_not_there_is_a_502() {
    IoLoop::new().unwrap().run_sync(async {
        let provider = Provider::start(Signer::new("one", "EdDSA"));
        let url = provider.url();
        assert!(provider.server.stop().await);
        let site = site_of(client_of(url));
        let response = Browser::default().get(&site, "/login").await;
        assert_eq!(response.code(), 502);
        assert!(
            response
                .text()
                .contains("The answer of the identity provider did not come")
        );
        let insecure = site_of(client_of("http://id.example".to_owned()));
        let response = Browser::default().get(&insecure, "/login").await;
        assert_eq!(response.code(), 500);
        assert!(response.request_time() < Duration::from_secs(5));
    });
}
