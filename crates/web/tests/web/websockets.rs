//! WebSockets: octets in, octets out.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::http::Bytes;
use waterspout::http::server::HttpServer;
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
use waterspout::{
    Application, CloseCode, CompressionOptions, Context, HttpError, Message, Result, ServerConfig,
    WebSocket, WebSocketConfig, WebSocketHandler,
};

use crate::support::{Client, with_server};
use crate::websocket_queues::{first, handing_out};

const KEY: &str = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

pub(crate) async fn echo(ws: &mut WebSocket) -> Result {
    while let Some(message) = ws.recv().await? {
        ws.send(message).await?;
    }
    Ok(())
}

/// A client that has opened a WebSocket.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) head: String,
}

impl Peer {
    pub(crate) async fn open(client: Client, target: &str, fields: &str) -> Self {
        Self::open_with(client, target, fields, b"").await
    }

    /// Sends octets in the segment of the request.
    pub(crate) async fn open_with(
        client: Client,
        target: &str,
        fields: &str,
        early: &[u8],
    ) -> Self {
        let mut stream = client.connect().await;
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n\
             Connection: keep-alive, Upgrade\r\n{KEY}{fields}\r\n"
        );
        let octets = [head.as_bytes(), early].concat();
        stream.write_all(&octets).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self { stream, head }
    }

    /// Sends a frame with a mask of zeros.
    pub(crate) async fn send(&mut self, first: u8, payload: &[u8]) {
        self.stream.write_all(&frame(first, payload)).await.unwrap();
    }

    pub(crate) async fn expect(&mut self, wanted: &[u8]) {
        let mut octets = vec![0; wanted.len()];
        self.stream.read_exact(&mut octets).await.unwrap();
        assert_eq!(octets, wanted);
    }

    /// Reads until `wanted` has come, with pings before it.
    pub(crate) async fn hear(&mut self, wanted: &[u8]) {
        let mut octets = Vec::new();
        while !octets.ends_with(wanted) {
            octets.push(self.stream.read_u8().await.unwrap());
        }
    }

    /// Reads what comes until the server closes.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        self.stream.read_to_end(&mut octets).await.unwrap();
        octets
    }
}

pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    let mut octets = vec![first, 0x80 | length, 0, 0, 0, 0];
    octets.extend_from_slice(payload);
    octets
}

pub(crate) fn echoing() -> Application {
    Application::new(()).websocket("/ws", echo)
}

#[test]
fn the_101_has_the_accept_key_and_no_length() {
    with_server(echoing(), async |client| {
        let peer = Peer::open(client, "/ws", "").await;
        let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
        assert!(peer.head.contains(accept), "{}", peer.head);
        assert!(peer.head.contains("\r\nConnection: Upgrade\r\n"));
        assert!(peer.head.contains("\r\nUpgrade: websocket\r\n"));
        assert!(!peer.head.contains("Content-"));
    });
}

#[test]
fn frames_are_echoed_and_the_close_is_answered() {
    with_server(echoing(), async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        peer.send(0x81, b"hi").await;
        peer.expect(b"\x81\x02hi").await;
        peer.send(0x82, b"\x00\xff").await;
        peer.expect(b"\x82\x02\x00\xff").await;
        peer.send(0x89, b"p").await;
        peer.expect(b"\x8a\x01p").await;
        peer.send(0x88, b"\x03\xe8bye").await;
        assert_eq!(peer.rest().await, b"\x88\x02\x03\xe8");
    });
}

#[test]
fn a_frame_in_the_segment_of_the_request_is_not_lost() {
    with_server(echoing(), async |client| {
        let mut peer = Peer::open_with(client, "/ws", "", &frame(0x81, b"early")).await;
        peer.expect(b"\x81\x05early").await;
    });
}

#[test]
fn a_ping_between_fragments_is_answered_before_the_message() {
    with_server(echoing(), async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        peer.send(0x01, b"ab").await;
        peer.send(0x89, b"x").await;
        peer.send(0x80, b"cd").await;
        peer.expect(b"\x8a\x01x\x81\x04abcd").await;
    });
}

