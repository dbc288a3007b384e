use serde::Serialize;
use waterspout::{Application, Bytes, Context, Html, HttpError, Json, Result, StatusCode};

use super::support::{say, with_server};

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

fn app() -> Application {
    Application::new(())
        .get("/text", say("text"))
        .get("/string", async |_: &mut Context| "s".repeat(3))
        .get("/html", async |_: &mut Context| Html("<p>"))
        .get("/bytes", async |_: &mut Context| {
            Bytes::from_static(b"bytes")
        })
        .get("/vec", async |_: &mut Context| vec![b'v'; 100_000])
        .get("/json", async |_: &mut Context| {
            Json(Message {
                message: "Hello, World!",
            })
        })
        .get("/big", async |_: &mut Context| Json("j".repeat(100_000)))
        .get("/status", async |_: &mut Context| StatusCode::ACCEPTED)
        .get("/tuple", async |_: &mut Context| {
            (StatusCode::CREATED, "made")
        })
        .get("/none", async |_: &mut Context| None::<&str>)
        .get("/some", async |_: &mut Context| Some("some"))
        .get("/unit", async |_: &mut Context| ())
        .get("/204", async |_: &mut Context| StatusCode::NO_CONTENT)
        .get("/written", written)
        .get("/typed", async |cx: &mut Context| -> Result<&str> {
            cx.set_header("Content-Type", "text/css")?;
            Ok("a{}")
        })
        .get("/chunks", chunks)
        .get("/finished", finished)
}

async fn written(cx: &mut Context) -> Result<&'static str> {
    cx.write("<b>written</b> ")?;
    cx.set_status(StatusCode::ACCEPTED);
    cx.set_header("X-A", "1")?;
    cx.add_header("X-A", "2")?;
    cx.set_header("X-B", "gone")?;
    cx.clear_header("x-b");
    Ok("and returned")
}

async fn chunks(cx: &mut Context) -> Result {
    for n in 0..3 {
        cx.write(format!("chunk {n}\n"))?;
        cx.flush().await?;
        if cx.set_header("X-Late", "1").is_ok() || cx.redirect("/").is_ok() {
            return Err(HttpError::INTERNAL_SERVER_ERROR.into());
        }
    }
    Ok(())
}

async fn finished(cx: &mut Context) -> Result {
    cx.write("all")?;
    cx.finish()?;
    assert!(cx.write("more").is_err());
    assert!(cx.finish().is_err());
    assert!(cx.is_finished());
    Ok(())
}

#[test]
fn replies_bring_their_types() {
    with_server(app(), async |client| {
        let text = "text/plain; charset=utf-8";
        let html = "text/html; charset=UTF-8";
        for (path, status, kind, body) in [
            ("/text", 200, text, "text"),
            ("/string", 200, text, "sss"),
            ("/html", 200, html, "<p>"),
            ("/bytes", 200, "application/octet-stream", "bytes"),
            (
                "/json",
                200,
                "application/json",
                r#"{"message":"Hello, World!"}"#,
            ),
            ("/status", 202, "", ""),
            ("/tuple", 201, text, "made"),
            ("/some", 200, text, "some"),
            ("/unit", 200, "", ""),
            ("/204", 204, "", ""),
            ("/written", 202, html, "<b>written</b> and returned"),
            ("/typed", 200, "text/css", "a{}"),
        ] {
            let response = client.get(path).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(response.field("content-type"), kind, "{path}");
            assert_eq!(response.body(), body, "{path}");
            let length = body.len().to_string();
            let length = if status == 204 { "" } else { &length };
            assert_eq!(response.field("content-length"), length, "{path}");
        }
        assert_eq!(client.get("/none").await.status(), 404);
    });
}

#[test]
fn large_replies_arrive_whole() {
    with_server(app(), async |client| {
        assert_eq!(client.get("/vec").await.body(), "v".repeat(100_000));
        let json = format!("\"{}\"", "j".repeat(100_000));
        assert_eq!(client.get("/big").await.body(), json);
        assert_eq!(client.get("/json").await.body().len(), 27);
    });
}

#[test]
fn header_fields_are_set_added_and_cleared() {
    with_server(app(), async |client| {
        let response = client.get("/written").await;
        assert_eq!(response.fields("x-a"), ["1", "2"]);
        assert!(response.fields("x-b").is_empty());
    });
}

#[test]
fn flushes_become_chunks_and_close_the_head() {
    with_server(app(), async |client| {
        let response = client.get("/chunks").await;
        assert_eq!(response.field("transfer-encoding"), "chunked");
        let body = "8\r\nchunk 0\n\r\n8\r\nchunk 1\n\r\n8\r\nchunk 2\n\r\n0\r\n\r\n";
        assert_eq!(response.body(), body);
    });
}

#[test]
fn writing_after_finish_is_an_error_value() {
    with_server(app(), async |client| {
        let response = client.get("/finished").await;
        assert_eq!((response.status(), response.body()), (200, "all"));
    });
}

#[test]
fn header_values_that_would_break_out_are_refused() {
    let app = Application::new(()).get("/", async |cx: &mut Context| {
        for value in ["a\r\nX: y", "a\0", "a\n"] {
            assert!(cx.set_header("X-A", value).is_err());
            assert!(cx.add_header("X-A", value).is_err());
        }
        assert!(cx.set_header("X A", "v").is_err());
        assert!(cx.set_reason("a\r\nX: y").is_err());
        cx.set_header("X-Empty", "")
    });
    with_server(app, async |client| {
        assert_eq!(client.get("/").await.status(), 200);
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    with_server(app(), async |client| {
        let one = |path: &str, fields| format!("GET {path} HTTP/1.1\r\nHost: t\r\n{fields}\r\n");
        let requests =
            one("/text", "") + &one("/json", "") + &one("/tuple", "Connection: close\r\n");
        let answer = client.exchange(requests).await;
        let at = |text: &str| answer.find(text).unwrap();
        assert!(at("\r\n\r\ntext") < at("\r\n\r\n{\"message") && at("{\"message") < at("made"));
    });
}
