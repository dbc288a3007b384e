//! WebSockets of the client against peers that send what the test says.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use waterspout_http::client::{
    AuthMode, ClientConfig, CookieJar, FetchError, HttpClient, HttpRequest, Timer,
    WebSocketClientConnection, WebSocketRequest, websocket_connect,
};
use waterspout_http::ws::frame::{FrameHead, OpCode, Role};
use waterspout_http::ws::handshake::accept_key;
use waterspout_http::ws::{CloseCode, CompressionOptions, Message, mask};
use waterspout_net::IoLoop;

use crate::support::run;

/// Makes the octets of an answer from the key.
type Answer = dyn Fn(&str) -> String;

type Connected = Result<WebSocketClientConnection, FetchError>;

/// The server's end of a connection.
struct Peer {
    stream: TcpStream,
    head: String,
}

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_head(&mut stream).await;
        Self { stream, head }
    }

    fn key(&self) -> &str {
        field(&self.head, "Sec-WebSocket-Key").unwrap()
    }

    /// The 101 with these further lines.
    fn answer(&self, lines: &str) -> String {
        answer(self.key(), lines)
    }

    async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).await.unwrap();
    }

    /// Reads a frame of the client, unmasked, with its key.
    async fn frame(&mut self) -> (FrameHead, Vec<u8>) {
        let mut octets = Vec::new();
        loop {
            octets.push(self.stream.read_u8().await.unwrap());
            let parsed = FrameHead::parse(&octets, Role::Server, true).unwrap();
            if let Some((head, _)) = parsed {
                let mut payload = vec![0; usize::try_from(head.length).unwrap()];
                self.stream.read_exact(&mut payload).await.unwrap();
                mask::apply(&mut payload, head.mask.unwrap(), 0);
                return (head, payload);
            }
        }
    }
}

async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn answer(key: &str, lines: &str) -> String {
    let accept = accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
    )
}

/// Connects while a peer does what it is told.
fn play<T>(
    request: impl FnOnce(String) -> WebSocketRequest,
    server: impl AsyncFnOnce(Peer) -> T,
    client: impl AsyncFnOnce(Connected),
) -> T {
    run(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("ws://{}/socket?a=b", listener.local_addr().unwrap());
        let (done, ()) = tokio::join!(
            async { server(Peer::accept(&listener).await).await },
            async { client(websocket_connect(request(url)).await).await }
        );
        done
    })
}

/// Connects to a peer that answers with a 101 and goes on.
fn open<T>(
    server: impl AsyncFnOnce(Peer) -> T,
    client: impl AsyncFnOnce(WebSocketClientConnection),
) -> T {
    play(
        WebSocketRequest::from,
        async |mut peer| {
            let answer = peer.answer("");
            peer.send(answer).await;
            server(peer).await
        },
        async |connected| client(connected.unwrap()).await,
    )
}

#[test]
fn the_handshake_has_the_fields_of_rfc_6455_section_4_1() {
    let request = |url: String| {
        WebSocketRequest::new(url)
            .subprotocols(["a", "b"])
            .compression_options(Some(CompressionOptions::default().context_takeover(true)))
    };
    let check = async |mut peer: Peer| {
        let head = peer.head.clone();
        assert!(head.starts_with("GET /socket?a=b HTTP/1.1\r\n"), "{head}");
        for (name, value) in [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Protocol", "a, b"),
            (
                "Sec-WebSocket-Extensions",
                "permessage-deflate; client_max_window_bits",
            ),
        ] {
            assert_eq!(field(&head, name), Some(value), "{head}");
        }
        assert_eq!(peer.key().len(), 24);
        let port = peer.stream.local_addr().unwrap().port();
        assert_eq!(field(&head, "Host"), Some(&*format!("127.0.0.1:{port}")));
        let answer = peer.answer("Sec-WebSocket-Protocol: b\r\n");
        peer.send(answer).await;
    };
    play(request, check, async |connected| {
        let ws = connected.unwrap();
        assert_eq!(ws.selected_subprotocol(), Some("b"));
    });
}

