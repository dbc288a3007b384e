//! The fixed reply and the choices of the command line.

/// As many requests in one batch as the server answers.
pub(crate) const MAX_BATCH: usize = 256;

/// The answer to a handshake with the key that the load client sends.
pub(crate) const OPENED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// What the command line chose.
#[derive(Debug)]
pub(crate) struct Options {
    /// Count request ends instead of one reply per `recv`.
    pub(crate) count: bool,
    /// Close after each reply.
    pub(crate) close: bool,
    /// Octets of the messages of WebSockets, and no requests.
    pub(crate) echo: Option<usize>,
    /// What one sends all get.
    pub(crate) room: bool,
    body: String,
    content_type: String,
}

impl Options {
    /// Reads the flags of this peer.
    pub(crate) fn from_rest(rest: Vec<String>) -> Self {
        let mut options = Self {
            count: false,
            close: false,
            echo: None,
            room: false,
            body: "Hello, World!".to_owned(),
            content_type: "text/plain; charset=utf-8".to_owned(),
        };
        let mut rest = rest.into_iter();
        while let Some(flag) = rest.next() {
            match flag.as_str() {
                "--count" => options.count = true,
                "--close" => options.close = true,
                "--echo" => options.echo = rest.next().and_then(|text| text.parse().ok()),
                "--room" => {
                    options.room = true;
                    options.echo = rest.next().and_then(|text| text.parse().ok());
                }
                "--body" => options.body = rest.next().expect("--body takes a text"),
                "--type" => options.content_type = rest.next().expect("--type takes a text"),
                _ => panic!("unknown argument {flag}"),
            }
        }
        options
    }

    /// The octets that answer one request, or one message.
    pub(crate) fn reply(&self) -> Vec<u8> {
        match self.echo {
            None => self.response().into_bytes(),
            Some(octets) => {
                let short = u8::try_from(octets).ok().filter(|short| *short < 126);
                let mut frame = vec![0x81, short.expect("--echo takes at most 125")];
                frame.extend((b'a'..=b'z').cycle().take(octets));
                frame
            }
        }
    }

    /// One complete response; its date is fixed, as all of it is.
    fn response(&self) -> String {
        let connection = if self.close {
            "Connection: close\r\n"
        } else {
            ""
        };
        format!(
            "HTTP/1.1 200 OK\r\nServer: bare\r\nDate: Fri, 20 Nov 2026 12:00:00 GMT\r\n\
             Content-Type: {}\r\nContent-Length: {}\r\n{connection}\r\n{}",
            self.content_type,
            self.body.len(),
            self.body,
        )
    }
}
