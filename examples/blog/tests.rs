//! The blog as a reader and its author see it, on SQLite; and on PostgreSQL where
//! `BLOG_TEST_DATABASE_URL` names an empty database.

use waterspout::CookieSecret;
use waterspout::net::IoLoop;
use waterspout::testing::{TestBrowser, TestResponse, serve};

use super::site::{Settings, application};

/// Sends a form with the token that the pages of the site have.
async fn post(browser: &TestBrowser, target: &str, fields: &[(&str, &str)]) -> TestResponse {
    let token = browser.cookie("_xsrf").unwrap_or_default();
    let fields: Vec<_> = fields.iter().copied().chain([("_xsrf", &*token)]).collect();
    browser.post_form(target, &fields).await
}

/// Plays a story in an empty database.
fn with_blog(settings: Settings, story: impl AsyncFnOnce(&TestBrowser)) {
    IoLoop::new().expect("a loop").run_sync(async {
        let server = serve(application(&settings));
        story(&server.browser()).await;
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

const ADA: [(&str, &str); 3] = [
    ("name", "Ada"),
    ("email", "ada@example.com"),
    ("password", "correct horse"),
];

async fn whole_story(browser: &TestBrowser) {
    signs_up(browser).await;
    writes(browser).await;
    changes(browser).await;
    is_read(browser).await;
    signs_out_and_in(browser).await;
}

async fn signs_up(browser: &TestBrowser) {
    // Nobody has signed up: the way to write leads there.
    browser.get("/").await.expect_contains("Become the author");
    browser
        .get("/compose")
        .await
        .expect_redirect("/auth/login?next=%2Fcompose");
    browser
        .get("/auth/login")
        .await
        .expect_redirect("/auth/create");
    browser
        .get("/auth/create")
        .await
        .expect_contains("Cats &amp; dogs");
    let refused = post(
        browser,
        "/auth/create",
        &[
            ("name", "Ada"),
            ("email", "ada@example.com"),
            ("password", "short"),
        ],
    )
    .await;
    refused.expect_status(400).expect_contains("eight letters");
    assert!(!refused.text().contains("short"), "{refused:?}");
    post(browser, "/auth/create", &ADA)
        .await
        .expect_redirect("/");
    browser.get("/").await.expect_contains("Sign out Ada");
}

/// Two entries under one title.
async fn writes(browser: &TestBrowser) {
    let entry = [
        ("title", "First <post>"),
        ("markdown", "*Hello* <script>x</script>"),
    ];
    post(browser, "/compose", &entry)
        .await
        .expect_redirect("/entry/first-post");
    post(browser, "/compose", &entry)
        .await
        .expect_redirect("/entry/first-post-2");
    let page = browser.get("/entry/first-post").await.text().to_string();
    assert!(
        page.contains("<em>Hello</em>") && page.contains("First &lt;post&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script>x"), "{page}");
    browser.get("/entry/no-such").await.expect_status(404);
}

async fn changes(browser: &TestBrowser) {
    let page = browser.get("/entry/first-post-2").await.text().to_string();
    let (_, id) = page.split_once("/compose?id=").expect("an author may edit");
    let id = &id[..id.find('"').expect("the attribute ends")];
    browser
        .get(&format!("/compose?id={id}"))
        .await
        .expect_contains("*Hello*");
    let changed = [("id", id), ("title", "Second"), ("markdown", "Again")];
    post(browser, "/compose", &changed)
        .await
        .expect_redirect("/entry/first-post-2");
    let archive = browser.get("/archive").await.text().to_string();
    assert!(
        archive.contains("Second") && archive.contains("First &lt;post&gt;"),
        "{archive}"
    );
}

async fn is_read(browser: &TestBrowser) {
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

async fn signs_out_and_in(browser: &TestBrowser) {
    let entry = [("title", "Third"), ("markdown", "text")];
    post(browser, "/auth/logout", &[])
        .await
        .expect_redirect("/");
    browser.get("/").await.expect_contains("Sign in");
    post(browser, "/compose", &entry).await.expect_status(403);
    let wrong = [
        ("email", "ada@example.com"),
        ("password", "wrong horse"),
        ("next", "/archive"),
    ];
    let refused = post(browser, "/auth/login", &wrong).await;
    refused
        .expect_status(403)
        .expect_contains("password is wrong");
    let nobody = [("email", "eve@example.com"), ("password", "wrong horse")];
    post(browser, "/auth/login", &nobody)
        .await
        .expect_status(403);
    let right = [
        ("email", "ada@example.com"),
        ("password", "correct horse"),
        ("next", "/archive"),
    ];
    post(browser, "/auth/login", &right)
        .await
        .expect_redirect("/archive");
    let evil = [
        ("email", "ada@example.com"),
        ("password", "correct horse"),
        ("next", "https://evil.example/"),
    ];
    post(browser, "/auth/login", &evil)
        .await
        .expect_redirect("/");

    // There is one author only.
    browser.get("/auth/create").await.expect_status(400);
    post(browser, "/auth/create", &ADA).await.expect_status(400);
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
            let refused = browser.post_form("/auth/create", &fields).await;
            refused.expect_status(403);
        }
        // Nobody has signed up.
        browser.get("/auth/create").await.expect_status(200);
        for cookie in ["1", "2|1:0|10:9999999999|11:blog_author|4:MQ==|00"] {
            browser.set_cookie(&format!("blog_author=\"{cookie}\""));
            browser.get("/").await.expect_contains("Sign in");
        }
    });
}
