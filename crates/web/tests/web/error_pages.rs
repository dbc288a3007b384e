use std::fmt;
use std::time::Duration;

use waterspout::{Application, Context, Error, HttpError, Result, ServerConfig};

use super::support::{Text, say, with_config, with_server};

#[derive(Debug)]
struct Layer(&'static str, Option<Box<Self>>);

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Layer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let inner = self.1.as_deref()?;
        Some(inner)
    }
}

fn app() -> Application {
    Application::new(())
        .get("/fails/{id}", async |_: &mut Context| -> Result {
            let inner = Layer("<the disk is full>", None);
            Err(Layer("the database is gone", Some(Box::new(inner))).into())
        })
        .get("/bad", async |_: &mut Context| -> Text {
            Err(HttpError::bad_request("<field> is wrong").into())
        })
        .get("/panic", async |_: &mut Context| -> Text {
            panic!("a panic of mine")
        })
        .get("/ok", say("ok"))
}

const JSON: &str = "Accept: application/json\r\n";

#[test]
fn programs_get_problem_details() {
    with_server(app(), async |client| {
        let response = client.request("GET", "/bad", JSON).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.field("content-type"), "application/problem+json");
        assert_eq!(response.field("vary"), "Accept");
        let problem: serde_json::Value = serde_json::from_str(response.body()).unwrap();
        let expected = serde_json::json!({
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "<field> is wrong",
        });
        assert_eq!(problem, expected);
        let response = client.request("GET", "/fails/1", JSON).await;
        let body = r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#;
        assert_eq!(response.body(), body);
    });
}

#[test]
fn every_rejection_has_the_same_form() {
    with_server(app(), async |client| {
        let missing = client.request("GET", "/nowhere", JSON).await;
        assert!(missing.body().contains(r#""status":404"#));
        let wrong_method = client.request("PUT", "/ok", JSON).await;
        assert_eq!(wrong_method.field("allow"), "GET, HEAD, OPTIONS");
        assert!(wrong_method.body().contains(r#""status":405"#));
        let panic = client.request("GET", "/panic", JSON).await;
        assert!(panic.body().contains(r#""status":500"#));
    });
}

#[test]
fn a_head_that_is_refused_in_its_middle_is_answered_in_the_form_that_was_asked_for() {
    let config = ServerConfig::default().head_timeout(Duration::from_millis(300));
    with_config(app(), &config, async |client| {
        for (rest, status) in [
            ("Bad Field: x\r\n\r\n", 400),
            ("Host: twice\r\n\r\n", 400),
            ("X: stops he", 408),
        ] {
            let answer = client
                .exchange(format!("GET /ok HTTP/1.1\r\nHost: t\r\n{JSON}{rest}"))
                .await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{rest}: {answer:?}"
            );
            let wanted = format!(r#""status":{status},"detail""#);
            assert!(answer.contains(&wanted), "{rest}: {answer:?}");
        }
    });
}

#[test]
fn browsers_get_a_page() {
    with_server(app(), async |client| {
        for accept in [
            "",
            "Accept: */*\r\n",
            "Accept: text/html,application/json;q=0.9\r\n",
        ] {
            let response = client.request("GET", "/bad", accept).await;
            assert_eq!(response.field("content-type"), "text/html; charset=UTF-8");
            assert!(response.body().contains("&lt;field&gt; is wrong"));
        }
    });
}

#[test]
fn the_debug_page_shows_causes_route_and_request() {
    with_server(app().debug(true), async |client| {
        let fields = "X-Mine: <1>\r\nCookie: user=secret\r\nAuthorization: Bearer secret\r\n";
        let response = client.request("GET", "/fails/7?a=%3C", fields).await;
        assert_eq!(response.status(), 500);
        let body = response.body();
        for shown in [
            "the database is gone",
            "&lt;the disk is full&gt;",
            "/fails/{id}",
            "<tr><td>id</td><td>7</td></tr>",
            "/fails/7?a=%3C",
            "&lt;1&gt;",
        ] {
            assert!(body.contains(shown), "{shown}: {body}");
        }
        assert!(!body.contains("secret"), "{body}");
        for foreign in ["src=", "href=", "@import", "url("] {
            assert!(!body.contains(foreign), "{foreign}");
        }
        let response = client.request("GET", "/fails/7", JSON).await;
        let body = response.body();
        assert!(body.contains(r#""causes":["the database is gone","<the disk is full>"]"#));
        let response = client.get("/panic").await;
        assert!(response.body().contains("a panic of mine"));
    });
}

#[test]
fn without_debug_nothing_of_the_cause_is_shown() {
    with_server(app(), async |client| {
        for fields in ["", JSON] {
            let response = client.request("GET", "/fails/7", fields).await;
            assert!(!response.body().contains("database"));
            assert!(!response.body().contains("fails"));
        }
    });
}

#[test]
fn write_error_may_fall_back_on_the_page() {
    let app = app().write_error(async |cx: &mut Context, error: &Error| {
        cx.set_header("X-Mine", "1")?;
        cx.write_error_page(error)
    });
    with_server(app, async |client| {
        let response = client.request("GET", "/bad", JSON).await;
        assert_eq!(response.field("x-mine"), "1");
        assert!(response.body().contains(r#""status":400"#));
    });
}
