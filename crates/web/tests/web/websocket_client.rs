//! The client against our own server.

use std::cell::RefCell;
use std::rc::Rc;

use waterspout::http::client::HttpRequest;
use waterspout::net::IoLoop;
use waterspout::testing::{TestServer, TestSocket, serve};
use waterspout::{
    Application, Bytes, CloseCode, CompressionOptions, Context, Message, Result, SendError,
    WebSocket, WebSocketConfig, WebSocketHandler, WebSocketRequest,
};

async fn echo(ws: &mut WebSocket) -> Result {
    while let Some(message) = ws.recv().await? {
        ws.send(message).await?;
    }
    Ok(())
}

/// Says what it knows of the request, and closes when it is told to.
#[derive(Clone, Default)]
struct Curious {
    authorization: String,
    closes: Rc<RefCell<Vec<(u16, String)>>>,
}

impl WebSocketHandler for Curious {
    async fn prepare(&mut self, cx: &mut Context) -> Result {
        let value = cx.headers().get("Authorization").unwrap_or_default();
        self.authorization = value.to_owned();
        cx.set_header("X-Server", "curious")
    }

    fn select_subprotocol(&mut self, _cx: &Context, offered: &[String]) -> Option<String> {
        offered.last().cloned()
    }

    async fn open(&mut self, ws: &mut WebSocket) -> Result {
        ws.send(self.authorization.as_str()).await
    }

    async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
        ws.close(CloseCode::from(4000), message.as_text().unwrap_or_default());
        Ok(())
    }

    async fn on_close(&mut self, _ws: &mut WebSocket, code: CloseCode, reason: &str) {
        self.closes
            .borrow_mut()
            .push((code.as_u16(), reason.to_owned()));
    }
}

fn deflate() -> WebSocketConfig {
    WebSocketConfig::default().compression_options(Some(CompressionOptions::default()))
}

fn app(curious: Curious) -> Application {
    Application::new(())
        .websocket("/ws", echo)
        .websocket_with("/deflate", deflate(), echo)
        .websocket_handler("/curious", curious)
        .get("/page", async |_: &mut Context| "no socket here")
        .get("/moved", async |cx: &mut Context| cx.redirect("/ws"))
}

fn with_server(test: impl AsyncFnOnce(TestServer)) {
    with(Curious::default(), test);
}

fn with(curious: Curious, test: impl AsyncFnOnce(TestServer)) {
    IoLoop::new().unwrap().run_sync(async {
        test(serve(app(curious))).await;
    });
}

#[test]
fn messages_of_every_kind_and_size_come_back() {
    with_server(async |server| {
        for target in ["/ws", "/deflate"] {
            let request = WebSocketRequest::new(server.ws_url(target))
                .compression_options(Some(CompressionOptions::default()));
            let mut ws = TestSocket::new(server.try_websocket(request).await.unwrap());
            let negotiated = ws
                .connection()
                .headers()
                .contains("Sec-WebSocket-Extensions");
            assert_eq!(negotiated, target == "/deflate");
            for size in [0, 1, 31, 32, 125, 126, 4095, 4096, 65_535, 65_536, 300_000] {
                let text = "aé".repeat(size / 3) + &"x".repeat(size % 3);
                ws.send(text.as_str()).await;
                ws.expect_text(&text).await;
                let octets: Vec<u8> = (0u8..=255).cycle().take(size).collect();
                ws.send(octets.as_slice()).await;
                ws.expect_binary(&octets).await;
            }
        }
    });
}

#[test]
fn fields_credentials_and_subprotocols_reach_the_server() {
    with_server(async |server| {
        let http = HttpRequest::get(server.ws_url("/curious")).auth("user", "secret");
        let request = WebSocketRequest::from(http).subprotocols(["chat.v1", "chat.v2"]);
        let mut ws = TestSocket::new(server.try_websocket(request).await.unwrap());
        ws.expect_text("Basic dXNlcjpzZWNyZXQ=").await;
        assert_eq!(ws.connection().selected_subprotocol(), Some("chat.v2"));
        assert_eq!(ws.connection().headers().get("X-Server"), Some("curious"));
    });
}

#[test]
fn the_server_closes_with_code_and_reason() {
    with_server(async |server| {
        let mut ws = server.websocket("/curious").await;
        ws.expect_text("").await;
        ws.send("enough").await;
        ws.expect_close(CloseCode::from(4000)).await;
        assert_eq!(ws.recv().await, None);
        let ws = ws.connection();
        assert_eq!(ws.send("late").await, Err(SendError::Closed));
        assert_eq!(ws.ping("late"), Err(SendError::Closed));
    });
}

#[test]
fn the_client_closes_with_code_and_reason() {
    let curious = Curious::default();
    let closes = Rc::clone(&curious.closes);
    with(curious, async |server| {
        let mut ws = server.websocket("/curious").await;
        ws.expect_text("").await;
        ws.close(CloseCode::from(3001), "done");
        ws.expect_close(CloseCode::from(3001)).await;
        assert!(server.stop().await);
        assert_eq!(*closes.borrow(), [(3001, "done".to_owned())]);
    });
}

