//! The command line.

use std::net::SocketAddrV4;
use std::path::PathBuf;

const HELP: &str = "\
usage: load --target 127.0.0.1:PORT [flags]

  --path P          request target                       (default /plaintext)
  --connections N   connections at a time                (default 64)
  --depth N         requests sent in one write           (default 1)
  --websocket N     messages of N octets on WebSockets instead of requests
  --broadcast       the first WebSocket sends, and each message comes back on all of them
  --listen          WebSockets that only hear messages, each of which begins with its time; says
                    `held N`, and at the end of input how many came and how late
  --deflate         compressed ones, of JSON
  --zlib            no server: inflate and compress such messages, and count this process's own time
  --tls FILE        open held WebSockets over TLS, to a server with the certificate in this file
  --echo N          send N octets that are no HTTP, and expect the same ones back
  --headers browser twelve header fields instead of one
  --post TYPE       POST a body of that type
  --body TEXT       the body
  --cookie-from P   GET this first, and send its cookie with every request
  --revalidate F    GET the target first, and send its `last-modified` or `etag` with every request;
                    each must be answered by 304
  --close           a new connection for each request
  --hold            open the connections, one request each, then wait: a line `again` on stdin
                    sends one more on all of them at once, end of input closes all and exits
  --requests N      requests to measure                  (default 10000)
  --seconds S       measure for a time instead
  --warmup N        requests before measuring            (default 0)
  --pid P           process whose CPU time is read around the measured part
  --expect TEXT     body that the first response must have
";

/// What is done with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Requests follow one another on open connections.
    KeepAlive,
    /// What one sends comes back to all; deliveries are counted.
    Broadcast,
    /// Nothing is sent; what comes is counted.
    Listen,
    /// Nothing is sent and nobody asked: what compression alone takes.
    Zlib,
    /// Each request opens its own connection and the server closes it.
    PerRequest,
    /// Connections are opened, used once and left idle.
    Hold,
}

/// What a conditional request is conditional by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validator {
    LastModified,
    ETag,
}

impl Validator {
    /// The field of the response that has the validator.
    pub(crate) fn response_field(self) -> &'static str {
        match self {
            Self::LastModified => "last-modified",
            Self::ETag => "etag",
        }
    }

    /// The field of the request that sends it back.
    pub(crate) fn request_field(self) -> &'static str {
        match self {
            Self::LastModified => "If-Modified-Since",
            Self::ETag => "If-None-Match",
        }
    }
}

impl std::str::FromStr for Validator {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::LastModified, Self::ETag];
        let found = all.into_iter().find(|one| one.response_field() == text);
        found.ok_or(())
    }
}

/// All choices.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) target: SocketAddrV4,
    pub(crate) path: String,
    pub(crate) connections: usize,
    pub(crate) depth: usize,
    pub(crate) browser: bool,
    /// Type of the body, if there is one.
    pub(crate) post: Option<String>,
    pub(crate) body: String,
    /// Target whose answer sets the cookie.
    pub(crate) cookie_from: Option<String>,
    /// Field of the first answer that the request is made conditional by.
    pub(crate) revalidate: Option<Validator>,
    /// Octets of a message, if WebSockets are measured.
    pub(crate) websocket: Option<usize>,
    pub(crate) deflate: bool,
    /// The certificate of the server, if connections are held over TLS.
    pub(crate) tls: Option<PathBuf>,
    pub(crate) echo: Option<usize>,
    pub(crate) mode: Mode,
    pub(crate) requests: u64,
    pub(crate) seconds: Option<f64>,
    pub(crate) warmup: u64,
    pub(crate) pid: Option<u32>,
    pub(crate) expect: Option<String>,
}

impl Options {
    /// Reads the command line; says what is wrong with it and ends the process otherwise.
    pub(crate) fn from_args() -> Self {
        let mut options = Self {
            target: SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0),
            path: "/plaintext".to_owned(),
            connections: 64,
            depth: 1,
            browser: false,
            post: None,
            body: String::new(),
            cookie_from: None,
            revalidate: None,
            websocket: None,
            deflate: false,
            tls: None,
            echo: None,
            mode: Mode::KeepAlive,
            requests: 10_000,
            seconds: None,
            warmup: 0,
            pid: None,
            expect: None,
        };
        let mut args = std::env::args().skip(1);
        while let Some(flag) = args.next() {
            options.set(&flag, &mut args);
        }
        if options.mode != Mode::Zlib && !options.target.ip().is_loopback() {
            refuse("--target must be an address of the loopback interface");
        }
        options
    }

    fn set(&mut self, flag: &str, args: &mut impl Iterator<Item = String>) {
        match flag {
            "--close" => self.mode = Mode::PerRequest,
            "--broadcast" => self.mode = Mode::Broadcast,
            "--listen" => self.mode = Mode::Listen,
            "--hold" => self.mode = Mode::Hold,
            "--zlib" => self.mode = Mode::Zlib,
            "--tls" => self.tls = Some(value(flag, args)),
            "--websocket" => self.websocket = Some(value(flag, args)),
            "--deflate" => self.deflate = true,
            "--headers" => self.browser = value::<String>(flag, args) == "browser",
            "--post" => self.post = Some(value(flag, args)),
            "--body" => self.body = value(flag, args),
            "--cookie-from" => self.cookie_from = Some(value(flag, args)),
            "--revalidate" => self.revalidate = Some(value(flag, args)),
            "--echo" => self.echo = Some(value(flag, args)),
            "--target" => self.target = value(flag, args),
            "--path" => self.path = value(flag, args),
            "--connections" => self.connections = value(flag, args),
            "--depth" => self.depth = value(flag, args),
            "--requests" => self.requests = value(flag, args),
            "--seconds" => self.seconds = Some(value(flag, args)),
            "--warmup" => self.warmup = value(flag, args),
            "--pid" => self.pid = Some(value(flag, args)),
            "--expect" => self.expect = Some(value(flag, args)),
            _ => refuse(&format!("unknown flag {flag}")),
        }
    }
}

fn value<T: std::str::FromStr>(flag: &str, args: &mut impl Iterator<Item = String>) -> T {
    match args.next().and_then(|text| text.parse().ok()) {
        Some(value) => value,
        None => refuse(&format!("{flag} lacks a fitting value")),
    }
}

fn refuse(message: &str) -> ! {
    eprintln!("{message}\n\n{HELP}");
    std::process::exit(2)
}
