//! The client itself.

use std::fmt;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use waterspout_net::{IoLoop, IoStream};

use super::auth::{Asked, Sessions};
use super::body::RequestBody;
use super::connect::Connector;
use super::error::{FetchError, Kind, Timer};
use super::exchange::Exchange;
use super::head::Additions;
use super::hop::Hop;
use super::pool::{Key, Limits, Pool, Slot};
use super::proxy::Proxy;
use super::receiving::Receiving;
use super::sending::Sending;
use super::timers::Timers;
use super::{ClientConfig, HttpRequest, HttpResponse, IntoRequest, PoolGauges, StreamedResponse};
use crate::h1::response::{ReceivedHead, ResponseLimits, contradicts, response_body};

/// Octets of the body of a redirect that are read so that its connection can be used again.
const DRAIN: usize = 64 * 1024;

/// An HTTP/1.1 client with a pool of connections: Tornado's `AsyncHTTPClient`.
///
/// Clones share the pool. A client belongs to the thread it was made on.
///
/// # Examples
///
/// ```
/// # use std::rc::Rc;
/// # use waterspout_http::{Exchange, Service};
/// # use waterspout_http::server::{HttpServer, ServerConfig};
/// # use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets};
/// # struct Hello;
/// # impl Service for Hello {
/// #     async fn call(&self, mut exchange: Exchange) -> Exchange {
/// #         exchange.set_static_body(b"Hello, world");
/// #         exchange
/// #     }
/// # }
/// use waterspout_http::client::HttpClient;
///
/// # IoLoop::new()?.run_sync(async {
/// # let socket = bind_sockets(0, BindOptions::default().address("127.0.0.1"))?.remove(0);
/// # let url = format!("http://{}/", socket.local_addr()?);
/// # let server = HttpServer::new(Rc::new(Hello), &ServerConfig::default());
/// # server.serve(Listener::from_bound(socket)?);
/// let client = HttpClient::new();
/// let response = client.fetch(&url).await?;
/// assert_eq!((response.code(), response.text().as_ref()), (200, "Hello, world"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HttpClient {
    pub(super) config: Rc<ClientConfig>,
    pub(super) pool: Rc<Pool>,
    pub(super) connector: Rc<Connector>,
    sessions: Rc<Sessions>,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient {
    /// Makes a client with the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::with_config(ClientConfig::default())
    }

    /// Makes a client.
    #[must_use]
    pub fn with_config(config: ClientConfig) -> Self {
        let limits = Limits {
            clients: config.max_clients.max(1),
            per_host: config.max_clients_per_host.max(1),
            idle: config.max_idle_connections,
            keep_alive: config.keep_alive_timeout,
        };
        Self {
            connector: Rc::new(Connector::new(&config)),
            config: Rc::new(config),
            pool: Rc::new(Pool::new(limits)),
            sessions: Rc::default(),
        }
    }

    /// Fetches a URL, or a request, and gathers the body of the response, or hands it to the
    /// request's `streaming_callback`.
    ///
    /// # Errors
    ///
    /// [`FetchError`]: a status outside 200 to 299 unless `raise_error` is off, and whatever keeps
    /// the response from coming.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread; [`fetch_blocking`](Self::fetch_blocking) makes one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request: its connection is closed, its place in the pool
    /// given back. The server may have acted on it.
    pub async fn fetch(&self, request: impl IntoRequest) -> Result<HttpResponse, FetchError> {
        let response = self.fetch_stream(request).await?;
        let response = response.call_back().await?;
        if response.request().options.raise_error {
            response.rethrow()
        } else {
            Ok(response)
        }
    }

    /// Fetches a URL, or a request, up to the head of the response; the body is read by
    /// [`StreamedResponse::chunk`]. The status is never an error here.
    ///
    /// The request's `request_timeout` goes on to count while the body is read.
    ///
    /// # Errors
    ///
    /// [`FetchError`] for whatever keeps the head from coming.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// As [`fetch`](Self::fetch).
    pub async fn fetch_stream(
        &self,
        request: impl IntoRequest,
    ) -> Result<StreamedResponse, FetchError> {
        let request = request.into_request(&self.config.defaults);
        let began = (SystemTime::now(), Instant::now());
        let mut timers = Timers::start(request.options.request_timeout);
        let mut hop = Hop::first(&request)?;
        let first = Rc::clone(&hop.url);
        let mut redirects = request.options.max_redirects;
        loop {
            let (head, receiving) = self.hop(&request, &hop, &mut timers).await?;
            self.keep_cookies(&hop, &head);
            if let Some(asked) = hop.asked(&request, &head)? {
                self.keep_session(&request, &hop, asked);
                drain(receiving, &request, &mut timers).await?;
                continue;
            }
            let next = if request.options.follow_redirects && redirects > 0 {
                hop.next(&head, &first)?
            } else {
                None
            };
            let Some(next) = next else {
                let response =
                    StreamedResponse::new(request, hop.url, head, receiving, timers, began);
                response.announce();
                return Ok(response);
            };
            redirects -= 1;
            drain(receiving, &request, &mut timers).await?;
            hop = next;
        }
    }

    /// Sends one request and reads the head of its response; once more, on a new connection, if the
    /// old one turns out to have been closed and sending twice does no harm (RFC 9110 §9.2.2).
    async fn hop(
        &self,
        request: &HttpRequest,
        hop: &Hop,
        timers: &mut Timers,
    ) -> Result<(ReceivedHead, Receiving), FetchError> {
        let options = &request.options;
        let (head, key) = self.prepare(request, hop)?;
        let queueing = self.pool.acquire(key);
        let slot = timers
            .within(Timer::Queue, queue_timeout(request), queueing)
            .await?;
        if let Some(stream) = slot.check_out() {
            let mut exchange = self.start(stream, request, hop, &head)?;
            let replays = hop.method.is_idempotent()
                && !matches!(hop.body(request), Some(RequestBody::Produced { .. }));
            match exchange.run(timers).await {
                Err(error) if error.is_closed() && exchange.is_unanswered() && replays => {}
                outcome => return received(outcome?, exchange, slot, request, hop),
            }
        }
        let connecting = self.connector.connect(slot.key());
        let stream = timers
            .within(Timer::Connect, options.connect_timeout, connecting)
            .await?;
        let mut exchange = self.start(stream, request, hop, &head)?;
        let head = exchange.run(timers).await?;
        received(head, exchange, slot, request, hop)
    }

    /// Makes the octets of the head, and says which connections may take them.
    pub(super) fn prepare(
        &self,
        request: &HttpRequest,
        hop: &Hop,
    ) -> Result<(Vec<u8>, Key), FetchError> {
        let proxy = self.config.proxies.choose(request, &hop.url)?;
        let additions = self.additions(request, hop, proxy.as_deref())?;
        Ok((hop.encode(request, &additions)?, hop.key(request, proxy)))
    }

    /// What the client knows and the request does not.
    fn additions<'p>(
        &self,
        request: &HttpRequest,
        hop: &Hop,
        proxy: Option<&'p Proxy>,
    ) -> Result<Additions<'p>, FetchError> {
        let mut additions = Additions {
            proxy,
            ..Additions::default()
        };
        if let Some(whom) = hop.digest_credentials(request) {
            let what = (hop.method.as_str(), hop.url.target.as_str());
            let entity = hop.entity(request);
            additions.authorization = self.sessions.answer(hop.url.origin(), whom, what, entity)?;
        }
        let own = !hop.stripped && request.headers.contains("Cookie");
        if let Some(jar) = self.config.cookie_jar.as_ref().filter(|_| !own) {
            additions.cookie = jar.give(&hop.url, SystemTime::now());
        }
        Ok(additions)
    }

    pub(super) fn keep_session(&self, request: &HttpRequest, hop: &Hop, asked: Asked) {
        if let Some((user, _)) = hop.digest_credentials(request) {
            self.sessions.keep(hop.url.origin(), user, asked);
        }
    }

    pub(super) fn keep_cookies(&self, hop: &Hop, head: &ReceivedHead) {
        if let Some(jar) = &self.config.cookie_jar {
            for set_cookie in head.headers().get_all("Set-Cookie") {
                jar.take(&hop.url, set_cookie, SystemTime::now());
            }
        }
    }

    pub(super) fn start<'r>(
        &self,
        mut stream: IoStream,
        request: &'r HttpRequest,
        hop: &'r Hop,
        head: &[u8],
    ) -> Result<Exchange<'r>, FetchError> {
        stream.enqueue(head);
        let body = hop.sized_body(request)?;
        let sending = if hop.holds_body(request) {
            Sending::hold(body.as_ref())
        } else {
            Sending::start(body.as_ref(), &mut stream)
        };
        let limits = ResponseLimits {
            head: self.config.max_header_size,
            fields: self.config.max_headers,
        };
        Ok(Exchange::new(
            stream,
            sending,
            &hop.method,
            &request.options,
            limits,
        ))
    }

    /// Returns how full the pool is.
    #[must_use]
    pub fn gauges(&self) -> PoolGauges {
        self.pool.gauges()
    }

    /// Closes the connections that wait. Fetches that wait for a place fail, as later ones do;
    /// those that have one go on.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Fetches a URL, or a request, on a loop of its own and waits for it: Tornado's `HTTPClient`,
    /// for scripts.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch); also if a loop runs on this thread, which must not be blocked.
    ///
    /// # Panics
    ///
    /// Panics inside of another runtime of tokio, such as `#[tokio::main]` makes. Its threads for blocking work
    /// (`spawn_blocking`) may call it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use waterspout_http::client::HttpClient;
    ///
    /// let response = HttpClient::fetch_blocking("http://localhost:8888/")?;
    /// println!("{}", response.text());
    /// # Ok::<(), waterspout_http::client::FetchError>(())
    /// ```
    pub fn fetch_blocking(request: impl IntoRequest) -> Result<HttpResponse, FetchError> {
        if IoLoop::try_current().is_some() {
            return Err(FetchError::request(
                "fetch_blocking would block the loop of this thread: await fetch instead",
            ));
        }
        let io_loop = IoLoop::new().map_err(|error| FetchError::new(Kind::Loop(error)))?;
        io_loop.run_sync(async { Self::new().fetch(request).await })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("config", &self.config)
            .field("gauges", &self.gauges())
            .finish()
    }
}

