use waterspout::{Application, Context, EntityTag, Result};

use super::support::{say, with_server};

fn app() -> Application {
    Application::new(())
        .automatic_etag(true)
        .get("/", say("hello"))
        .post("/", say("hello"))
        .get("/own", async |cx: &mut Context| -> Result<&'static str> {
            let etag = EntityTag::strong("mine").ok_or(waterspout::HttpError::NOT_FOUND)?;
            cx.set_etag(&etag.into_weak())?;
            Ok("hello")
        })
        .head("/own-head", async |cx: &mut Context| {
            cx.set_header("X-Head", "1")
        })
        .get("/flushed", async |cx: &mut Context| -> Result {
            cx.write("hello")?;
            cx.flush().await
        })
        .get("/finished", async |cx: &mut Context| -> Result {
            cx.write("hello")?;
            cx.finish()
        })
        .get("/asked", async |cx: &mut Context| -> Result {
            cx.set_header("ETag", "\"v1\"")?;
            cx.set_header("Content-Type", "text/plain")?;
            if cx.is_not_modified()? {
                return Ok(());
            }
            cx.write("made")
        })
}

#[test]
fn buffered_answers_have_a_tag_of_their_body() {
    with_server(app(), async |client| {
        let etag = EntityTag::of(b"hello").to_string();
        for path in ["/", "/finished"] {
            let response = client.get(path).await;
            assert_eq!(response.field("etag"), etag, "{path}");
            assert_eq!(response.body(), "hello");
        }
        let head = client.request("HEAD", "/", "").await;
        assert_eq!(
            (head.field("etag"), head.field("content-length")),
            (&*etag, "5")
        );
        // What GET would send is not known here.
        let head = client.request("HEAD", "/own-head", "").await;
        for name in ["etag", "content-length"] {
            assert_eq!(head.field(name), "", "{name}");
        }
        assert_eq!(head.field("x-head"), "1");
        assert_eq!(client.get("/own").await.field("etag"), "W/\"mine\"");
        assert_eq!(client.get("/flushed").await.field("etag"), "");
        assert_eq!(client.get("/nothing").await.field("etag"), "");
        assert_eq!(client.post("/", "text/plain", "").await.field("etag"), "");
    });
}

#[test]
fn a_client_that_has_it_gets_a_304_without_a_body() {
    with_server(app(), async |client| {
        let etag = EntityTag::of(b"hello").to_string();
        for method in ["GET", "HEAD"] {
            let known = format!("If-None-Match: \"x\", W/{etag}\r\n");
            let response = client.request(method, "/", &known).await;
            assert_eq!((response.status(), response.body()), (304, ""));
            assert_eq!(response.field("etag"), etag);
            for name in ["content-type", "content-length", "transfer-encoding"] {
                assert_eq!(response.field(name), "", "{name}");
            }
        }
        let response = client.request("GET", "/", "If-None-Match: \"x\"\r\n").await;
        assert_eq!((response.status(), response.body()), (200, "hello"));
        let response = client
            .request("GET", "/own", "If-None-Match: \"mine\"\r\n")
            .await;
        assert_eq!(response.status(), 304);
    });
}

#[test]
fn a_client_that_counts_on_another_state_gets_a_412() {
    with_server(app(), async |client| {
        for path in ["/", "/asked"] {
            let response = client.request("GET", path, "If-Match: \"x\"\r\n").await;
            assert_eq!(response.status(), 412, "{path}");
        }
    });
}

#[test]
fn a_handler_may_ask_before_it_makes_the_body() {
    with_server(app(), async |client| {
        let response = client
            .request("GET", "/asked", "If-None-Match: *\r\n")
            .await;
        assert_eq!((response.status(), response.field("etag")), (304, "\"v1\""));
        assert_eq!(client.get("/asked").await.body(), "made");
    });
}
