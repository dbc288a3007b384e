//! The blog as a reader and its author see it, on SQLite; and on PostgreSQL where
//! `BLOG_TEST_DATABASE_URL` names an empty database.

use waterspout::CookieSecret;
use waterspout::http::client::{HttpRequest, HttpResponse};
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, serve};

use super::site::{Settings, application};

/// A browser: it keeps cookies, and sends the token of the last form.
struct Browser {
    server: TestServer,
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn get(&mut self, target: &str) -> HttpResponse {
        let request = HttpRequest::get(self.server.url(target));
        self.fetch(request).await
    }

    async fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> HttpResponse {
        let token = self.token();
        let fields: Vec<_> = fields.iter().copied().chain([("_xsrf", &*token)]).collect();
        self.post_as_is(target, &fields).await
    }

    async fn post_as_is(&mut self, target: &str, fields: &[(&str, &str)]) -> HttpResponse {
        let request = HttpRequest::post(self.server.url(target)).form(fields.iter().copied());
        self.fetch(request).await
    }

    async fn fetch(&mut self, request: HttpRequest) -> HttpResponse {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = request
            .header("Cookie", cookies.join("; "))
            .follow_redirects(false);
        let response = self.server.fetch(request).await;
        for field in response.headers().get_all("Set-Cookie") {
            let field = String::from_utf8_lossy(field).into_owned();
            let (name, rest) = field.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.retain(|(known, _)| known != name);
            if !value.trim_matches('"').is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    fn token(&self) -> String {
        let token = self.cookies.iter().find(|(name, _)| name == "_xsrf");
        token
            .map(|(_, value)| value.trim_matches('"').to_owned())
            .unwrap_or_default()
    }
}

/// Plays the whole story in an empty database.
fn with_blog(settings: Settings, story: impl AsyncFnOnce(&mut Browser)) {
    IoLoop::new().expect("a loop").run_sync(async {
        let server = serve(application(&settings));
        story(&mut Browser {
            server,
            cookies: Vec::new(),
        })
        .await;
    });
}

fn settings(directory: &tempfile::TempDir) -> Settings {
    Settings {
        title: "Cats & dogs".to_owned(),
        database: directory.path().join("blog.db"),
        database_url: None,
        secret: CookieSecret::new("a secret of the tests"),
        debug: false,
    }
}

fn location(response: &HttpResponse) -> &str {
    assert_eq!(response.status(), 302);
    response
        .headers()
        .get("Location")
        .expect("a redirect says where to")
}

const ADA: [(&str, &str); 3] = [
    ("name", "Ada"),
    ("email", "ada@example.com"),
    ("password", "correct horse"),
];

async fn whole_story(browser: &mut Browser) {
    signs_up(browser).await;
    writes(browser).await;
    changes(browser).await;
    is_read(browser).await;
    signs_out_and_in(browser).await;
}

async fn signs_up(browser: &mut Browser) {
    // Nobody has signed up: the way to write leads there.
    assert!(browser.get("/").await.text().contains("Become the author"));
    assert_eq!(
        location(&browser.get("/compose").await),
        "/auth/login?next=%2Fcompose"
    );
    assert_eq!(location(&browser.get("/auth/login").await), "/auth/create");
    assert!(
        browser
            .get("/auth/create")
            .await
            .text()
            .contains("Cats &amp; dogs")
    );
    let refused = browser
        .post(
            "/auth/create",
            &[
                ("name", "Ada"),
                ("email", "ada@example.com"),
                ("password", "short"),
            ],
        )
        .await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().contains("eight letters") && !refused.text().contains("short"));
    assert_eq!(location(&browser.post("/auth/create", &ADA).await), "/");
    assert!(browser.get("/").await.text().contains("Sign out Ada"));
}

/// Two entries under one title.
async fn writes(browser: &mut Browser) {
    let entry = [
        ("title", "First <post>"),
        ("markdown", "*Hello* <script>x</script>"),
    ];
    assert_eq!(
        location(&browser.post("/compose", &entry).await),
        "/entry/first-post"
    );
    assert_eq!(
        location(&browser.post("/compose", &entry).await),
        "/entry/first-post-2"
    );
    let page = browser.get("/entry/first-post").await.text().to_string();
    assert!(
        page.contains("<em>Hello</em>") && page.contains("First &lt;post&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script>x"), "{page}");
    assert_eq!(browser.get("/entry/no-such").await.status(), 404);
}

async fn changes(browser: &mut Browser) {
    let page = browser.get("/entry/first-post-2").await.text().to_string();
    let (_, id) = page.split_once("/compose?id=").expect("an author may edit");
    let id = &id[..id.find('"').expect("the attribute ends")];
    assert!(
        browser
            .get(&format!("/compose?id={id}"))
            .await
            .text()
            .contains("*Hello*")
    );
    let changed = [("id", id), ("title", "Second"), ("markdown", "Again")];
    assert_eq!(
        location(&browser.post("/compose", &changed).await),
        "/entry/first-post-2"
    );
    let archive = browser.get("/archive").await.text().to_string();
    assert!(
        archive.contains("Second") && archive.contains("First &lt;post&gt;"),
        "{archive}"
    );
}

async fn is_read(browser: &mut Browser) {
    let archive = browser.get("/archive").await.text().to_string();
    assert!(
        archive.contains("Second") && archive.contains("First &lt;post&gt;"),
        "{archive}"
    );
    let feed = browser.get("/feed").await;
    assert!(
        feed.headers()
            .get("Content-Type")
            .is_some_and(|kind| kind.starts_with("application/atom+xml"))
    );
    assert!(
        feed.text().contains("<name>Ada</name>") && feed.text().contains("&lt;em&gt;Hello"),
        "{}",
        feed.text()
    );
}

async fn signs_out_and_in(browser: &mut Browser) {
    let entry = [("title", "Third"), ("markdown", "text")];
    assert_eq!(location(&browser.post("/auth/logout", &[]).await), "/");
    assert!(browser.get("/").await.text().contains("Sign in"));
    assert_eq!(browser.post("/compose", &entry).await.status(), 403);
    let wrong = [
        ("email", "ada@example.com"),
        ("password", "wrong horse"),
        ("next", "/archive"),
    ];
    let refused = browser.post("/auth/login", &wrong).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().contains("password is wrong"));
    let nobody = [("email", "eve@example.com"), ("password", "wrong horse")];
    assert_eq!(browser.post("/auth/login", &nobody).await.status(), 403);
    let right = [
        ("email", "ada@example.com"),
        ("password", "correct horse"),
        ("next", "/archive"),
    ];
    assert_eq!(
        location(&browser.post("/auth/login", &right).await),
        "/archive"
    );
    let evil = [
        ("email", "ada@example.com"),
        ("password", "correct horse"),
        ("next", "https://evil.example/"),
    ];
    assert_eq!(location(&browser.post("/auth/login", &evil).await), "/");

