//! No log line holds a secret: of the site, of the provider, or of who signs in.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber, span};
use waterspout::net::IoLoop;
use waterspout::testing::serve;
use waterspout::{Application, Context, Result, XsrfConfig};

use super::browser::{Browser, argument, plain};
use super::identity_provider::SECRET;
use super::openid::start;

/// Keeps every line of the framework, of all levels.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

/// Has the log of this thread kept until it is dropped.
///
/// With one subscriber alone, tracing asks the thread that comes to a call first, whichever it is, and remembers
/// that nobody listens. With two it asks both.
struct Listening {
    _second: Dispatch,
    _guard: DefaultGuard,
}

impl Lines {
    fn listen() -> (Self, Listening) {
        let lines = Self::default();
        let listening = Listening {
            _second: Dispatch::new(NoSubscriber::default()),
            _guard: tracing::subscriber::set_default(lines.clone()),
        };
        (lines, listening)
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("waterspout")
    }

    fn event(&self, event: &Event<'_>) {
        let mut lines = self.0.lock().unwrap();
        event.record(&mut Text(&mut lines));
        lines.push('\n');
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

struct Text<'l>(&'l mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

#[track_caller]
fn assert_hides(lines: &Lines, secrets: &[&str]) {
    let lines = lines.0.lock().unwrap();
    for secret in secrets {
        assert!(
            !secret.is_empty() && !lines.contains(secret),
            "{secret:?} in\n{lines}"
        );
    }
}

#[test]
fn signing_in_leaves_no_code_state_or_token_behind() {
    let (lines, _listening) = Lines::listen();
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("EdDSA");
        for claims in ["right", "wrong"] {
            let is_wrong = claims == "wrong";
            provider.change_claims(move |claims| {
                if is_wrong {
                    claims["nonce"] = "stolen-nonce".into();
                }
            });
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let cookie = browser.cookies.values().next().unwrap().clone();
            let code = browser.get(&site, &back).await.code();
            assert_eq!(code, if is_wrong { 403 } else { 200 });
            // Again: a code that is used up, and an answer that nobody asked for.
            assert_eq!(browser.get(&site, &back).await.code(), 403);
            // The provider plays on the same thread, and logs what it likes: what the site must hide are its lines.
            let state = argument(&back, "state");
            let lines = Lines(Arc::new(Mutex::new(site_lines(&lines))));
            assert!(lines.0.lock().unwrap().contains("GET /callback?…"));
            let code = argument(&back, "code");
            let secrets = [
                SECRET,
                &*code,
                &*state,
                &*cookie,
                "access-1",
                "stolen-nonce",
            ];
            assert_hides(&lines, &secrets);
        }
        let answers = [
            "{\"error\":\"invalid_client\",\"x\":\"hidden-1\"}",
            "hidden-2",
        ];
        for answer in answers {
            *provider.state.token_answer.borrow_mut() = Some((200, answer.to_owned()));
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            assert_eq!(browser.get(&site, &back).await.code(), 502);
        }
        assert_hides(&lines, &["hidden-1", "hidden-2", SECRET]);
    });
}

/// The lines about requests to the site, not about those to the provider.
fn site_lines(lines: &Lines) -> String {
    let lines = lines.0.lock().unwrap();
    let of_provider = ["/authorize?", "/token", "/keys", "/.well-known"];
    let ours = lines
        .lines()
        .filter(|line| !of_provider.iter().any(|path| line.contains(path)));
    ours.collect::<Vec<_>>().join("\n")
}

async fn cookie(cx: &mut Context) -> Result<String> {
    Ok(format!("{:?}", cx.signed_cookie("user")?))
}

#[test]
fn refused_cookies_and_tokens_are_not_repeated() {
    let (lines, _listening) = Lines::listen();
    IoLoop::new().unwrap().run_sync(async {
        let app = Application::new(())
            .cookie_secret("the-secret-of-the-site")
            .xsrf_cookies(XsrfConfig::default())
            .get("/", cookie)
            .post("/", async |_: &mut Context| "posted");
        let site = serve(app);
        let forged = "2|1:0|10:1700000000|4:user|8:YWxpY2U=|forged-mac";
        let request = plain(&site.url("/")).header("Cookie", format!("user=\"{forged}\""));
        assert_eq!(site.fetch(request).await.text(), "None");
        for field in ["X-Xsrftoken", "X-Other"] {
            let request = waterspout::http::client::HttpRequest::post(site.url("/"))
                .header("Cookie", "_xsrf=cookie-token")
                .header(field, "header-token")
                .with_body("")
                .raise_error(false);
            assert_eq!(site.fetch(request).await.code(), 403);
        }
        let secrets = [
            "the-secret",
            "forged-mac",
            "YWxpY2U",
            "cookie-token",
            "header-token",
        ];
        assert_hides(&lines, &secrets);
        assert!(lines.0.lock().unwrap().contains("argument missing"));
    });
}