#[test]
fn violations_are_told_by_their_code() {
    let code = |octets: &[u8]| {
        assert_eq!(octets[0], 0x88);
        u16::from_be_bytes([octets[2], octets[3]])
    };
    with_server(echoing(), async |client| {
        for (octets, wanted) in [
            (&b"\x81\x02hi"[..], 1002),
            (&frame(0xc1, b"hi"), 1002),
            (&frame(0x83, b""), 1002),
            (&frame(0x80, b"stray"), 1002),
            (&frame(0x81, b"\xff"), 1007),
            (&frame(0x88, b"\x03\xed"), 1002),
            (b"\x82\xff\x00\x00\x00\x00\x7f\xff\xff\xff\0\0\0\0", 1009),
        ] {
            let mut peer = Peer::open(client, "/ws", "").await;
            peer.stream.write_all(octets).await.unwrap();
            assert_eq!(code(&peer.rest().await), wanted, "{octets:x?}");
        }
    });
}

#[test]
fn what_is_no_handshake_is_refused() {
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    with_server(echoing(), async |client| {
        let ask = async |fields: &str| {
            let head = format!("GET /ws HTTP/1.1\r\nHost: test\r\n{fields}\r\n");
            let mut stream = client.connect().await;
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = vec![0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            String::from_utf8(answer).unwrap()[9..].to_owned()
        };
        assert_eq!(ask("").await, "400");
        assert_eq!(ask(&format!("Upgrade: websocket\r\n{KEY}")).await, "400");
        assert_eq!(ask(&format!("{upgrade}{key}")).await, "426");
        assert_eq!(
            ask(&format!("{upgrade}Sec-WebSocket-Version: 13\r\n")).await,
            "400"
        );
        assert_eq!(
            ask(&format!("{upgrade}{KEY}Origin: http://evil\r\n")).await,
            "403"
        );
        assert_eq!(ask(&format!("{upgrade}{KEY}Origin: null\r\n")).await, "403");
        assert_eq!(
            ask(&format!("{upgrade}{KEY}Origin: http://TEST\r\n")).await,
            "101"
        );
    });
}

/// Notes what happens to it.
#[derive(Clone, Default)]
struct Noting {
    notes: Rc<RefCell<Vec<String>>>,
}

impl Noting {
    fn note(&self, what: impl Into<String>) {
        self.notes.borrow_mut().push(what.into());
    }
}

impl WebSocketHandler for Noting {
    async fn prepare(&mut self, cx: &mut Context) -> Result {
        if cx.cookie("user").is_none() {
            return Err(HttpError::FORBIDDEN.into());
        }
        cx.set_header("X-Prepared", "yes")
    }

    fn select_subprotocol(&mut self, _cx: &Context, offered: &[String]) -> Option<String> {
        offered.last().cloned()
    }

    fn check_origin(&self, _cx: &Context, origin: &str) -> bool {
        origin == "http://friend"
    }

    async fn open(&mut self, ws: &mut WebSocket) -> Result {
        self.note(format!("open {:?}", ws.subprotocol()));
        Ok(())
    }

    async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
        self.note(format!("message {message}"));
        tokio::task::yield_now().await;
        match message.as_text() {
            Some("fail") => Err("failed".parse::<u8>().unwrap_err().into()),
            Some("panic") => panic!("asked for"),
            _ => ws.send(message).await,
        }
    }

    async fn on_ping(&mut self, _ws: &mut WebSocket, data: Bytes) -> Result {
        self.note(format!("ping {data:?}"));
        Ok(())
    }

    async fn on_close(&mut self, _ws: &mut WebSocket, code: CloseCode, reason: &str) {
        self.note(format!("close {code} {reason}"));
    }
}

const FRIEND: &str =
    "Cookie: user=a\r\nOrigin: http://friend\r\nSec-WebSocket-Protocol: one, two\r\n";

