//! What `--cookie-secret` switches on in the testbed.

use std::process::Command;

use waterspout::http::client::{ClientConfig, CookieJar, HttpClient, HttpRequest, HttpResponse};
use waterspout::net::IoLoop;

use crate::{program, testbed};

/// A visitor of the testbed, who keeps cookies.
struct Visitor {
    client: HttpClient,
    jar: CookieJar,
    url: String,
}

impl Visitor {
    async fn get(&self, target: &str) -> HttpResponse {
        let request = HttpRequest::get(format!("{}{target}", self.url));
        self.fetch(request).await
    }

    async fn post(&self, target: &str, fields: &[(&str, &str)]) -> HttpResponse {
        let request = HttpRequest::post(format!("{}{target}", self.url));
        self.fetch(request.form(fields.iter().copied())).await
    }

    async fn fetch(&self, request: HttpRequest) -> HttpResponse {
        let request = request.follow_redirects(false).raise_error(false);
        self.client.fetch(request).await.unwrap()
    }
}

fn with_testbed(flags: &[&str], test: impl AsyncFnOnce(&Visitor)) {
    IoLoop::new().unwrap().run_sync(async {
        let mut command = Command::new(program("testbed"));
        command.args(flags);
        let (server, _stdout, url) = testbed(command).await;
        let jar = CookieJar::new();
        let config = ClientConfig::default().cookie_jar(jar.clone());
        let client = HttpClient::with_config(config);
        let visitor = Visitor { client, jar, url };
        test(&visitor).await;
        drop(visitor);
        server.terminate().unwrap();
        server.wait_for_success().await.unwrap();
    });
}

#[track_caller]
fn assert_answer(response: &HttpResponse, code: u16, text: &str) {
    let found = response.text();
    assert!(
        response.code() == code && found.contains(text),
        "{response:?} {found}"
    );
}

#[test]
fn signed_cookies_come_back_and_others_are_a_404() {
    with_testbed(&["--cookie-secret", "S"], async |visitor| {
        assert_answer(&visitor.get("/signed/get?name=a").await, 404, "");
        let set = visitor.get("/signed/set?name=a&value=x+%C3%A9").await;
        assert_answer(&set, 200, "ok");
        let found = visitor.get("/signed/get?name=a").await;
        assert_eq!(found.text(), "x é");
        let forged = "a=\"2|1:0|10:1700000000|1:a|4:eA==|00\"";
        visitor.jar.set(&visitor.url, forged).unwrap();
        assert_answer(&visitor.get("/signed/get?name=a").await, 404, "");
        assert_answer(&visitor.get("/signed/get").await, 400, "argument name");
        let refused = visitor.get("/signed/set?name=a%20b&value=x").await;
        assert_answer(&refused, 400, "invalid cookie name");
    });
}

#[test]
fn a_form_without_its_token_is_a_403() {
    with_testbed(&["--cookie-secret", "S"], async |visitor| {
        let page = visitor.get("/xsrf").await.text().into_owned();
        let (_, token) = page.split_once("name=\"_xsrf\" value=\"").unwrap();
        let token = token.split('"').next().unwrap();
        let refused = visitor.post("/xsrf", &[]).await;
        assert_answer(&refused, 403, "argument missing");
        let taken = visitor.post("/xsrf", &[("_xsrf", token)]).await;
        assert_answer(&taken, 200, "ok");
    });
}

#[test]
fn the_private_page_sends_strangers_to_sign_in_and_back() {
    with_testbed(&["--cookie-secret", "S"], async |visitor| {
        let location =
            |response: HttpResponse| response.headers().get("Location").map(str::to_owned);
        let refused = location(visitor.get("/private").await);
        assert_eq!(refused.as_deref(), Some("/login?next=%2Fprivate"));
        let back = location(visitor.get("/login?next=%2Fprivate&user=ada").await);
        assert_eq!(back.as_deref(), Some("/private"));
        assert_answer(&visitor.get("/private").await, 200, "Hello, ada");
    });
}

#[test]
fn without_a_secret_there_are_no_such_pages() {
    with_testbed(&[], async |visitor| {
        for target in [
            "/signed/set?name=a&value=b",
            "/signed/get?name=a",
            "/xsrf",
            "/private",
        ] {
            assert_answer(&visitor.get(target).await, 404, "");
        }
    });
}