#[test]
fn a_digest_that_is_asked_for_is_given_and_cookies_are_kept() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\n\
                   WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\r\nno";
    run(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = listener.local_addr().unwrap();
        let jar = CookieJar::new();
        let client = HttpClient::with_config(ClientConfig::default().cookie_jar(jar.clone()));
        let request = HttpRequest::get(format!("ws://{origin}/socket"))
            .auth("ada", "open sesame")
            .auth_mode(AuthMode::Digest);
        let server = async {
            let mut first = Peer::accept(&listener).await;
            assert_eq!(field(&first.head, "Authorization"), None);
            first.send(refusal).await;
            let mut second = Peer::accept(&listener).await;
            let given = field(&second.head, "Authorization").unwrap();
            assert!(
                given.starts_with("Digest username=\"ada\", realm=\"r\""),
                "{given}"
            );
            assert_eq!(field(&second.head, "Cookie"), Some("a=1"));
            assert_ne!(first.key(), second.key());
            let answer = second.answer("Set-Cookie: b=2\r\n");
            second.send(answer).await;
        };
        let connecting = async { client.websocket_connect(request).await.unwrap() };
        tokio::join!(connecting, server);
        let kept = jar.header(&format!("http://{origin}/")).unwrap().unwrap();
        assert_eq!(kept, b"a=1; b=2");
    });
}

#[test]
fn every_frame_is_masked_with_a_key_of_its_own() {
    open(
        async |mut peer| {
            let (first, payload) = peer.frame().await;
            assert_eq!((first.opcode, &payload[..]), (OpCode::Text, &b"one"[..]));
            let (second, payload) = peer.frame().await;
            assert_eq!(second.opcode, OpCode::Binary);
            assert_eq!(payload, vec![9; 70_000]);
            // CVE-2025-10148
            assert_ne!(first.mask, second.mask);
        },
        async |mut ws| {
            ws.send("one").await.unwrap();
            ws.send(vec![9; 70_000]).await.unwrap();
            assert_eq!(ws.recv().await, None);
        },
    );
}

#[test]
fn frames_in_the_segment_of_the_answer_are_not_lost() {
    play(
        WebSocketRequest::from,
        async |mut peer| {
            let answer = peer.answer("");
            let early = [answer.as_bytes(), b"\x81\x05early\x89\x01p"].concat();
            peer.send(early).await;
            assert_eq!(peer.frame().await.1, b"p");
        },
        async |connected| {
            let mut ws = connected.unwrap();
            assert_eq!(ws.recv().await, Some(Message::from("early")));
            assert_eq!(ws.recv().await, None);
            assert_eq!(ws.close_code(), Some(CloseCode::ABNORMAL));
        },
    );
}

#[test]
fn interim_responses_before_the_101_are_passed_over() {
    play(
        WebSocketRequest::from,
        async |mut peer| {
            let answer = peer.answer("");
            peer.send(format!("HTTP/1.1 103 Early Hints\r\n\r\n{answer}"))
                .await;
        },
        async |connected| drop(connected.unwrap()),
    );
}

