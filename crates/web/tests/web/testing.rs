//! The helpers of `waterspout::testing`, which fail when they should.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::Level;
use waterspout::net::IoLoop;
use waterspout::testing::{ExpectLog, TestResponse, expect_log, serve};
use waterspout::{
    Application, Context, HttpError, Json, Message, Result, WebSocket, WebSocketHandler,
};

use super::support::say;

fn app() -> Application {
    Application::new(())
        .get("/", say("hello"))
        .get("/large", async |_: &mut Context| "x".repeat(1 << 20))
        .post("/", async |cx: &mut Context| cx.body().len().to_string())
        .get("/refused", async |_: &mut Context| -> Result<()> {
            tracing::info!(target: "chat", room = 7, "room is full");
            Err(HttpError::bad_request("why").into())
        })
}

fn run(test: impl AsyncFnOnce()) {
    IoLoop::new().unwrap().run_sync(async { test().await });
}

#[test]
fn expected_lines_are_taken_out_of_the_log_and_others_are_left_in() {
    run(async || {
        let server = serve(app());
        let outer = expect_log("waterspout::general", "why");
        let inner = ExpectLog::at(Level::INFO, "chat", r"^room is full room=\d$");
        server.get("/refused").await;
        assert_eq!(inner.lines(), ["room is full room=7"]);
        assert_eq!(outer.lines().len(), 1);
        drop(inner);
    });
}

#[test]
fn a_line_that_does_not_come_fails_the_test() {
    for (target, pattern, level) in [
        ("chat", "never", Level::INFO),
        ("talk", "room", Level::INFO),
        ("chat", "room", Level::ERROR),
    ] {
        let failed = catch_unwind(AssertUnwindSafe(|| {
            run(async || {
                let _log = ExpectLog::at(level, target, pattern);
                serve(app()).get("/refused").await;
            });
        }));
        let text = *failed.unwrap_err().downcast::<String>().unwrap();
        assert!(text.contains(pattern) && text.contains(target), "{text}");
    }
    run(async || drop(expect_log("chat", "never").optional()));
}

#[test]
fn a_browser_opens_websockets_with_its_cookies() {
    let app = app()
        .cookie_secret("secret")
        .websocket_handler("/ws", Known::default());
    run(async || {
        let server = serve(app.get("/login", async |cx: &mut Context| {
            cx.set_signed_cookie("user", "ada")
        }));
        let ada = server.browser();
        let refused = ada.try_websocket("/ws").await.unwrap_err();
        assert_eq!(refused.response().unwrap().status(), 403);
        ada.get("/login").await;
        ada.websocket("/ws").await.expect_text("ada").await;
    });
}

#[derive(Clone, Default)]
struct Known(String);

impl WebSocketHandler for Known {
    async fn prepare(&mut self, cx: &mut Context) -> Result {
        self.0 = cx.signed_cookie("user")?.ok_or(HttpError::FORBIDDEN)?;
        Ok(())
    }

    async fn open(&mut self, ws: &mut WebSocket) -> Result {
        ws.send(&*self.0).await
    }

    async fn on_message(&mut self, _ws: &mut WebSocket, _message: Message) -> Result {
        Ok(())
    }
}

#[test]
fn a_browser_keeps_its_cookies_and_no_others() {
    let app = app()
        .get("/set", async |cx: &mut Context| {
            cx.set_cookie("quoted", "a=b")?;
            cx.set_cookie("plain", "1")?;
            cx.redirect("/cookies")
        })
        .get("/clear", async |cx: &mut Context| cx.clear_cookie("plain"))
        .get("/cookies", async |cx: &mut Context| {
            let cookies = cx.cookies().into_iter();
            let mut texts: Vec<_> = cookies
                .map(|(name, value)| format!("{name}:{value}"))
                .collect();
            texts.sort();
            texts.join(" ")
        })
        .post("/json", async |cx: &mut Context| {
            cx.json::<Vec<u8>>().map(Json)
        })
        .post("/form", async |cx: &mut Context| {
            cx.body_arguments("a").map(Json)
        });
    run(async || {
        let server = serve(app);
        let (ada, bob) = (server.browser(), server.browser());
        ada.get("/set").await.expect_redirect("/cookies");
        ada.get("/cookies").await.expect_text("plain:1 quoted:a=b");
        assert_eq!(ada.cookie("quoted").as_deref(), Some("a=b"));
        assert_eq!(bob.cookie("plain"), None);
        bob.set_cookie("plain=2; Path=/");
        bob.get("/cookies").await.expect_text("plain:2");
        ada.get("/clear").await.expect_status(200);
        ada.get("/cookies").await.expect_text("quoted:a=b");
        ada.clear_cookies();
        ada.get("/cookies").await.expect_text("");
        let echoed: Vec<u8> = ada.post_json("/json", &[1, 2]).await.expect_json();
        assert_eq!(echoed, [1, 2]);
        let form = [("a", "x y"), ("a", "é")];
        ada.post_form("/form", &form)
            .await
            .expect_text("[\"x y\",\"é\"]");
    });
}

#[test]
fn what_a_response_should_be_and_is_not_fails_with_all_of_it() {
    let checks: [fn(&TestResponse); 6] = [
        |response| _ = response.expect_status(404),
        |response| _ = response.expect_header("Content-Type", "text/html"),
        |response| _ = response.expect_redirect("/"),
        |response| _ = response.expect_text("hell"),
        |response| _ = response.expect_contains("goodbye"),
        |response| _ = response.expect_json::<u8>(),
    ];
    for check in checks {
        let failed = catch_unwind(AssertUnwindSafe(|| {
            run(async || check(&serve(app()).get("/").await));
        }));
        let text = *failed.unwrap_err().downcast::<String>().unwrap();
        let shown = [
            "of http://127.0.0.1:",
            "200 OK\n",
            "Content-Length: 5\n",
            "\n\nhello",
        ];
        assert!(shown.iter().all(|part| text.contains(part)), "{text}");
    }
    let failed = catch_unwind(AssertUnwindSafe(|| {
        run(async || {
            serve(app())
                .browser()
                .set_cookie("theme=dark; Domain=other.example")
        });
    }));
    assert!(failed.is_err());
}

#[test]
fn a_peer_sends_in_pieces_reads_slowly_and_ends_as_it_likes() {
    run(async || {
        let server = serve(app());
        let mut peer = server.connect().await;
        peer.drip("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nab")
            .await;
        assert!(peer.read_head().await.starts_with("HTTP/1.1 200 "));
        assert_eq!(peer.read(1).await, b"2");

        let mut slow = server.connect().await;
        slow.send("GET /large HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            .await;
        slow.read_head().await;
        assert_eq!(slow.read(10).await, b"xxxxxxxxxx");
        assert_eq!(
            server.get("/").await.text(),
            "hello",
            "others are served meanwhile"
        );
        assert_eq!(slow.read_to_end().await.len(), (1 << 20) - 10);

        let mut half = server.connect().await;
        half.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\na")
            .await;
        half.half_close().await;
        assert_eq!(half.read_to_end().await, "", "the body can never be whole");

        let mut crashed = server.connect().await;
        crashed
            .send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\na")
            .await;
        crashed.reset();
        assert!(server.stop().await, "nothing is left of it");
    });
}
