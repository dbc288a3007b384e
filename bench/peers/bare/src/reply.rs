//! The fixed reply and the choices of the command line.

/// As many requests in one batch as the server answers.
pub(crate) const MAX_BATCH: usize = 256;

/// What the command line chose.
#[derive(Debug)]
pub(crate) struct Options {
    /// Count request ends instead of one reply per `recv`.
    pub(crate) count: bool,
    /// Close after each reply.
    pub(crate) close: bool,
    body: String,
    content_type: String,
}

impl Options {
    /// Reads the flags of this peer.
    pub(crate) fn from_rest(rest: Vec<String>) -> Self {
        let mut options = Self {
            count: false,
            close: false,
            body: "Hello, World!".to_owned(),
            content_type: "text/plain; charset=utf-8".to_owned(),
        };
        let mut rest = rest.into_iter();
        while let Some(flag) = rest.next() {
            match flag.as_str() {
                "--count" => options.count = true,
                "--close" => options.close = true,
                "--body" => options.body = rest.next().expect("--body takes a text"),
                "--type" => options.content_type = rest.next().expect("--type takes a text"),
                _ => panic!("unknown argument {flag}"),
            }
        }
        options
    }

    /// One complete response; its date is fixed, as all of it is.
    pub(crate) fn response(&self) -> String {
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