fn noting() -> (Application, Rc<RefCell<Vec<String>>>) {
    let handler = Noting::default();
    let notes = Rc::clone(&handler.notes);
    (
        Application::new(()).websocket_handler("/ws", handler),
        notes,
    )
}

#[test]
fn the_class_form_lives_from_prepare_to_on_close() {
    let (app, notes) = noting();
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", FRIEND).await;
        assert!(peer.head.contains("\r\nX-Prepared: yes\r\n"));
        assert!(peer.head.contains("\r\nSec-WebSocket-Protocol: two\r\n"));
        let both = [frame(0x81, b"a"), frame(0x89, b"p"), frame(0x81, b"b")].concat();
        peer.stream.write_all(&both).await.unwrap();
        peer.expect(b"\x81\x01a\x8a\x01p\x81\x01b").await;
        peer.send(0x88, b"\x0b\xb8done").await;
        assert_eq!(peer.rest().await, b"\x88\x02\x0b\xb8");
    });
    let wanted = [
        "open Some(\"two\")",
        "message a",
        "ping b\"p\"",
        "message b",
        "close 3000 done",
    ];
    assert_eq!(*notes.borrow(), wanted);
}

#[test]
fn prepare_refuses_before_the_upgrade() {
    let (app, notes) = noting();
    with_server(app, async |client| {
        let head = format!("Upgrade: websocket\r\n{KEY}");
        let fields = format!("{head}Connection: Upgrade\r\nOrigin: http://friend\r\n");
        let response = client.request("GET", "/ws", &fields).await;
        assert_eq!(response.status(), 403);
    });
    assert!(notes.borrow().is_empty());
}

#[test]
fn a_method_that_fails_closes_with_1011_and_still_sees_the_close() {
    let (app, notes) = noting();
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", FRIEND).await;
        peer.send(0x81, b"fail").await;
        peer.expect(b"\x88\x02\x03\xf3").await;
        peer.send(0x88, b"\x03\xf3").await;
        assert_eq!(peer.rest().await, b"");
        let mut peer = Peer::open(client, "/ws", FRIEND).await;
        peer.send(0x81, b"panic").await;
        peer.expect(b"\x88\x02\x03\xf3").await;
        peer.send(0x88, b"\x03\xf3").await;
        assert_eq!(peer.rest().await, b"");
    });
    assert_eq!(notes.borrow()[2], "close 1011 ");
}

#[test]
fn a_peer_that_is_gone_is_1006() {
    let (app, notes) = noting();
    with_server(app, async |client| {
        drop(Peer::open(client, "/ws", FRIEND).await);
        while notes.borrow().len() < 2 {
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(notes.borrow()[1], "close 1006 ");
}

#[test]
fn compression_is_negotiated_and_used_both_ways() {
    let options = CompressionOptions::default().threshold(0);
    let config = WebSocketConfig::default()
        .max_message_size(1024)
        .compression_options(Some(options));
    let app = Application::new(()).websocket_with("/ws", config, echo);
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", offer).await;
        let agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        assert!(peer.head.contains(agreed), "{}", peer.head);
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for _ in 0..2 {
            peer.send(0x41, &hello[..3]).await;
            peer.send(0x89, b"").await;
            peer.send(0x80, &hello[3..]).await;
            let echoed = [&b"\x8a\x00\xc1\x07"[..], &hello].concat();
            peer.expect(&echoed).await;
        }
        let mut plain = Peer::open(client, "/ws", "").await;
        assert!(!plain.head.contains("Extensions"));
        plain.send(0x81, b"Hello").await;
        plain.expect(b"\x81\x05Hello").await;
    });
}

#[test]
fn captures_and_arguments_are_kept_for_the_function() {
    async fn greet(ws: &mut WebSocket) -> Result {
        let room: String = ws.path("room")?;
        let who = ws.argument("who")?.unwrap_or_default();
        ws.send(format!("{who}@{room}")).await
    }
    let app = Application::new(()).websocket("/room/{room}", greet);
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/room/b%20c?who=me", "").await;
        // The function returns, and the socket is closed with 1000.
        peer.expect(b"\x81\x06me@b c\x88\x02\x03\xe8").await;
        peer.send(0x88, b"\x03\xe8").await;
        assert_eq!(peer.rest().await, b"");
    });
}

