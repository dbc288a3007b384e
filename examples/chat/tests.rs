use waterspout::http::client::HttpRequest;
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, TestSocket, serve};
use waterspout::{CloseCode, Position};

use super::{app, hub};
use crate::say::{Said, Welcome};

fn with_chat(test: impl AsyncFnOnce(TestServer)) {
    let io_loop = IoLoop::new().expect("a loop can be made");
    io_loop.run_sync(async { test(serve(app(hub().rooms()))).await });
}

fn came(nick: &str) -> Said {
    Said::Came { nick: nick.into() }
}

fn left(nick: &str) -> Said {
    Said::Left { nick: nick.into() }
}

/// Who said what.
fn words(said: Said) -> (String, String) {
    match said {
        Said::Words { nick, text, .. } => (nick, text),
        other => panic!("{other:?}"),
    }
}

async fn enter(server: &TestServer, query: &str) -> (TestSocket, Welcome) {
    let mut socket = server.websocket(&format!("/room/Tea/socket?{query}")).await;
    let welcome = socket.expect_json().await;
    (socket, welcome)
}

async fn leave(mut socket: TestSocket) {
    socket.close(CloseCode::NORMAL, "");
    while socket.recv().await.is_some() {}
}

#[test]
fn who_comes_is_told_who_is_there_and_the_others_are_told_who_comes() {
    with_chat(async |server| {
        let (mut ada, welcome) = enter(&server, "nick=Ada").await;
        assert_eq!(welcome.names, ["Ada"]);
        assert_eq!(ada.expect_json::<Said>().await, came("Ada"));
        let (bob, welcome) = enter(&server, "nick=Bob").await;
        assert_eq!(welcome.names.len(), 2);
        assert_eq!(ada.expect_json::<Said>().await, came("Bob"));
        leave(bob).await;
        assert_eq!(ada.expect_json::<Said>().await, left("Bob"));
        assert!(
            server
                .get("/rooms")
                .await
                .text()
                .contains(r#"{"room":"Tea","members":1}"#)
        );
    });
}

#[test]
fn what_one_says_all_hear_and_who_comes_back_hears_what_was_missed() {
    with_chat(async |server| {
        let (mut ada, _) = enter(&server, "nick=Ada").await;
        let (mut bob, welcome) = enter(&server, "nick=Bob").await;
        assert_eq!(bob.expect_json::<Said>().await, came("Ada"), "the past");
        assert_eq!(bob.expect_json::<Said>().await, came("Bob"));
        let mut position: Position = welcome.position.parse().expect("a position");
        assert_eq!(position.offset(), 0);
        for _ in 0..2 {
            position = position.next();
        }
        leave(bob).await;
        for text in ["one", "<b>two</b>"] {
            ada.send(text).await;
        }
        let (mut bob, welcome) = enter(&server, &format!("nick=Bob&after={position}")).await;
        assert_eq!(
            (welcome.complete, welcome.position),
            (true, position.to_string())
        );
        assert_eq!(bob.expect_json::<Said>().await, left("Bob"));
        let heard = words(bob.expect_json().await);
        assert_eq!(heard, ("Ada".to_owned(), "one".to_owned()));
        assert_eq!(words(bob.expect_json().await).1, "<b>two</b>");
    });
}

#[test]
fn a_position_of_another_life_tells_that_something_is_missing() {
    with_chat(async |server| {
        let (_, welcome) = enter(&server, "nick=Ada&after=1-5").await;
        assert!(!welcome.complete);
    });
}

#[test]
fn a_bad_name_closes_with_a_reason_and_a_bad_message_is_answered() {
    with_chat(async |server| {
        for query in ["nick=", "nick=%20", "nick=Ada&after=x"] {
            let mut socket = server.websocket(&format!("/room/Tea/socket?{query}")).await;
            socket.expect_close(CloseCode::POLICY).await;
        }
        let (mut ada, _) = enter(&server, "nick=Ada").await;
        assert_eq!(ada.expect_json::<Said>().await, came("Ada"));
        ada.send("  ").await;
        let answer: String = ada.expect_json().await;
        assert_eq!(answer, "text must have 1 to 2000 characters");
    });
}

#[test]
fn sockets_and_long_polls_talk_to_each_other() {
    with_chat(async |server| {
        let (mut ada, _) = enter(&server, "nick=Ada").await;
        assert_eq!(ada.expect_json::<Said>().await, came("Ada"));
        let past = server
            .get("/room/Tea/poll?nick=Bob")
            .await
            .text()
            .into_owned();
        assert!(past.contains(r#"{"type":"came","nick":"Ada"}"#), "{past}");
        let position = past
            .split('"')
            .nth(3)
            .expect("the first value is the position")
            .to_owned();
        let target = format!("/room/Tea/poll?nick=Bob&after={position}");
        let (heard, ()) = tokio::join!(server.get(&target), ada.send("psst"));
        assert!(
            heard.text().contains(r#""text":"psst""#),
            "{}",
            heard.text()
        );
        assert_eq!(words(ada.expect_json().await).1, "psst");
        let post = HttpRequest::post(server.url("/room/Tea/say"))
            .form([("nick", "Bob"), ("text", "hello")])
            .header("Origin", server.url(""));
        assert_eq!(server.fetch(post).await.code(), 200);
        assert_eq!(
            words(ada.expect_json().await),
            ("Bob".into(), "hello".into())
        );
    });
}

#[test]
fn a_page_of_another_site_may_not_talk() {
    with_chat(async |server| {
        for origin in ["http://evil.example", "null"] {
            let post = HttpRequest::post(server.url("/room/Tea/say"));
            let post = post
                .form([("nick", "Bob"), ("text", "spam")])
                .header("Origin", origin);
            assert_eq!(server.fetch(post).await.code(), 403);
        }
    });
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    with_chat(async |server| {
        for target in ["/", "/chat.css", "/chat.js"] {
            let file = server.get(target).await;
            assert_eq!(file.code(), 200);
            assert!(
                !file.text().contains("//") || target == "/chat.js",
                "{target}"
            );
            assert!(!file.text().contains("https:"), "{target}");
        }
        let policy = server.get("/").await;
        let policy = policy.headers().get("content-security-policy");
        assert!(policy.is_some_and(|policy| policy.starts_with("default-src 'none'")));
    });
}
