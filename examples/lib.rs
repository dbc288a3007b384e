//! What the tests of the examples share: a server on the loop of the test, and a WebSocket client.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::http::server::HttpServer;
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
use waterspout::{Application, ServerConfig};

/// Serves an application on a loop, and has `test` talk to the port.
///
/// # Panics
///
/// Panics if it cannot serve.
pub fn with_app<S: 'static>(app: Application<S>, test: impl AsyncFnOnce(u16)) {
    IoLoop::new().unwrap().run_sync(async {
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        test(port).await;
    });
}

/// Lets the other tasks of the loop run until `reached`.
pub async fn until(mut reached: impl FnMut() -> bool) {
    while !reached() {
        tokio::task::yield_now().await;
    }
}

/// Sends a request on a connection of its own, and returns status and body.
///
/// # Panics
///
/// Panics if there is no whole answer.
pub async fn request(port: u16, head: &str, body: &str) -> (u16, String) {
    request_with(port, head, None, body).await
}

/// Sends a request with one more header field.
///
/// # Panics
///
/// Panics if there is no whole answer.
pub async fn request_with(
    port: u16,
    head: &str,
    field: Option<&str>,
    body: &str,
) -> (u16, String) {
    let field = field.map_or(String::new(), |field| format!("{field}\r\n"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let length = body.len();
    let text = format!(
        "{head} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{field}\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// A client that has opened a WebSocket.
#[derive(Debug)]
pub struct Peer(TcpStream);

impl Peer {
    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// Panics if the server refuses it.
    pub async fn open(port: u16, target: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", head.escape_ascii());
        Self(stream)
    }

    /// Sends a text message.
    ///
    /// # Panics
    ///
    /// Panics if it is longer than 65,535 octets, or the connection is broken.
    pub async fn say(&mut self, text: &str) {
        let length = u16::try_from(text.len()).unwrap();
        let mut octets = vec![0x81, 0x80 | 126];
        if let Ok(short @ ..126) = u8::try_from(length) {
            octets[1] = 0x80 | short;
        } else {
            octets.extend_from_slice(&length.to_be_bytes());
        }
        octets.extend_from_slice(&[0; 4]);
        octets.extend_from_slice(text.as_bytes());
        self.0.write_all(&octets).await.unwrap();
    }

    /// Reads a text message.
    ///
    /// # Panics
    ///
    /// Panics if something else comes.
    pub async fn hear(&mut self) -> String {
        assert_eq!(self.0.read_u8().await.unwrap(), 0x81);
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.unwrap();
        String::from_utf8(payload).unwrap()
    }
}
