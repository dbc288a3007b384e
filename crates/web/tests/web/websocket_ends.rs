//! How WebSockets end: every code that is due, deadlines, peers that are too slow.

use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::Instant;
use waterspout::http::server::HttpServer;
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets, bind_unix_socket};
use waterspout::{
    Application, CompressionOptions, Message, Result, ServerConfig, SlowConsumer, WebSocket,
    WebSocketConfig, WebSocketHandler,
};

use crate::support::{Client, with_server};
use crate::websocket_queues::{first, flood, handing_out, queue};
use crate::websockets::{Peer, echo};

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Serves an application on a loop whose clock jumps over waits.
fn with_paused_clock(app: Application, test: impl AsyncFnOnce(Client)) {
    IoLoop::new_paused().unwrap().run_sync(async {
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let client = Client::at(socket.local_addr().unwrap().port().unwrap());
        server.serve(Listener::from_bound(socket).unwrap());
        test(client).await;
    });
}

#[test]
fn a_peer_that_does_not_close_too_is_reset_after_the_deadline() {
    for (config, seconds) in [
        (WebSocketConfig::default(), 5),
        (
            WebSocketConfig::default().close_timeout(Duration::from_secs(2)),
            2,
        ),
    ] {
        let app =
            Application::new(()).websocket_with("/ws", config, async |_: &mut WebSocket| Ok(()));
        with_paused_clock(app, async |client| {
            let mut peer = Peer::open(client, "/ws", "").await;
            peer.expect(b"\x88\x02\x03\xe8").await;
            let began = Instant::now();
            let mut more = Vec::new();
            let end = peer.stream.read_to_end(&mut more).await;
            assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert_eq!(more, b"");
            let took = began.elapsed();
            let limit = Duration::from_secs(seconds);
            assert!(
                took >= limit && took < limit + Duration::from_secs(1),
                "{took:?}"
            );
        });
    }
}

#[test]
fn a_peer_that_keeps_talking_while_it_should_close_gets_no_more_time() {
    let app = Application::new(()).websocket("/ws", async |_: &mut WebSocket| Ok(()));
    with_paused_clock(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        peer.expect(b"\x88\x02\x03\xe8").await;
        let began = Instant::now();
        while peer.stream.try_write(b"\x81\x80\0\0\0\0").is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert!(began.elapsed() < Duration::from_secs(7));
        }
    });
}

#[test]
fn a_peer_that_answers_no_ping_is_closed_and_one_that_does_stays() {
    let config = WebSocketConfig::default()
        .ping_interval(Some(Duration::from_secs(10)))
        .ping_timeout(Some(Duration::from_secs(25)));
    let app = Application::new(()).websocket_with("/ws", config, echo);
    with_paused_clock(app, async |client| {
        let mut good = Peer::open(client, "/ws", "").await;
        let mut bad = Peer::open(client, "/ws", "").await;
        let answering = async {
            for _ in 0..6 {
                good.expect(b"\x89\x00").await;
                good.send(0x8a, b"").await;
            }
        };
        let silent = async {
            // Its timeout is longer than the interval, so it is asked more than once.
            bad.expect(b"\x89\x00\x89\x00").await;
            bad.rest().await
        };
        let ((), rest) = tokio::join!(answering, silent);
        assert!(
            rest.ends_with(b"\x88\x10\x03\xe8ping timed out"),
            "{rest:x?}"
        );
        good.send(0x81, b"here").await;
        good.hear(b"\x81\x04here").await;
    });
}

#[test]
fn a_pong_that_lies_unread_while_the_handler_does_something_else_is_in_time() {
    let config = WebSocketConfig::default()
        .ping_interval(Some(Duration::from_secs(10)))
        .ping_timeout(Some(Duration::from_secs(10)));
    let app = Application::new(()).websocket_with("/ws", config, async |ws: &mut WebSocket| {
        let mut busy = false;
        loop {
            tokio::select! {
                message = ws.recv() => match message? {
                    Some(message) => ws.send(message).await?,
                    None => return Ok(()),
                },
                () = tokio::time::sleep(Duration::from_secs(1)), if !busy => {
                    busy = true;
                    tokio::time::sleep(Duration::from_secs(100)).await;
                }
            }
        }
    });
    with_paused_clock(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        for _ in 0..12 {
            peer.expect(b"\x89\x00").await;
            peer.send(0x8a, b"").await;
        }
        peer.send(0x81, b"here").await;
        peer.hear(b"\x81\x04here").await;
    });
}

#[test]
fn a_peer_that_reads_late_gets_all_before_the_close_whatever_the_deadline() {
    const SENT: usize = 4 << 20;
    let app = Application::new(()).websocket("/ws", async |ws: &mut WebSocket| {
        ws.send(vec![7; SENT]).await
    });
    IoLoop::new_paused().unwrap().run_sync(async {
        // Over a Unix socket nothing waits for a clock of the system's, which goes on meanwhile.
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        let socket = bind_unix_socket(&path, 0o600, 8).unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        let mut peer = UnixStream::connect(&path).await.unwrap();
        peer.write_all(HANDSHAKE.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(peer.read_u8().await.unwrap());
        }
        tokio::time::sleep(Duration::from_secs(50)).await;
        let mut octets = vec![0; 10 + SENT + 4];
        peer.read_exact(&mut octets).await.unwrap();
        assert!(octets.ends_with(b"\x07\x88\x02\x03\xe8"));
    });
}