#[test]
fn a_101_that_answers_another_request_is_refused() {
    fn good(key: &str) -> String {
        answer(key, "")
    }
    let cases: [(&str, &Answer); 6] = [
        ("another key", &|_| answer("another", "")),
        ("Upgrade is not", &|key| {
            good(key).replace("Upgrade: websocket", "Upgrade: h2c")
        }),
        ("Connection is not", &|key| {
            good(key).replace("Connection: Upgrade", "X: y")
        }),
        ("twice", &|key| {
            let accept = accept_key(key.as_bytes());
            answer(key, &format!("Sec-WebSocket-Accept: {accept}\r\n"))
        }),
        ("Sec-WebSocket-Protocol names", &|key| {
            answer(key, "Sec-WebSocket-Protocol: chat\r\n")
        }),
        // GHSA-mq44-7p77-q5h7 of aiohttp: compression that was not negotiated
        ("Sec-WebSocket-Extensions names", &|key| {
            answer(key, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
        }),
    ];
    for (text, octets) in cases {
        let serve = async |mut peer: Peer| {
            let octets = octets(peer.key());
            peer.send(octets).await;
        };
        play(WebSocketRequest::from, serve, async |connected| {
            let error = connected.unwrap_err();
            assert!(error.is_handshake(), "{error}");
            assert!(error.to_string().contains(text), "{error}");
            assert!(error.response().is_none());
        });
    }
}

#[test]
fn an_answer_with_a_thousand_fields_is_refused() {
    let serve = async |mut peer: Peer| {
        let octets = peer.answer(&"X: y\r\n".repeat(1000));
        peer.send(octets).await;
    };
    play(WebSocketRequest::from, serve, async |connected| {
        let error = connected.unwrap_err();
        assert!(error.is_malformed(), "{error}");
    });
}

#[test]
fn a_server_that_breaks_the_protocol_is_told_its_code() {
    for (octets, wanted) in [
        (&b"\x81\x82\0\0\0\0hi"[..], 1002),
        (b"\xc1\x02hi", 1002),
        (b"\x83\x00", 1002),
        (b"\x80\x02hi", 1002),
        (b"\x81\x01\xff", 1007),
        (b"\x88\x02\x03\xed", 1002),
        (b"\x89\x7e\x00\x7e", 1002),
        (b"\x82\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 1009),
    ] {
        let told = open(
            async |mut peer| {
                peer.send(octets).await;
                peer.frame().await
            },
            async |mut ws| assert_eq!(ws.recv().await, None),
        );
        assert_eq!(told.0.opcode, OpCode::Close, "{octets:x?}");
        assert_eq!(told.1[..2], u16::to_be_bytes(wanted), "{octets:x?}");
    }
}

#[test]
fn a_server_that_answers_no_ping_is_left() {
    let request = |url: String| {
        WebSocketRequest::new(url)
            .ping_interval(Some(Duration::from_millis(200)))
            .ping_timeout(Some(Duration::from_millis(200)))
    };
    let serve = async |mut peer: Peer| {
        let answer = peer.answer("");
        peer.send(answer).await;
        let ping = peer.frame().await.0;
        assert_eq!(ping.opcode, OpCode::Ping);
        loop {
            let (head, payload) = peer.frame().await;
            if head.opcode == OpCode::Close {
                return payload;
            }
        }
    };
    let payload = play(request, serve, async |connected| {
        let mut ws = connected.unwrap();
        assert_eq!(ws.recv().await, None);
        assert_eq!(ws.close_reason().as_deref(), Some("ping timed out"));
    });
    assert_eq!(payload, b"\x03\xe8ping timed out");
}

#[test]
fn a_server_that_never_answers_costs_the_connect_timeout() {
    let request =
        |url: String| WebSocketRequest::new(url).connect_timeout(Duration::from_millis(100));
    play(
        request,
        async |mut peer| peer.stream.read_u8().await.unwrap_err(),
        async |connected| {
            let error = connected.unwrap_err();
            assert_eq!(error.timer(), Some(Timer::Request), "{error}");
        },
    );
}

#[test]
fn nobody_who_listens_is_a_connect_error() {
    run(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert!(websocket_connect(url).await.unwrap_err().is_connect());
    });
}

#[test]
fn one_message_is_read_ahead_and_pings_are_answered_without_recv() {
    let answered = Rc::new(Cell::new(false));
    let done = Rc::clone(&answered);
    open(
        async |mut peer| {
            peer.send(b"\x89\x01a\x81\x01x").await;
            assert_eq!(peer.frame().await.1, b"a");
            done.set(true);
        },
        async |mut ws| {
            while !answered.get() {
                tokio::task::yield_now().await;
            }
            assert_eq!(ws.recv().await, Some(Message::from("x")));
        },
    );
}

#[test]
fn messages_that_wait_when_the_connection_ends_are_still_received() {
    open(
        async |mut peer| peer.send(b"\x81\x01a\x81\x01b\x88\x02\x03\xe8").await,
        async |mut ws| {
            assert_eq!(ws.recv().await, Some(Message::from("a")));
            assert_eq!(ws.recv().await, Some(Message::from("b")));
            assert_eq!(ws.recv().await, None);
            assert_eq!(ws.close_code(), Some(CloseCode::NORMAL));
        },
    );
}

#[test]
fn a_callback_that_panics_ends_the_connection() {
    let seen = Rc::new(Cell::new(0));
    let count = Rc::clone(&seen);
    let request = |url: String| {
        WebSocketRequest::new(url).on_message_callback(move |_| {
            count.set(count.get() + 1);
            panic!("on purpose");
        })
    };
    let serve = async |mut peer: Peer| {
        let answer = peer.answer("");
        peer.send([answer.as_bytes(), b"\x81\x01a"].concat()).await;
        let mut rest = Vec::new();
        _ = peer.stream.read_to_end(&mut rest).await;
    };
    play(request, serve, async |connected| {
        assert_eq!(connected.unwrap().recv().await, None);
    });
    assert_eq!(seen.get(), 1);
}

#[test]
fn a_unix_socket_will_do() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        IoLoop::current().spawn_callback(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = read_head(&mut stream).await;
            let key = field(&head, "Sec-WebSocket-Key").unwrap();
            let octets = [answer(key, "").as_bytes(), b"\x81\x04unix"].concat();
            stream.write_all(&octets).await.unwrap();
        });
        let request = HttpRequest::get("ws://localhost/").unix_socket(path);
        let mut ws = websocket_connect(request).await.unwrap();
        assert_eq!(ws.recv().await, Some(Message::from("unix")));
    });
}
