//! The middleware that comes with the box.

use std::time::Duration;

use waterspout::middleware::{
    Cors, SecurityHeaders, body_limit, cors, request_id, security_headers, timeout,
};
use waterspout::{Application, Context, HttpError, Method, Result};

use super::support::{say, with_server};

fn failing() -> Application {
    Application::new(())
        .get("/", say("hello"))
        .get("/fails", async |_: &mut Context| {
            Err::<(), _>(HttpError::CONFLICT)
        })
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    with_server(failing().wrap(request_id()), async |client| {
        let mut seen = Vec::new();
        for path in ["/", "/", "/fails", "/nowhere"] {
            let response = client.get(path).await;
            let ids = response.fields("X-Request-Id");
            assert_eq!(ids.len(), 1, "{path}: {ids:?}");
            seen.push(ids[0].to_owned());
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    });
}

#[test]
fn an_id_that_the_request_brings_is_kept_if_it_is_harmless() {
    with_server(failing().wrap(request_id()), async |client| {
        let response = client
            .request("GET", "/fails", "X-Request-Id: a1-B2\r\n")
            .await;
        assert_eq!(response.fields("X-Request-Id"), ["a1-B2"]);
        for bad in ["a b".to_owned(), "<script>".to_owned(), "a".repeat(129)] {
            let field = format!("X-Request-Id: {bad}\r\n");
            let response = client.request("GET", "/", &field).await;
            assert_ne!(response.field("X-Request-Id"), bad);
        }
    });
}

#[test]
fn a_handler_that_takes_too_long_is_dropped_and_answered_with_503() {
    let app = Application::new(())
        .get("/quick", say("quick"))
        .get("/stuck", async |_: &mut Context| {
            std::future::pending::<()>().await
        })
        .get("/begun", async |cx: &mut Context| -> Result {
            cx.write("begun")?;
            cx.flush().await?;
            std::future::pending().await
        })
        .wrap(timeout(Duration::from_millis(20)));
    with_server(app, async |client| {
        assert_eq!(client.get("/quick").await.body(), "quick");
        let response = client.get("/stuck").await;
        assert_eq!(response.status(), 503);
        assert!(response.body().contains("timeout of 20ms"), "{response:?}");
        let cut_off = "GET /begun HTTP/1.1\r\nHost: test\r\n\r\n";
        let mut stream = client.connect().await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, cut_off.as_bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        // The end is a reset or a close, and never the last chunk.
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.contains("begun") && !answer.contains("\r\n0\r\n\r\n"),
            "{answer}"
        );
    });
}

#[test]
fn bodies_beyond_the_limit_are_refused_read_whole_or_in_pieces() {
    async fn count(cx: &mut Context) -> Result<String> {
        let mut octets = 0;
        while let Some(chunk) = cx.chunk().await? {
            octets += chunk.len();
        }
        Ok(octets.to_string())
    }
    let app = Application::new(())
        .post("/whole", count)
        .post("/pieces", count)
        .stream_body()
        .wrap(body_limit(4));
    with_server(app, async |client| {
        for path in ["/whole", "/pieces"] {
            assert_eq!(client.post(path, "text/plain", "1234").await.body(), "4");
            let refused = client.post(path, "text/plain", "12345").await;
            assert_eq!(refused.status(), 413, "{path}");
            assert!(
                refused.body().contains("body_limit (4 octets)"),
                "{refused:?}"
            );
        }
        let chunked = "POST /pieces HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
                       Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n";
        assert!(client.exchange(chunked).await.starts_with("HTTP/1.1 413 "));
    });
}

fn shared() -> Application {
    let settings = Cors::new(["https://app.example"])
        .methods([Method::GET, Method::PUT])
        .headers(["Content-Type"])
        .expose(["X-Total"])
        .credentials(true)
        .max_age(Duration::from_secs(60));
    failing().wrap(cors(settings))
}

