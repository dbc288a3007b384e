//! A server and its client on one loop.

use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::http::server::{HttpServer, ServerConfig};
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
use waterspout::{Application, Context, Error};

/// Serves an application while a test talks to it.
pub(crate) fn with_server<S: 'static>(app: Application<S>, test: impl AsyncFnOnce(Client)) {
    with_config(app, &ServerConfig::default(), test);
}

pub(crate) fn with_config<S: 'static>(
    app: Application<S>,
    config: &ServerConfig,
    test: impl AsyncFnOnce(Client),
) {
    IoLoop::new().unwrap().run_sync(async {
        let server = HttpServer::new(Rc::new(app.into_service()), config);
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        test(Client { port }).await;
    });
}

/// Sends requests, each on a connection of its own unless it is told otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    port: u16,
}

impl Client {
    pub(crate) fn at(port: u16) -> Self {
        Self { port }
    }

    pub(crate) async fn connect(self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Connects without a turn of the loop.
    pub(crate) fn connect_at_once(self) -> std::net::TcpStream {
        std::net::TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) async fn exchange(self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request without a body, on a connection that is closed after it.
    pub(crate) async fn request(self, method: &str, target: &str, fields: &str) -> Response {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        Response(self.exchange(format!("{head}{fields}\r\n")).await)
    }

    pub(crate) async fn get(self, target: &str) -> Response {
        self.request("GET", target, "").await
    }

    pub(crate) async fn post(self, target: &str, kind: &str, body: &str) -> Response {
        let fields = format!("Content-Type: {kind}\r\n");
        self.post_with(target, &fields, body).await
    }

    /// Sends a POST with header fields.
    pub(crate) async fn post_with(self, target: &str, fields: &str, body: &str) -> Response {
        let fields = format!("{fields}Content-Length: {}\r\n", body.len());
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{fields}\r\n");
        Response(self.exchange(head + body).await)
    }

    /// Sends a form, with header fields.
    pub(crate) async fn form(self, target: &str, fields: &str, body: &str) -> Response {
        let fields = format!("{fields}Content-Type: application/x-www-form-urlencoded\r\n");
        self.post_with(target, &fields, body).await
    }
}

/// A response as it came.
#[derive(Debug)]
pub(crate) struct Response(String);

impl Response {
    pub(crate) fn status(&self) -> u16 {
        self.0[9..12].parse().unwrap()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }

    pub(crate) fn fields(&self, name: &str) -> Vec<&str> {
        let head = self.0.split_once("\r\n\r\n").unwrap().0;
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        fields
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields(name).first().copied().unwrap_or("")
    }
}

/// What a handler of the tests returns where its type must be written down.
pub(crate) type Text = Result<String, Error>;

/// A handler that always says the same.
pub(crate) fn say<S>(text: &'static str) -> impl AsyncFn(&mut Context<S>) -> &'static str {
    async move |_: &mut Context<S>| text
}