#[test]
fn sockets_stand_under_regular_expressions_too() {
    async fn tell(ws: &mut WebSocket) -> Result {
        let (name, page) = (ws.path::<String>("name")?, ws.path::<u32>("1")?);
        ws.send(format!("{name} {page}")).await
    }
    let app = Application::new(())
        .websocket_regex(r"/chat/(?P<name>[a-z]+)/([0-9]+)", tell)
        .websocket_handler_regex(r"/class/(.*)", Noting::default());
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/chat/ada/7", "").await;
        peer.expect(b"\x81\x05ada 7").await;
        Peer::open(client, "/class/x", FRIEND_OF_NONE).await;
    });
}

#[test]
fn handles_send_from_other_tasks_and_threads_until_the_end() {
    let (app, senders) = handing_out(WebSocketConfig::default());
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        let sender = first(&senders).await;
        sender.send("task").await.unwrap();
        peer.expect(b"\x81\x04task").await;
        let remote = sender.remote();
        std::thread::spawn({
            let remote = remote.clone();
            move || remote.send("thread").unwrap()
        })
        .join()
        .unwrap();
        peer.expect(b"\x81\x06thread").await;
        sender.close(CloseCode::from(4000), "over");
        peer.expect(b"\x88\x06\x0f\xa0over").await;
        assert!(sender.try_send("late").unwrap_err().is_closed());
        peer.send(0x88, b"\x0f\xa0").await;
        assert_eq!(peer.rest().await, b"");
        assert!(remote.send("late").unwrap_err().is_closed());
    });
}

#[test]
fn a_handshake_with_a_thousand_fields_is_refused() {
    // CVE-2024-37890 of Node's ws.
    with_server(echoing(), async |client| {
        let fields = "X: y\r\n".repeat(1000);
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             {KEY}{fields}\r\n"
        );
        assert!(client.exchange(head).await.starts_with("HTTP/1.1 431 "));
    });
}

#[test]
fn pings_of_a_peer_that_reads_no_pong_are_not_gathered() {
    // Tornado 6.6.0
    let (app, senders) = handing_out(WebSocketConfig::default());
    with_server(app, async |client| {
        let peer = Peer::open(client, "/ws", "").await;
        let sender = first(&senders).await;
        let pings = frame(0x89, &[7; 120]).repeat(100);
        let mut refused = 0;
        while refused < 1000 {
            assert!(sender.buffered() < 128 * 1024, "{}", sender.buffered());
            match peer.stream.try_write(&pings) {
                Ok(_) => refused = 0,
                Err(_) => refused += 1,
            }
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_drain_says_1001_and_waits_for_the_handshake() {
    for app in [echoing(), noting().0] {
        IoLoop::new().unwrap().run_sync(async {
            let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
            let options = BindOptions::default().address("127.0.0.1");
            let socket = bind_sockets(0, options).unwrap().remove(0);
            let client = Client::at(socket.local_addr().unwrap().port().unwrap());
            server.serve(Listener::from_bound(socket).unwrap());
            let mut peer = Peer::open(client, "/ws", FRIEND_OF_NONE).await;
            assert_eq!(server.connections(), 1);
            let peer = async {
                peer.expect(b"\x88\x14\x03\xe9server is stopping").await;
                peer.send(0x88, b"\x03\xe9").await;
                peer.rest().await
            };
            let drained = server.drain(Duration::from_secs(5));
            let (drained, rest) = tokio::join!(drained, peer);
            assert!(drained.is_complete());
            assert_eq!(rest, b"");
        });
    }
}

const FRIEND_OF_NONE: &str = "Cookie: user=a\r\n";
