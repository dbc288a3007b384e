use waterspout::http::client::{ClientConfig, CookieJar, HttpClient, HttpRequest, HttpResponse};
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, serve};

use super::*;

struct Browser {
    client: HttpClient,
    site: TestServer,
}

impl Browser {
    fn open() -> Self {
        let app = app();
        let state = app.state();
        let site = serve(app);
        state.start(&site.url(""), &Flags::parse_from(["oauth_login"]));
        let config = ClientConfig::default().cookie_jar(CookieJar::new());
        let client = HttpClient::with_config(config);
        Self { client, site }
    }

    /// Asks for a page, and follows redirects.
    async fn get(&self, target: &str) -> HttpResponse {
        let request = HttpRequest::get(self.site.url(target)).raise_error(false);
        self.client.fetch(request).await.expect("the site answers")
    }

    /// Sends the form of a page, with some fields filled in.
    async fn submit(
        &self,
        page: &HttpResponse,
        action: &str,
        filled: &[(&str, &str)],
    ) -> HttpResponse {
        let text = page.text().into_owned();
        let mut fields = hidden(&text);
        fields.extend(
            filled
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string())),
        );
        let fields = fields.iter().map(|(name, value)| (&**name, &**value));
        let request = HttpRequest::post(self.site.url(action)).form(fields);
        let request = request.raise_error(false);
        self.client.fetch(request).await.expect("the site answers")
    }
}

/// Names and values of the hidden fields of a form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let inputs = page
        .split("<input ")
        .filter(|input| input.contains("hidden"));
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!("{name}=")).expect("it has one");
        let end = rest
            .trim_start_matches('"')
            .find(['"', ' ', '>'])
            .expect("it ends");
        rest.trim_start_matches('"')[..end].to_owned()
    };
    inputs
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

#[test]
fn somebody_who_wants_something_private_signs_in_and_gets_it() {
    IoLoop::new().expect("a loop").run_sync(async {
        let browser = Browser::open();
        let page = browser.get("/private").await;
        assert!(
            page.effective_url().contains("/provider/authorize?"),
            "{}",
            page.text()
        );
        let page = browser
            .submit(&page, "/provider/authorize", &[("name", "Ada <b>")])
            .await;
        assert!(
            page.effective_url().ends_with("/private"),
            "{}",
            page.effective_url()
        );
        assert!(
            page.text().contains("For Ada &lt;b&gt; alone."),
            "{}",
            page.text()
        );

        let page = browser.get("/").await;
        assert!(page.text().contains("Hello, Ada"), "{}", page.text());
        let page = browser.submit(&page, "/logout", &[]).await;
        assert!(page.text().contains("Hello, stranger"), "{}", page.text());
    });
}

#[test]
fn an_answer_that_was_not_asked_for_signs_nobody_in() {
    IoLoop::new().expect("a loop").run_sync(async {
        let browser = Browser::open();
        let page = browser.get("/login/callback?code=x&state=y").await;
        assert_eq!(page.code(), 403);
        browser.get("/login").await;
        let page = browser.get("/login/callback?code=x&state=y").await;
        assert_eq!(page.code(), 403);
        assert!(browser.get("/").await.text().contains("stranger"));
        // Signing out needs the token of a page.
        let request = HttpRequest::post(browser.site.url("/logout")).with_body("");
        let answer = browser.client.fetch(request.raise_error(false)).await;
        assert_eq!(answer.expect("the site answers").code(), 403);
    });
}