#[test]
fn without_a_timeout_of_pings_a_silent_peer_stays_and_is_asked_again() {
    let config = WebSocketConfig::default()
        .ping_interval(Some(Duration::from_secs(10)))
        .ping_timeout(None);
    let app = Application::new(()).websocket_with("/ws", config, echo);
    with_paused_clock(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        for _ in 0..20 {
            peer.expect(b"\x89\x00").await;
        }
        peer.send(0x81, b"here").await;
        peer.hear(b"\x81\x04here").await;
    });
}

#[test]
fn without_an_interval_no_ping_is_sent_whatever_the_timeout() {
    let config = WebSocketConfig::default()
        .ping_interval(None)
        .ping_timeout(Some(Duration::from_secs(1)));
    let app = Application::new(()).websocket_with("/ws", config, echo);
    with_paused_clock(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        tokio::time::sleep(Duration::from_secs(300)).await;
        peer.send(0x81, b"here").await;
        peer.expect(b"\x81\x04here").await;
    });
}

#[derive(Deserialize)]
struct Move {
    x: i32,
}

/// Takes JSON text, and octets after the word `octets`.
#[derive(Clone)]
struct Choosy;

impl WebSocketHandler for Choosy {
    async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
        if message.as_text() == Some("text") {
            return Err(message.into_binary().unwrap_err().into());
        }
        let Move { x } = message.json()?;
        ws.send(x.to_string()).await
    }
}

async fn text_only(ws: &mut WebSocket) -> Result {
    while let Some(message) = ws.recv().await? {
        ws.send(message.into_text()?).await?;
    }
    Ok(())
}

#[test]
fn a_message_of_a_kind_that_is_not_taken_is_1003_and_no_json_is_1007() {
    let app = Application::new(())
        .websocket("/text", text_only)
        .websocket_handler("/json", Choosy);
    with_server(app, async |client| {
        for (path, first, payload, end) in [
            (
                "/text",
                0x82,
                &b"\xff"[..],
                &b"\x03\xebonly text is taken here"[..],
            ),
            ("/json", 0x82, b"{}", b"\x03\xebonly text is taken here"),
            (
                "/json",
                0x81,
                b"text",
                b"\x03\xebonly binary messages are taken here",
            ),
            (
                "/json",
                0x81,
                b"{}",
                b"\x03\xefmessage is not the JSON that is taken here",
            ),
        ] {
            let mut peer = Peer::open(client, path, "").await;
            peer.send(first, payload).await;
            let length = u8::try_from(end.len()).unwrap();
            peer.expect(&[&[0x88, length], end].concat()).await;
            peer.send(0x88, &end[..2]).await;
            assert_eq!(peer.rest().await, b"");
        }
        let mut peer = Peer::open(client, "/json", "").await;
        peer.send(0x81, b"{\"x\":7}").await;
        peer.expect(b"\x81\x017").await;
    });
}

#[test]
fn a_message_that_inflates_to_too_much_is_1009() {
    let config = WebSocketConfig::default()
        .max_message_size(1024)
        .compression_options(Some(CompressionOptions::default()));
    let app = Application::new(()).websocket_with("/ws", config, echo);
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    // 1,024 and 1,025 times the letter a, by zlib.
    let just = b"\x4a\x4c\x1c\x05\xa3\x60\x14\x8c\x54\x00\x00";
    let too_much = b"\x4a\x4c\x1c\x05\xa3\x60\x14\x8c\x58\x00\x00";
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", offer).await;
        peer.send(0xc1, just).await;
        peer.expect(&[0xc1]).await;
        let mut peer = Peer::open(client, "/ws", offer).await;
        peer.send(0xc1, too_much).await;
        let told = b"\x88\x25\x03\xf1message too big after decompression";
        assert_eq!(peer.rest().await, told);
    });
}

#[test]
fn a_full_queue_closes_with_1013_and_everything_is_counted() {
    let (app, senders) = handing_out(queue(SlowConsumer::Close));
    with_server(app, async |client| {
        let (peer, sender, _) = flood(client, &senders).await;
        let counts = sender.queue_counts();
        assert!(counts.queued > 0, "{counts:?}");
        assert_eq!((counts.refused, counts.dropped), (1, 0));
        let told = b"\x88\x12\x03\xf5peer is too slow";
        assert!(peer.rest().await.ends_with(told));
    });
    let (app, senders) = handing_out(queue(SlowConsumer::Coalesce));
    with_server(app, async |client| {
        let _peer = Peer::open(client, "/ws", "").await;
        let sender = first(&senders).await;
        while sender.queue_counts().replaced == 0 {
            sender.send_keyed("a", vec![7; 8000]).unwrap();
            tokio::task::yield_now().await;
        }
        let counts = sender.queue_counts();
        assert_eq!((counts.waiting, counts.dropped), (1, 0), "{counts:?}");
        assert_eq!(sender.dropped(), counts.replaced);
    });
}
