//! A server with rooms on one loop, and WebSocket clients that speak octets.

use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::http::server::HttpServer;
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
use waterspout::{Application, Result, Rooms, ServerConfig, WebSocket};

/// Serves an application on the running loop and returns its port.
pub(crate) fn serve<S: 'static>(app: Application<S>) -> u16 {
    let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
    let options = BindOptions::default().address("127.0.0.1");
    let socket = bind_sockets(0, options).unwrap().remove(0);
    let port = socket.local_addr().unwrap().port().unwrap();
    server.serve(Listener::from_bound(socket).unwrap());
    port
}

/// Runs a test with a server whose state is `rooms`.
pub(crate) fn with_rooms(
    rooms: Rooms,
    routes: impl FnOnce(Application<Rooms>) -> Application<Rooms>,
    test: impl AsyncFnOnce(u16, Rooms),
) {
    let io_loop = IoLoop::new().unwrap();
    io_loop.run_sync(async {
        let port = serve(routes(Application::new(rooms.clone())));
        test(port, rooms).await;
    });
}

/// What one sends all get, under the name that the client gives.
pub(crate) async fn chat(ws: &mut WebSocket<Rooms>) -> Result {
    let name: String = ws.path("room")?;
    let room = ws.app().room(&name)?;
    let nick = ws.argument("nick")?.unwrap_or_default();
    let member = room.join_as(&nick, ws)?;
    ws.send("joined").await?;
    while let Some(message) = ws.recv().await? {
        member.send(message)?;
    }
    Ok(())
}

pub(crate) fn chatting(app: Application<Rooms>) -> Application<Rooms> {
    app.websocket("/{room}", chat)
}

/// A client that has opened a WebSocket.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
}

const KEY: &str = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

pub(crate) const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

impl Peer {
    pub(crate) async fn open(port: u16, target: &str) -> Self {
        Self::open_with(port, target, "").await
    }

    pub(crate) async fn open_with(port: u16, target: &str, fields: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\n{KEY}{fields}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self { stream }
    }

    /// Opens a socket that [`chat`] serves, and waits until it has joined.
    pub(crate) async fn join(port: u16, target: &str) -> Self {
        let mut peer = Self::open(port, target).await;
        peer.expect_text("joined").await;
        peer
    }

    pub(crate) async fn say(&mut self, text: &str) {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 126);
        let mut octets = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        octets.extend_from_slice(text.as_bytes());
        self.stream.write_all(&octets).await.unwrap();
    }

    pub(crate) async fn close(&mut self) {
        let close = b"\x88\x82\0\0\0\0\x03\xe8";
        self.stream.write_all(close).await.unwrap();
    }

    /// Reads one frame: its first octet and its payload.
    pub(crate) async fn frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.stream.read_u8().await.unwrap();
        let length = match self.stream.read_u8().await.unwrap() {
            126 => u64::from(self.stream.read_u16().await.unwrap()),
            127 => self.stream.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await.unwrap();
        (first, payload)
    }

    pub(crate) async fn text(&mut self) -> String {
        let (first, payload) = self.frame().await;
        assert_eq!(first, 0x81, "{payload:?}");
        String::from_utf8(payload).unwrap()
    }

    pub(crate) async fn expect_text(&mut self, wanted: &str) {
        assert_eq!(self.text().await, wanted);
    }
}

/// Lets the other tasks of the loop run until `reached`.
pub(crate) async fn until(mut reached: impl FnMut() -> bool) {
    while !reached() {
        tokio::task::yield_now().await;
    }
}

/// Sends a GET on a connection of its own and returns the whole answer.
pub(crate) async fn get(port: u16, target: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