#[test]
fn an_allowed_origin_may_read_answers_and_errors() {
    with_server(shared(), async |client| {
        for path in ["/", "/fails", "/nowhere"] {
            let response = client
                .request("GET", path, "Origin: https://app.example\r\n")
                .await;
            let allowed = response.fields("Access-Control-Allow-Origin");
            assert_eq!(allowed, ["https://app.example"], "{path}");
            assert_eq!(response.field("Access-Control-Allow-Credentials"), "true");
            assert_eq!(response.field("Access-Control-Expose-Headers"), "X-Total");
            assert!(response.fields("Vary").contains(&"Origin"));
        }
    });
}

#[test]
fn another_origin_is_served_but_may_not_read() {
    with_server(shared(), async |client| {
        for fields in ["Origin: https://evil.example\r\n", "Origin: null\r\n", ""] {
            let response = client.request("GET", "/", fields).await;
            assert_eq!(response.body(), "hello");
            assert!(response.fields("Access-Control-Allow-Origin").is_empty());
            assert!(response.fields("Vary").contains(&"Origin"));
        }
    });
}

#[test]
fn a_preflight_is_answered_or_refused_with_the_reason() {
    with_server(shared(), async |client| {
        let asked = "Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n\
                     Access-Control-Request-Headers: content-type\r\n";
        let response = client.request("OPTIONS", "/", asked).await;
        assert_eq!(response.status(), 204);
        assert_eq!(response.field("Access-Control-Allow-Methods"), "GET, PUT");
        assert_eq!(
            response.field("Access-Control-Allow-Headers"),
            "Content-Type"
        );
        assert_eq!(response.field("Access-Control-Max-Age"), "60");
        for (asked, why) in [
            (asked.replace("PUT", "DELETE"), "DELETE"),
            (
                asked.replace("content-type", "content-type, x-token"),
                "x-token",
            ),
            (asked.replace("app.", "evil."), "https://evil.example"),
        ] {
            let response = client.request("OPTIONS", "/", &asked).await;
            assert_eq!(response.status(), 403);
            assert!(response.body().contains(why), "{response:?}");
        }
        let plain = client
            .request("OPTIONS", "/", "Origin: https://app.example\r\n")
            .await;
        assert!(plain.field("Allow").contains("GET"));
    });
}

#[test]
fn everybody_may_read_what_is_public_but_not_with_credentials() {
    with_server(failing().wrap(cors(Cors::any())), async |client| {
        let response = client
            .request("GET", "/", "Origin: https://x.example\r\n")
            .await;
        assert_eq!(response.fields("Access-Control-Allow-Origin"), ["*"]);
        assert!(response.fields("Vary").is_empty());
    });
    let refused = std::panic::catch_unwind(|| Cors::any().credentials(true));
    assert!(refused.is_err());
}

#[test]
fn the_browsers_defences_are_switched_on_also_on_error_pages() {
    let headers = SecurityHeaders::default()
        .referrer_policy("no-referrer")
        .cross_origin_opener_policy("");
    let app = failing()
        .get("/own", async |cx: &mut Context| {
            cx.set_header("Content-Security-Policy", "default-src 'self'")
        })
        .wrap(security_headers(headers));
    with_server(app, async |client| {
        for path in ["/", "/fails", "/nowhere"] {
            let response = client.get(path).await;
            assert_eq!(response.fields("X-Content-Type-Options"), ["nosniff"]);
            assert_eq!(response.fields("Referrer-Policy"), ["no-referrer"]);
            assert!(
                response
                    .field("Content-Security-Policy")
                    .contains("frame-ancestors 'self'")
            );
            assert!(
                response.fields("Strict-Transport-Security").is_empty(),
                "over plain HTTP"
            );
            assert!(response.fields("Cross-Origin-Opener-Policy").is_empty());
        }
        let own = client.get("/own").await;
        assert_eq!(
            own.fields("Content-Security-Policy"),
            ["default-src 'self'"]
        );
    });
}
