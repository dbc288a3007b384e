//! The helpers of `waterspout::testing`, which fail when they should.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::Level;
use waterspout::net::IoLoop;
use waterspout::testing::{ExpectLog, expect_log, serve};
use waterspout::{Application, Context, HttpError, Result};

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
