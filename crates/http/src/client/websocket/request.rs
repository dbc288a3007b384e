//! What to connect to, and how.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::super::{HttpRequest, IntoRequest};
use crate::ws::{CompressionOptions, Message, WebSocketConfig};

/// What [`websocket_connect`](super::websocket_connect) opens: a URL of `ws` or `wss`, with
/// Tornado's options under their names.
///
/// An [`HttpRequest`] becomes one where the handshake needs more: fields, credentials, certificates,
/// a Unix socket, deadlines. Its method is GET and it has no body; redirects are not followed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_http::client::{HttpRequest, WebSocketRequest};
/// use waterspout_http::ws::CompressionOptions;
///
/// let http = HttpRequest::get("wss://localhost:8888/chat").header("Authorization", "Bearer 42");
/// let request = WebSocketRequest::from(http)
///     .subprotocols(["chat.v2", "chat.v1"])
///     .compression_options(Some(CompressionOptions::default()))
///     .ping_interval(Some(Duration::from_secs(10)))
///     .max_message_size(64 * 1024);
/// ```
pub struct WebSocketRequest {
    target: Target,
    pub(super) config: WebSocketConfig,
    pub(super) subprotocols: Vec<String>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) callbacks: Callbacks,
}

enum Target {
    Url(String),
    Request(Box<HttpRequest>),
}

/// Functions that are called with what comes.
#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) on_message: Option<Box<dyn FnMut(Option<Message>)>>,
    pub(super) on_ping: Option<Box<dyn FnMut(Bytes)>>,
    pub(super) on_pong: Option<Box<dyn FnMut(Bytes)>>,
}

impl WebSocketRequest {
    /// Makes a request for a URL of `ws` or `wss`. It is checked when it is connected to.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self::with(Target::Url(url.into()))
    }

    fn with(target: Target) -> Self {
        Self {
            target,
            config: WebSocketConfig::default(),
            subprotocols: Vec::new(),
            connect_timeout: None,
            callbacks: Callbacks::default(),
        }
    }

    /// Sets all limits, deadlines and the queue at once. Default: those of
    /// [`WebSocketConfig::default`].
    #[must_use]
    pub fn config(mut self, config: WebSocketConfig) -> Self {
        self.config = config;
        self
    }

    /// Offers subprotocols, the best first. Default: none.
    #[must_use]
    pub fn subprotocols<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.subprotocols = names.into_iter().map(Into::into).collect();
        self
    }

    /// Offers compression. Default: `None`.
    #[must_use]
    pub fn compression_options(mut self, options: Option<CompressionOptions>) -> Self {
        self.config = self.config.compression_options(options);
        self
    }

    /// Sets the time from ping to ping; `None` sends none. Default: 30 s.
    #[must_use]
    pub fn ping_interval(mut self, time: Option<Duration>) -> Self {
        self.config = self.config.ping_interval(time);
        self
    }

    /// Sets how long the server may be silent after a ping. Default: 30 s.
    #[must_use]
    pub fn ping_timeout(mut self, time: Option<Duration>) -> Self {
        self.config = self.config.ping_timeout(time);
        self
    }

    /// Sets the octets of a message. Default: 10,485,760.
    #[must_use]
    pub fn max_message_size(mut self, octets: usize) -> Self {
        self.config = self.config.max_message_size(octets);
        self
    }

    /// Bounds the handshake, from the name to the 101. Default: what the [`HttpRequest`] says, 20 s
    /// for each of its parts and for all of it.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// Calls a function with each message, and with `None` at the end; then
    /// [`recv`](super::WebSocketClientConnection::recv) sees no messages. Default: none.
    #[must_use]
    pub fn on_message_callback(mut self, callback: impl FnMut(Option<Message>) + 'static) -> Self {
        self.callbacks.on_message = Some(Box::new(callback));
        self
    }

    /// Calls a function with each ping, which is answered already. Default: none.
    #[must_use]
    pub fn on_ping(mut self, callback: impl FnMut(Bytes) + 'static) -> Self {
        self.callbacks.on_ping = Some(Box::new(callback));
        self
    }

    /// Calls a function with each pong. Default: none.
    #[must_use]
    pub fn on_pong(mut self, callback: impl FnMut(Bytes) + 'static) -> Self {
        self.callbacks.on_pong = Some(Box::new(callback));
        self
    }

    /// Takes the HTTP request out; a URL becomes one with the options of `defaults`.
    pub(super) fn take_http(&mut self, defaults: &HttpRequest) -> HttpRequest {
        let target = std::mem::replace(&mut self.target, Target::Url(String::new()));
        let http = match target {
            Target::Url(url) => url.into_request(defaults),
            Target::Request(http) => *http,
        };
        match self.connect_timeout {
            Some(limit) => http.connect_timeout(limit).request_timeout(limit),
            None => http,
        }
    }
}

impl From<&str> for WebSocketRequest {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for WebSocketRequest {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&String> for WebSocketRequest {
    fn from(url: &String) -> Self {
        Self::new(url)
    }
}

impl From<HttpRequest> for WebSocketRequest {
    fn from(request: HttpRequest) -> Self {
        Self::with(Target::Request(Box::new(request)))
    }
}

impl fmt::Debug for WebSocketRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketRequest")
            .field("config", &self.config)
            .field("subprotocols", &self.subprotocols)
            .finish_non_exhaustive()
    }
}