/// Tornado's rule: the smaller of the two that is not zero.
pub(super) fn queue_timeout(request: &HttpRequest) -> std::time::Duration {
    let options = &request.options;
    let both = [options.connect_timeout, options.request_timeout];
    let smaller = both.into_iter().filter(|limit| !limit.is_zero()).min();
    options.queue_timeout.or(smaller).unwrap_or_default()
}

/// Decides where the body ends and whether the connection can be used again.
pub(super) fn received(
    head: ReceivedHead,
    exchange: Exchange<'_>,
    slot: Slot,
    request: &HttpRequest,
    hop: &Hop,
) -> Result<(ReceivedHead, Receiving), FetchError> {
    let body = response_body(&head, exchange.method)?;
    let sending = exchange.sending;
    // A server that answers well before it has read all may want the rest: an echo does. One that refuses does
    // not (RFC 9112 §9.5).
    let goes_on = sending.is_open() && !sending.is_held() && head.status().is_success();
    let reusable = head.keep_alive()
        && hop.keep_alive(request)
        && (sending.is_sent() || goes_on)
        && !contradicts(&head);
    let sending = goes_on.then_some(sending);
    let receiving = Receiving::new(exchange.stream, slot, body, reusable, sending);
    Ok((head, receiving))
}

/// Reads a short body to its end; a long one costs the connection.
pub(super) async fn drain(
    mut receiving: Receiving,
    request: &HttpRequest,
    timers: &mut Timers,
) -> Result<(), FetchError> {
    let mut read = 0;
    let limit = request.options.idle_timeout;
    while read < DRAIN {
        match timers.within(Timer::Idle, limit, receiving.piece()).await {
            Ok(Some(piece)) => read += piece.len(),
            Err(error) if error.is_timeout() => return Err(error),
            Ok(None) | Err(_) => break,
        }
    }
    Ok(())
}
