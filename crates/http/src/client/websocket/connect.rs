//! From the request to the open socket.

use std::rc::Rc;
use std::time::{Instant, SystemTime};

use http::{Method, StatusCode};
use waterspout_net::IoStream;

use super::super::error::{FetchError, Timer};
use super::super::hop::Hop;
use super::super::http_client::{HttpClient, drain, queue_timeout, received};
use super::super::receiving::Receiving;
use super::super::response::StreamedResponse;
use super::super::timers::Timers;
use super::super::{HttpRequest, HttpResponse};
use super::connection::WebSocketClientConnection;
use super::request::WebSocketRequest;
use crate::Headers;
use crate::h1::response::ReceivedHead;
use crate::headers::is_token;
use crate::ws::{Agreement, Socket, random_handshake_key};

/// Octets that are kept of the body of an answer that refuses.
const MAX_REFUSAL: u64 = 64 * 1024;

/// Another one for each try.
const KEY: &str = "Sec-WebSocket-Key";

/// What the handshake says for itself.
const OWN: [&str; 6] = [
    "Upgrade",
    "Connection",
    KEY,
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
];

/// Opens a WebSocket: Tornado's function of this name, with a client of its own.
///
/// Who opens many uses [`HttpClient::websocket_connect`]: one client reads certificates once.
///
/// # Errors
///
/// [`FetchError`]: with the response if the server answered with something else than a 101, a
/// redirect too; [`is_handshake`](FetchError::is_handshake) if what it answered opens no WebSocket;
/// and whatever keeps the answer from coming.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Dropping the future closes the connection.
///
/// # Examples
///
/// ```no_run
/// use waterspout_http::client::websocket_connect;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut ws = websocket_connect("ws://localhost:8888/ws").await?;
/// ws.send("hello").await?;
/// while let Some(message) = ws.recv().await {
///     println!("{message}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn websocket_connect(
    request: impl Into<WebSocketRequest>,
) -> Result<WebSocketClientConnection, FetchError> {
    HttpClient::new().websocket_connect(request).await
}

impl HttpClient {
    /// Opens a WebSocket, with the names, addresses and certificates of this client. The handshake
    /// takes a place in the pool, the open WebSocket does not.
    ///
    /// # Errors
    ///
    /// As [`websocket_connect`].
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    pub async fn websocket_connect(
        &self,
        request: impl Into<WebSocketRequest>,
    ) -> Result<WebSocketClientConnection, FetchError> {
        let mut request = request.into();
        let http = request.take_http(&self.config.defaults);
        let http = with_handshake(http, &request)?;
        let began = (SystemTime::now(), Instant::now());
        let mut timers = Timers::start(http.options.request_timeout);
        let mut hop = Hop::first(&http)?;
        loop {
            let key = random_handshake_key();
            let keyed = http.clone().append_header(KEY, &key);
            let (head, answer) = self.shake_hands(&keyed, &hop, &mut timers).await?;
            self.keep_cookies(&hop, &head);
            let receiving = match answer {
                Answer::Stream(stream) => return opened(stream, &head, &key, request),
                Answer::Refusal(receiving) => receiving,
            };
            if let Some(asked) = hop.asked(&keyed, &head)? {
                self.keep_session(&keyed, &hop, asked);
                drain(receiving, &keyed, &mut timers).await?;
                continue;
            }
            let streamed = StreamedResponse::new(keyed, hop.url, head, receiving, timers, began);
            return Err(refused(streamed.gather().await));
        }
    }

    /// Makes one try, on a connection of its own.
    async fn shake_hands(
        &self,
        http: &HttpRequest,
        hop: &Hop,
        timers: &mut Timers,
    ) -> Result<(ReceivedHead, Answer), FetchError> {
        let (octets, pool_key) = self.prepare(http, hop)?;
        let queueing = self.pool.acquire(pool_key);
        let slot = timers
            .within(Timer::Queue, queue_timeout(http), queueing)
            .await?;
        let connecting = self.connector.connect(slot.key());
        let limit = http.options.connect_timeout;
        let stream = timers.within(Timer::Connect, limit, connecting).await?;
        let mut exchange = self.start(stream, http, hop, &octets)?;
        let head = exchange.run(timers).await?;
        if head.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok((head, Answer::Stream(exchange.stream)));
        }
        let (head, receiving) = received(head, exchange, slot, http, hop)?;
        Ok((head, Answer::Refusal(receiving)))
    }
}

