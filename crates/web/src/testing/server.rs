//! An application on a free port.

use std::fmt;
use std::rc::Rc;

use waterspout_http::client::{
    FetchError, HttpClient, HttpRequest, WebSocketClientConnection, WebSocketRequest,
};
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_net::{BindOptions, Listener, bind_sockets};

use super::{TIMEOUT, TestBrowser, TestResponse, TestSocket};
use crate::Application;

/// A running application, and a client for it. See [`serve`].
pub struct TestServer {
    server: HttpServer,
    client: HttpClient,
    port: u16,
}

/// Serves an application on the running loop, on a free port of the loopback interface.
///
/// It serves until the loop ends; [`stop`](TestServer::stop) drains it before.
///
/// # Panics
///
/// Panics if no loop runs on this thread, or if the system has no port.
#[must_use]
pub fn serve<S: 'static>(app: Application<S>) -> TestServer {
    serve_with(app, &ServerConfig::default())
}

/// Serves an application as [`serve`] does, with other limits.
///
/// # Panics
///
/// As [`serve`].
#[must_use]
pub fn serve_with<S: 'static>(app: Application<S>, config: &ServerConfig) -> TestServer {
    let server = HttpServer::new(Rc::new(app.into_service()), config);
    let options = BindOptions::default().address("127.0.0.1");
    let bound = bind_sockets(0, options).map(|mut sockets| sockets.remove(0));
    let socket = bound.expect("the loopback interface has a free port");
    let port = socket.local_addr().ok().and_then(|address| address.port());
    let port = port.expect("a TCP socket has a port");
    server.serve(Listener::from_bound(socket).expect("the loop takes a socket"));
    TestServer {
        server,
        client: HttpClient::new(),
        port,
    }
}

impl TestServer {
    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a target, which begins with a slash.
    #[must_use]
    pub fn url(&self, target: &str) -> String {
        format!("http://127.0.0.1:{}{target}", self.port)
    }

    /// Returns the URL of a WebSocket.
    #[must_use]
    pub fn ws_url(&self, target: &str) -> String {
        format!("ws://127.0.0.1:{}{target}", self.port)
    }

    /// Fetches a target by GET, redirects not followed. No status is an error.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn get(&self, target: &str) -> TestResponse {
        let request = HttpRequest::get(self.url(target)).follow_redirects(false);
        self.fetch(request).await
    }

    /// Sends a request, such as `HttpRequest::post(server.url("/form"))`. No status is an error.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn fetch(&self, request: HttpRequest) -> TestResponse {
        fetch(&self.client, request).await
    }

    /// Returns a client of its own that keeps cookies, for a test in which somebody signs in.
    #[must_use]
    pub fn browser(&self) -> TestBrowser {
        TestBrowser::new(self.url(""))
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// Panics if it is refused; [`try_websocket`](Self::try_websocket) returns the error.
    pub async fn websocket(&self, target: &str) -> TestSocket {
        opened(target, self.try_websocket(self.ws_url(target)).await)
    }

    /// Opens a WebSocket with subprotocols, fields, compression and so on, or returns why not.
    ///
    /// # Errors
    ///
    /// [`FetchError`], with the response of the server if it refused.
    ///
    /// # Panics
    ///
    /// Panics if no answer comes.
    pub async fn try_websocket(
        &self,
        request: impl Into<WebSocketRequest>,
    ) -> Result<WebSocketClientConnection, FetchError> {
        connect(&self.client, request.into()).await
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Drains the server. Tells whether every request was answered and every WebSocket closed in
    /// time.
    pub async fn stop(&self) -> bool {
        self.client.close();
        self.server.drain(TIMEOUT).await.is_complete()
    }
}

pub(super) async fn connect(
    client: &HttpClient,
    request: WebSocketRequest,
) -> Result<WebSocketClientConnection, FetchError> {
    let connected = tokio::time::timeout(TIMEOUT, client.websocket_connect(request)).await;
    connected.expect("an answer to the handshake of a WebSocket comes in time")
}

pub(super) fn opened(
    target: &str,
    connected: Result<WebSocketClientConnection, FetchError>,
) -> TestSocket {
    match connected {
        Ok(connection) => TestSocket::new(connection),
        Err(error) => panic!("{target} opens no WebSocket: {error}"),
    }
}

/// Fetches what has to come, whatever its status.
pub(super) async fn fetch(client: &HttpClient, request: HttpRequest) -> TestResponse {
    let url = request.url().to_owned();
    let fetched = client.fetch(request.raise_error(false)).await;
    let response = fetched.unwrap_or_else(|error| panic!("no response from {url}: {error}"));
    TestResponse::new(response)
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
