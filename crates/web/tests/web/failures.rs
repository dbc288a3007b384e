use waterspout::{Application, Context, Error, HttpError, Result, StatusCode};

use super::support::{Text, say, with_server};

fn failing() -> Application {
    Application::new(())
        .get("/parse", async |_: &mut Context| -> Text {
            Ok("secret".parse::<u8>()?.to_string())
        })
        .get("/http", async |_: &mut Context| {
            Err::<(), _>(HttpError::CONFLICT)
        })
        .get("/message", async |_: &mut Context| {
            Err::<(), _>(HttpError::bad_request("<b>&"))
        })
        .get("/headers", async |_: &mut Context| {
            let error = HttpError::UNAUTHORIZED.with_header("WWW-Authenticate", "Basic");
            Err::<(), _>(error)
        })
        .get("/unknown", async |_: &mut Context| {
            Err::<(), _>(HttpError::new(StatusCode::from_u16(435).unwrap()))
        })
        .get("/304", async |_: &mut Context| {
            Err::<(), _>(HttpError::new(StatusCode::NOT_MODIFIED))
        })
        .get("/panic", panics)
        .get("/partial", partial)
        .get("/flushed", flushed)
        .get("/length", async |cx: &mut Context| -> Text {
            cx.set_header("Content-Length", "100")?;
            Ok("short".to_owned())
        })
        .get("/send", async |cx: &mut Context| -> Result {
            cx.write("lost")?;
            cx.send_error(HttpError::FORBIDDEN).await?;
            assert!(cx.write("more").is_err());
            Ok(())
        })
        .get("/ok", say("ok"))
}

async fn panics(_cx: &mut Context) {
    panic!("on purpose")
}

async fn partial(cx: &mut Context) -> Result {
    cx.set_header("X-Partial", "1")?;
    cx.set_cookie("kept", "1")?;
    cx.set_status(StatusCode::CREATED);
    cx.write("half of it")?;
    Err(HttpError::NOT_FOUND.into())
}

async fn flushed(cx: &mut Context) -> Result {
    cx.write("sent")?;
    cx.flush().await?;
    Err(HttpError::NOT_FOUND.into())
}

#[test]
fn any_error_is_a_bare_500() {
    with_server(failing(), async |client| {
        let response = client.get("/parse").await;
        assert_eq!(response.status(), 500);
        let page = "<html><title>500: Internal Server Error</title>\
                    <body>500: Internal Server Error</body></html>";
        assert_eq!(response.body(), page);
    });
}

#[test]
fn http_errors_keep_status_message_and_fields() {
    with_server(failing(), async |client| {
        assert_eq!(client.get("/http").await.status(), 409);
        let response = client.get("/message").await;
        assert!(
            response
                .body()
                .contains("400: Bad Request: &lt;b&gt;&amp;<")
        );
        assert_eq!(
            client.get("/headers").await.field("www-authenticate"),
            "Basic"
        );
        assert!(client.get("/unknown").await.body().contains("435: Unknown"));
        let response = client.get("/304").await;
        assert_eq!((response.status(), response.body()), (304, ""));
    });
}

#[test]
fn a_panic_is_a_500_for_that_request_alone() {
    with_server(failing(), async |client| {
        let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n");
        let last = "GET /ok HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
        let answer = client.exchange(one("/panic") + &one("/ok") + last).await;
        assert!(answer.starts_with("HTTP/1.1 500 "));
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
    });
}

#[test]
fn errors_replace_what_was_written_and_keep_cookies() {
    with_server(failing(), async |client| {
        let response = client.get("/partial").await;
        assert_eq!(response.status(), 404);
        assert!(response.fields("x-partial").is_empty());
        assert_eq!(response.field("set-cookie"), "kept=1; Path=/");
        assert!(!response.body().contains("half"));
    });
}

#[test]
fn errors_after_the_head_cut_the_response_off() {
    with_server(failing(), async |client| {
        let response = client.get("/flushed").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), "4\r\nsent\r\n");
    });
}

#[test]
fn bodies_of_another_length_than_announced_are_a_500() {
    with_server(failing(), async |client| {
        assert_eq!(client.get("/length").await.status(), 500);
    });
}

#[test]
fn send_error_answers_at_once() {
    with_server(failing(), async |client| {
        let response = client.get("/send").await;
        assert_eq!(response.status(), 403);
        assert!(!response.body().contains("lost"));
    });
}

#[test]
fn every_failure_passes_through_write_error() {
    let app = failing().write_error(async |cx: &mut Context, error: &Error| {
        cx.set_header("Content-Type", "text/plain")?;
        cx.write(format!("mine {}", error.status().as_u16()))
    });
    with_server(app, async |client| {
        for (path, body) in [
            ("/parse", "mine 500"),
            ("/panic", "mine 500"),
            ("/http", "mine 409"),
            ("/nowhere", "mine 404"),
        ] {
            let response = client.get(path).await;
            assert_eq!(response.body(), body);
            assert_eq!(response.field("content-type"), "text/plain");
        }
        let response = client.request("PUT", "/ok", "").await;
        assert_eq!((response.status(), response.body()), (405, "mine 405"));
        assert_eq!(response.field("allow"), "GET, HEAD, OPTIONS");
        let refused = client.exchange("GET / HTTP/1.1\r\n\r\n").await;
        assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
        assert!(refused.ends_with("mine 400"), "{refused}");
    });
}

#[test]
fn a_failing_write_error_leaves_status_and_an_empty_body() {
    let app = failing().write_error(async |cx: &mut Context, error: &Error| {
        cx.write("half a page")?;
        if error.status() == StatusCode::CONFLICT {
            panic!("in write_error");
        }
        Err(HttpError::BAD_REQUEST.into())
    });
    with_server(app, async |client| {
        for (path, status) in [("/nowhere", 404), ("/http", 409)] {
            let response = client.get(path).await;
            assert_eq!((response.status(), response.body()), (status, ""));
        }
    });
}