/// What follows the head of a server's answer.
enum Answer {
    /// Frames.
    Stream(IoStream),
    /// The body of a response.
    Refusal(Receiving),
}

fn opened(
    stream: IoStream,
    head: &ReceivedHead,
    key: &str,
    request: WebSocketRequest,
) -> Result<WebSocketClientConnection, FetchError> {
    let agreed = agree(head, key, &request)?;
    let config = Rc::new(request.config);
    let socket = Socket::client(stream, config, agreed.deflate.as_ref());
    let headers = head.headers().clone();
    Ok(WebSocketClientConnection::start(
        socket,
        headers,
        agreed.subprotocol,
        request.callbacks,
    ))
}

fn agree(
    head: &ReceivedHead,
    key: &str,
    request: &WebSocketRequest,
) -> Result<Agreement, FetchError> {
    let compression = request.config.compression_options.as_ref();
    Agreement::of(head.headers(), key, &request.subprotocols, compression)
        .map_err(|invalid| FetchError::handshake(invalid.to_string(), None))
}

/// What a status other than 101 means.
fn refused(response: Result<HttpResponse, FetchError>) -> FetchError {
    let response = match response {
        Ok(response) => response,
        Err(error) => return error,
    };
    let why = if response.status().is_success() {
        "it is no WebSocket".to_owned()
    } else if let Some(location) = response.headers().get("Location") {
        format!("a handshake follows no redirect, here to {location}")
    } else {
        "the server refuses the WebSocket".to_owned()
    };
    FetchError::handshake(why, Some(response))
}

/// Makes the request of a handshake (RFC 6455 §4.1), but for its key.
fn with_handshake(
    http: HttpRequest,
    request: &WebSocketRequest,
) -> Result<HttpRequest, FetchError> {
    if http.method != Method::GET || http.body.is_some() {
        return Err(FetchError::request(
            "a WebSocket is opened by GET without a body",
        ));
    }
    if let Some(name) = OWN.iter().find(|name| http.headers.contains(name)) {
        return Err(FetchError::request(format!(
            "{name} is set by the handshake"
        )));
    }
    let bad = |name: &String| name.is_empty() || !name.bytes().all(is_token);
    if let Some(name) = request.subprotocols.iter().find(|name| bad(name)) {
        return Err(FetchError::request(format!(
            "subprotocol {name:?} is no token"
        )));
    }
    let url = http_url(&http.url)?;
    let mut fields = Headers::new();
    fields.append("Upgrade", "websocket")?;
    fields.append("Connection", "Upgrade")?;
    fields.append("Sec-WebSocket-Version", "13")?;
    if !request.subprotocols.is_empty() {
        fields.append("Sec-WebSocket-Protocol", request.subprotocols.join(", "))?;
    }
    if let Some(options) = &request.config.compression_options {
        fields.append("Sec-WebSocket-Extensions", options.offer())?;
    }
    let mut http = http.follow_redirects(false).with_url(url);
    for (name, value) in fields.iter() {
        http = http.append_header(name, value);
    }
    let limit = http.options.max_body_size.unwrap_or(MAX_REFUSAL);
    http = http.max_body_size(limit);
    http.options.upgrade = true;
    Ok(http)
}

/// Writes a URL of `ws` as the one of `http` that it stands for (RFC 6455 §3).
fn http_url(url: &str) -> Result<String, FetchError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match scheme.to_ascii_lowercase().as_str() {
        _ if rest.contains('#') => {
            Err(FetchError::request("URL of a WebSocket has a fragment (#)"))
        }
        "ws" => Ok(format!("http://{rest}")),
        "wss" => Ok(format!("https://{rest}")),
        _ => Err(FetchError::request(
            "URL of a WebSocket does not begin with ws:// or wss://",
        )),
    }
}
