use serde::Deserialize;
use waterspout::http::server::ServerConfig;
use waterspout::testing::expect_log;
use waterspout::{Application, Context, Result};

use super::support::{Client, Response, with_config, with_server};

#[derive(Debug, Deserialize)]
struct Order {
    article: String,
    count: u8,
    #[serde(default)]
    tag: Vec<String>,
}

impl Order {
    fn text(&self) -> String {
        format!("{} {} {:?}", self.count, self.article, self.tag)
    }
}

#[derive(Debug, Deserialize)]
struct Day {
    year: u16,
    month: u8,
}

fn app() -> Application {
    Application::new(())
        .post("/form", async |cx: &mut Context| -> Result<String> {
            Ok(cx.form::<Order>()?.text())
        })
        .post("/json", async |cx: &mut Context| -> Result<String> {
            Ok(cx.json::<Order>()?.text())
        })
        .post("/any", async |cx: &mut Context| -> Result<String> {
            Ok(cx.json::<serde_json::Value>()?.to_string())
        })
        .get("/query", async |cx: &mut Context| -> Result<String> {
            Ok(cx.query::<Order>()?.text())
        })
        .get("/on/{year}/{month}", day)
        .route_regex("/of/([0-9]+)/([a-z0-9]+)", Groups)
}

async fn day(cx: &mut Context) -> Result<String> {
    let day: Day = cx.path_all()?;
    Ok(format!("{}-{}", day.year, day.month))
}

#[derive(Clone)]
struct Groups;

impl waterspout::RequestHandler for Groups {
    async fn get(&mut self, cx: &mut Context) -> Result {
        let groups: Vec<(String, u8)> = cx.path_all()?;
        cx.write(format!("{groups:?}"))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn refused(client: Client, path: &str, kind: &str, body: &str) -> Response {
    let response = client.post(path, kind, body).await;
    assert_eq!(response.status(), 400, "{body}: {response:?}");
    response
}

#[test]
fn forms_of_both_kinds_become_values() {
    with_server(app(), async |client| {
        let response = client
            .post("/form", FORM, "article=caf%C3%A9&count=2&tag=a&tag=b")
            .await;
        assert_eq!(response.body(), "2 café [\"a\", \"b\"]");
        let parts = "--x\r\nContent-Disposition: form-data; name=\"article\"\r\n\r\ntea\r\n\
                     --x\r\nContent-Disposition: form-data; name=\"count\"\r\n\r\n3\r\n--x--\r\n";
        let response = client
            .post("/form", "multipart/form-data; boundary=x", parts)
            .await;
        assert_eq!(response.body(), "3 tea []");
        assert_eq!(
            client.get("/query?count=1&article=x").await.body(),
            "1 x []"
        );
    });
}

#[test]
fn captures_become_values() {
    with_server(app(), async |client| {
        assert_eq!(client.get("/on/2026/11").await.body(), "2026-11");
        let response = client.get("/on/2026/x").await;
        assert_eq!(response.status(), 400);
        assert!(response.body().contains("Invalid path parameter month"));
        assert_eq!(
            client.get("/of/7/8").await.body(),
            r#"[("0", 7), ("1", 8)]"#
        );
    });
}

#[test]
fn wrong_forms_name_the_field() {
    with_server(app(), async |client| {
        for (body, message) in [
            ("", "Missing argument article"),
            ("article=x", "Missing argument count"),
            (
                "article=x&count=",
                "Invalid argument count: &quot;&quot; is no u8",
            ),
            (
                "article=x&count=999",
                "Invalid argument count: &quot;999&quot; is no u8",
            ),
            (
                "article=x&article=y&count=1",
                "Invalid argument article: given 2 times",
            ),
            ("article=%ff&count=1", "Invalid unicode in article"),
        ] {
            let response = refused(client, "/form", FORM, body).await;
            assert!(
                response.body().contains(message),
                "{body}: {}",
                response.body()
            );
        }
        let many = "a=1&".repeat(1001);
        let response = refused(client, "/form", FORM, &many).await;
        assert!(response.body().contains("more than 1000 arguments"));
        let response = client
            .post("/form", "text/plain", "article=x&count=1")
            .await;
        assert_eq!(response.status(), 415);
        let response = refused(client, "/form", "multipart/form-data; boundary=x", "--x").await;
        assert!(response.body().contains("Invalid body"));
    });
}

#[test]
fn wrong_json_names_the_field() {
    with_server(app(), async |client| {
        for (body, message) in [
            ("", "Invalid JSON: the body is empty"),
            ("{", "Invalid JSON: EOF while parsing"),
            (
                r#"{"article": 1, "count": 1}"#,
                "Invalid JSON: article: invalid type",
            ),
            (
                r#"{"article": "x", "count": -1}"#,
                "Invalid JSON: count: invalid value",
            ),
            (
                r#"{"article": "x", "count": 1, "tag": [1]}"#,
                "Invalid JSON: tag[0]: invalid type",
            ),
            (r#"{"count": 1}"#, "Invalid JSON: missing field `article`"),
            (
                r#"{"count": 1, "count": 2}"#,
                "Invalid JSON: duplicate field `count`",
            ),
            (
                "{\"article\": \"\u{0}\"}",
                "Invalid JSON: article: control character",
            ),
            ("1 2", "Invalid JSON: "),
        ] {
            let response = refused(client, "/json", JSON, body).await;
            assert!(
                response.body().contains(message),
                "{body}: {}",
                response.body()
            );
        }
        let response = refused(client, "/any", JSON, &"[".repeat(50_000)).await;
        assert!(response.body().contains("recursion limit exceeded"));
        assert_eq!(client.post("/json", "text/plain", "{}").await.status(), 415);
    });
}

#[test]
fn what_is_refused_is_named_in_the_log_and_not_repeated() {
    with_server(app(), async |client| {
        for (path, kind, body, line) in [
            (
                "/form",
                FORM,
                "article=x&count=hunter2",
                "Invalid argument count",
            ),
            ("/form", FORM, "count=hunter2", "Invalid argument count"),
            (
                "/form",
                FORM,
                "article=hunter2%ff&count=1",
                "Invalid unicode in article",
            ),
            (
                "/json",
                JSON,
                r#"{"article": "x", "count": "hunter2"}"#,
                "Invalid JSON: count at line 1 column 35",
            ),
            (
                "/json",
                JSON,
                r#""hunter2""#,
                "Invalid JSON at line 1 column 9",
            ),
        ] {
            let log = expect_log("waterspout::general", "");
            let response = refused(client, path, kind, body).await;
            assert!(response.body().contains("hunter2"), "{response:?}");
            let lines = log.lines();
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].ends_with(&format!(": {line}")), "{lines:?}");
        }
    });
}

#[test]
fn bodies_that_are_too_large_are_a_413() {
    let config = ServerConfig::default().max_body_size(100);
    with_config(app(), &config, async |client| {
        let long = format!("{{\"article\": \"{}\"}}", "x".repeat(200));
        for kind in [JSON, FORM] {
            let response = client.post("/json", kind, &long).await;
            assert_eq!(response.status(), 413);
            assert!(response.body().contains("max_body_size"));
        }
    });
}