    // There is one author only.
    assert_eq!(browser.get("/auth/create").await.status(), 400);
    assert_eq!(browser.post("/auth/create", &ADA).await.status(), 400);
}

#[test]
fn an_author_signs_up_writes_and_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    with_blog(settings(&directory), whole_story);
}

#[test]
fn the_same_on_postgresql() {
    let Ok(url) = std::env::var("BLOG_TEST_DATABASE_URL") else {
        eprintln!("BLOG_TEST_DATABASE_URL is not set: PostgreSQL is left out");
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let settings = Settings {
        database_url: Some(url),
        ..settings(&directory)
    };
    with_blog(settings, whole_story);
}

#[test]
fn what_comes_without_the_token_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    with_blog(settings(&directory), async |browser| {
        browser.get("/auth/create").await;
        for token in ["", "x", "2|00000000|00|0"] {
            let fields: Vec<_> = ADA.into_iter().chain([("_xsrf", token)]).collect();
            assert_eq!(
                browser.post_as_is("/auth/create", &fields).await.status(),
                403,
                "{token}"
            );
        }
        assert!(
            browser.get("/auth/create").await.status() == 200,
            "nobody has signed up"
        );
        for cookie in ["1", "2|1:0|10:9999999999|11:blog_author|4:MQ==|00"] {
            browser
                .cookies
                .push(("blog_author".to_owned(), format!("\"{cookie}\"")));
            assert!(
                browser.get("/").await.text().contains("Sign in"),
                "{cookie}"
            );
        }
    });
}