#[test]
fn dropping_the_connection_closes_it() {
    let curious = Curious::default();
    let closes = Rc::clone(&curious.closes);
    with(curious, async |server| {
        let mut ws = server.websocket("/curious").await;
        ws.expect_text("").await;
        drop(ws);
        assert!(server.stop().await);
        assert_eq!(*closes.borrow(), [(1000, String::new())]);
    });
}

#[test]
fn the_callback_sees_every_message_and_the_end() {
    with_server(async |server| {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let notes = Rc::clone(&seen);
        let request = WebSocketRequest::new(server.ws_url("/ws"))
            .on_message_callback(move |message| notes.borrow_mut().push(message));
        let mut ws = server.try_websocket(request).await.unwrap();
        for number in 0..3 {
            ws.send(number.to_string()).await.unwrap();
        }
        ws.send("last").await.unwrap();
        while seen.borrow().len() < 4 {
            tokio::task::yield_now().await;
        }
        ws.close(CloseCode::NORMAL, "");
        assert_eq!(ws.recv().await, None);
        let wanted = ["0", "1", "2", "last"].map(|text| Some(Message::from(text)));
        assert_eq!(seen.borrow()[..4], wanted);
        assert_eq!(seen.borrow()[4..], [None]);
    });
}

#[test]
fn pings_are_answered_and_seen() {
    with_server(async |server| {
        let pongs = Rc::new(RefCell::new(Vec::new()));
        let notes = Rc::clone(&pongs);
        let request = WebSocketRequest::new(server.ws_url("/ws"))
            .on_pong(move |data: Bytes| notes.borrow_mut().push(data));
        let mut ws = server.try_websocket(request).await.unwrap();
        ws.ping("are you there").unwrap();
        assert_eq!(ws.ping([0; 126]), Err(SendError::PingTooLong));
        ws.send("x").await.unwrap();
        assert_eq!(ws.recv().await, Some(Message::from("x")));
        assert_eq!(*pongs.borrow(), ["are you there"]);
    });
}

#[test]
fn what_is_no_websocket_is_an_error_with_the_response() {
    with_server(async |server| {
        for (target, status, text) in [
            (
                "/none",
                404,
                "HTTP 404 Not Found, the server refuses the WebSocket",
            ),
            ("/page", 200, "HTTP 200 OK, it is no WebSocket"),
            (
                "/moved",
                302,
                "HTTP 302 Found, a handshake follows no redirect, here to /ws",
            ),
        ] {
            let refused = server
                .try_websocket(server.ws_url(target))
                .await
                .unwrap_err();
            assert!(refused.is_handshake());
            assert_eq!(refused.code(), status);
            assert_eq!(
                refused.to_string(),
                format!("WebSocket handshake failed: {text}")
            );
        }
        let refused = server
            .try_websocket(server.ws_url("/page"))
            .await
            .unwrap_err();
        assert_eq!(refused.into_response().unwrap().text(), "no socket here");
    });
}

#[test]
fn a_request_that_cannot_be_a_handshake_is_refused_before_it_is_sent() {
    with_server(async |server| {
        let url = server.ws_url("/ws");
        let requests = [
            (WebSocketRequest::new(server.url("/ws")), "ws:// or wss://"),
            (WebSocketRequest::new(format!("{url}#part")), "fragment"),
            (HttpRequest::post(&url).into(), "GET without a body"),
            (
                HttpRequest::get(&url).with_body("x").into(),
                "GET without a body",
            ),
            (
                HttpRequest::get(&url)
                    .header("Sec-WebSocket-Key", "x")
                    .into(),
                "Sec-WebSocket-Key is set by the handshake",
            ),
            (
                WebSocketRequest::new(&url).subprotocols(["a b"]),
                "\"a b\" is no token",
            ),
            (
                HttpRequest::get(&url).header("X", "a\r\nB: c").into(),
                "header",
            ),
        ];
        for (request, text) in requests {
            let error = server.try_websocket(request).await.unwrap_err();
            assert!(error.is_request(), "{error}");
            assert!(error.to_string().contains(text), "{error}");
        }
        assert_eq!(server.connections(), 0);
    });
}

#[test]
fn a_message_that_is_too_big_closes_with_1009() {
    with_server(async |server| {
        let request = WebSocketRequest::new(server.ws_url("/ws")).max_message_size(1024);
        let mut ws = TestSocket::new(server.try_websocket(request).await.unwrap());
        ws.send("x".repeat(1024)).await;
        ws.expect_text(&"x".repeat(1024)).await;
        ws.send("x".repeat(1025)).await;
        ws.expect_close(CloseCode::TOO_BIG).await;
    });
}

#[test]
fn a_client_that_does_not_read_holds_the_server_up() {
    with_server(async |server| {
        let mut ws = server.websocket("/ws").await;
        let sender = ws.connection().sender();
        for _ in 0..2000 {
            if sender.try_send(vec![7; 16_384]) == Err(SendError::Full) {
                assert!(sender.buffered() < 2 * 1024 * 1024);
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("32 MB were taken from a client that reads nothing");
    });
}

#[test]
fn a_drain_tells_the_client_1001() {
    with_server(async |server| {
        let mut ws = server.websocket("/ws").await;
        ws.send("x").await;
        ws.expect_text("x").await;
        let (stopped, ()) = tokio::join!(server.stop(), ws.expect_close(CloseCode::GOING_AWAY));
        assert!(stopped);
    });
}
