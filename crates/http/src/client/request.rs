//! Requests, with Tornado's options under their names.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use serde::Serialize;

use super::body::{BodyWriter, ProducerError, RequestBody, encode_form};
use crate::Headers;

pub(super) trait StreamingCallback {
    fn call(&self, chunk: Bytes) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

impl<F: AsyncFn(Bytes)> StreamingCallback for F {
    fn call(&self, chunk: Bytes) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self(chunk))
    }
}

type HeaderCallback = Rc<dyn Fn(&[u8])>;

/// A request and how to fetch it: Tornado's `HTTPRequest`.
///
/// Setters chain. What is wrong with a field, a body or the URL is told by the fetch. Durations of
/// zero mean "no limit", as in Tornado.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_http::client::HttpRequest;
///
/// let request = HttpRequest::post("http://localhost:8888/orders")
///     .header("Accept-Language", "en")
///     .form([("item", "umbrella"), ("count", "2")])
///     .request_timeout(Duration::from_secs(5))
///     .raise_error(false);
/// assert_eq!(request.body().len(), 21);
/// ```
#[derive(Clone)]
pub struct HttpRequest {
    pub(super) url: String,
    pub(super) method: Method,
    pub(super) headers: Headers,
    pub(super) body: Option<RequestBody>,
    /// The first thing that a setter refused.
    pub(super) problem: Option<String>,
    pub(super) options: Options,
    pub(super) streaming_callback: Option<Rc<dyn StreamingCallback>>,
    pub(super) header_callback: Option<HeaderCallback>,
}

#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) queue_timeout: Option<Duration>,
    pub(super) connect_timeout: Duration,
    pub(super) first_byte_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) request_timeout: Duration,
    pub(super) follow_redirects: bool,
    pub(super) max_redirects: u32,
    pub(super) max_body_size: Option<u64>,
    pub(super) decompress_response: bool,
    pub(super) expect_100_continue: bool,
    pub(super) allow_nonstandard_methods: bool,
    pub(super) allow_ipv6: bool,
    pub(super) raise_error: bool,
    pub(super) user_agent: Option<String>,
    pub(super) auth: Option<(String, String)>,
    pub(super) network_interface: Option<IpAddr>,
    pub(super) unix_socket: Option<PathBuf>,
    /// A 101 is what is hoped for.
    pub(super) upgrade: bool,
    pub(super) tls: TlsOptions,
}

/// What a handshake depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TlsOptions {
    pub(super) validate_cert: bool,
    pub(super) ca_certs: Option<PathBuf>,
    pub(super) client_cert: Option<(PathBuf, PathBuf)>,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            validate_cert: true,
            ca_certs: None,
            client_cert: None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_timeout: None,
            connect_timeout: Duration::from_secs(20),
            first_byte_timeout: Duration::ZERO,
            idle_timeout: Duration::ZERO,
            request_timeout: Duration::from_secs(20),
            follow_redirects: true,
            max_redirects: 5,
            max_body_size: None,
            decompress_response: true,
            expect_100_continue: false,
            allow_nonstandard_methods: false,
            allow_ipv6: true,
            raise_error: true,
            user_agent: None,
            auth: None,
            network_interface: None,
            unix_socket: None,
            upgrade: false,
            tls: TlsOptions::default(),
        }
    }
}

impl HttpRequest {
    /// Makes a request of any method. The URL is checked when it is fetched.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method,
            headers: Headers::new(),
            body: None,
            problem: None,
            options: Options::default(),
            streaming_callback: None,
            header_callback: None,
        }
    }

    /// Makes a GET request.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// Makes a HEAD request.
    #[must_use]
    pub fn head(url: impl Into<String>) -> Self {
        Self::new(Method::HEAD, url)
    }

    /// Makes a POST request; it needs a body.
    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// Makes a PUT request; it needs a body.
    #[must_use]
    pub fn put(url: impl Into<String>) -> Self {
        Self::new(Method::PUT, url)
    }

    /// Makes a DELETE request.
    #[must_use]
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new(Method::DELETE, url)
    }

    /// Sets the URL. Default: what the request was made with.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Sets the method. Default: what the request was made with.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets a field, in place of every field of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let inserted = self.headers.insert(name, value);
        self.note(inserted);
        self
    }

    /// Adds a field after those of that name.
    #[must_use]
    pub fn append_header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let appended = self.headers.append(name, value);
        self.note(appended);
        self
    }

    /// Sets all fields. Default: none.
    #[must_use]
    pub fn headers(mut self, headers: Headers) -> Self {
        self.headers = headers;
        self
    }

    /// Sets the body. Default: none. A POST that has no `Content-Type` is sent as a form.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(RequestBody::Whole(body.into()));
        self
    }

    /// Sets a body of `application/x-www-form-urlencoded` and its `Content-Type`.
    #[must_use]
    pub fn form<'p>(self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let body = encode_form(pairs);
        self.header("Content-Type", "application/x-www-form-urlencoded")
            .with_body(body)
    }

    /// Sets a body of JSON and its `Content-Type`.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self
                .header("Content-Type", "application/json")
                .with_body(body),
            Err(error) => {
                self.note(Err(error));
                self
            }
        }
    }

    /// Has a function write the body, piece by piece, as the connection takes them. It is chunked,
    /// unless the request has a `Content-Length`, which the pieces must then add up to.
    ///
    /// The function is called again for a redirect that keeps the body. It is stopped, where it
    /// waits, when the server answers before the body is whole. Such a request is never replayed.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::client::{BodyWriter, HttpRequest};
    ///
    /// async fn count(mut body: BodyWriter) -> Result<(), Box<dyn std::error::Error>> {
    ///     for number in 0..1000 {
    ///         body.write(format!("{number}\n")).await;
    ///     }
    ///     Ok(())
    /// }
    /// let request = HttpRequest::put("http://localhost:8888/numbers").body_producer(count);
    /// ```
    #[must_use]
    pub fn body_producer<F>(mut self, produce: F) -> Self
    where
        F: AsyncFn(BodyWriter) -> Result<(), ProducerError> + 'static,
    {
        let produce = Rc::new(produce);
        self.body = Some(RequestBody::Produced {
            produce: Rc::new(move |writer| {
                let produce = Rc::clone(&produce);
                Box::pin(async move { produce(writer).await })
            }),
            length: None,
        });
        self
    }

    /// Has each piece of the body handed to a function as it comes, and waits for the function. The
    /// response has no body then. Only the last response of a chain of redirects is handed over.
    #[must_use]
    pub fn streaming_callback(mut self, callback: impl AsyncFn(Bytes) + 'static) -> Self {
        self.streaming_callback = Some(Rc::new(callback));
        self
    }

    /// Has the lines of the response's head handed to a function before the body: the status line,
    /// each field, and the empty line, all with their CR LF.
    #[must_use]
    pub fn header_callback(mut self, callback: impl Fn(&[u8]) + 'static) -> Self {
        self.header_callback = Some(Rc::new(callback));
        self
    }

    /// Sets `If-Modified-Since`.
    #[must_use]
    pub fn if_modified_since(self, time: SystemTime) -> Self {
        self.header("If-Modified-Since", httpdate::fmt_http_date(time))
    }

    /// Sets user and password of Basic authentication (Tornado's `auth_username` and
    /// `auth_password`). Those in the URL win. Default: none.
    #[must_use]
    pub fn auth(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.options.auth = Some((username.into(), password.into()));
        self
    }

    /// Returns the URL as it was given.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the body; empty if there is none or if it is produced.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Some(RequestBody::Whole(body)) => body,
            _ => &[],
        }
    }

    fn note<E: fmt::Display>(&mut self, outcome: Result<(), E>) {
        if let Err(error) = outcome {
            self.problem.get_or_insert(error.to_string());
        }
    }
}

impl HttpRequest {
    /// Sets how long the request may wait for a place in the pool. Default: the smaller of
    /// `connect_timeout` and `request_timeout`, as Tornado's.
    #[must_use]
    pub fn queue_timeout(mut self, limit: Duration) -> Self {
        self.options.queue_timeout = Some(limit);
        self
    }

    /// Sets how long resolving and connecting may take, TLS included. Default: 20 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.options.connect_timeout = limit;
        self
    }

    /// Sets how long the server may take from the end of the request to the first octet of its
    /// response. Default: no limit but `request_timeout`.
    #[must_use]
    pub fn first_byte_timeout(mut self, limit: Duration) -> Self {
        self.options.first_byte_timeout = limit;
        self
    }

    /// Sets how long nothing may move, in either direction, once the request is on its way. Default:
    /// no limit but `request_timeout`.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.options.idle_timeout = limit;
        self
    }

    /// Sets how long the whole may take, from the call of the fetch to the last octet of the body:
    /// queue and redirects included (in Tornado each redirect starts anew). Default: 20 s.
    #[must_use]
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.options.request_timeout = limit;
        self
    }

    /// Sets whether redirects are followed. Default: true.
    #[must_use]
    pub fn follow_redirects(mut self, follow: bool) -> Self {
        self.options.follow_redirects = follow;
        self
    }

    /// Sets how many redirects are followed; the next one is the response. Default: 5.
    #[must_use]
    pub fn max_redirects(mut self, redirects: u32) -> Self {
        self.options.max_redirects = redirects;
        self
    }

    /// Sets how many octets the body of the response may have, before and after decompression.
    /// Default: 104,857,600 where it is gathered, no limit where it is streamed.
    #[must_use]
    pub fn max_body_size(mut self, octets: u64) -> Self {
        self.options.max_body_size = Some(octets);
        self
    }

    /// Sets whether gzip is asked for and undone. Default: true.
    #[must_use]
    pub fn decompress_response(mut self, decompress: bool) -> Self {
        self.options.decompress_response = decompress;
        self
    }

    /// Sets whether the body is held back until the server says `100 Continue`, for a second at
    /// the most. Default: false.
    #[must_use]
    pub fn expect_100_continue(mut self, expect: bool) -> Self {
        self.options.expect_100_continue = expect;
        self
    }

    /// Allows methods other than the seven usual ones, and bodies where they are unusual. Default:
    /// false.
    #[must_use]
    pub fn allow_nonstandard_methods(mut self, allow: bool) -> Self {
        self.options.allow_nonstandard_methods = allow;
        self
    }

    /// Sets whether IPv6 addresses are used. Default: true.
    #[must_use]
    pub fn allow_ipv6(mut self, allow: bool) -> Self {
        self.options.allow_ipv6 = allow;
        self
    }

    /// Sets whether a status outside 200 to 299 is an error. Network errors always are. Default:
    /// true.
    #[must_use]
    pub fn raise_error(mut self, raise: bool) -> Self {
        self.options.raise_error = raise;
        self
    }

    /// Sets `User-Agent`; empty sends none. Default: `Waterspout/` and the version.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.options.user_agent = Some(name.into());
        self
    }

    /// Sets the address of this machine to connect from. Default: the system's choice.
    #[must_use]
    pub fn network_interface(mut self, address: IpAddr) -> Self {
        self.options.network_interface = Some(address);
        self
    }

    /// Sets whether the certificate of an https server is verified. Off is for tests only. Default:
    /// true.
    #[must_use]
    pub fn validate_cert(mut self, validate: bool) -> Self {
        self.options.tls.validate_cert = validate;
        self
    }

    /// Sets the file of certificates to trust, in PEM, in place of those the machine trusts.
    /// Default: those of the machine.
    #[must_use]
    pub fn ca_certs(mut self, file: impl Into<PathBuf>) -> Self {
        self.options.tls.ca_certs = Some(file.into());
        self
    }

    /// Sets the files of the certificate to show to https servers and of its key, in PEM. Default:
    /// none.
    #[must_use]
    pub fn client_cert(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.options.tls.client_cert = Some((certificate.into(), key.into()));
        self
    }

    /// Connects to a Unix socket, whatever host the URL names; redirects go there too. Default: TCP.
    #[must_use]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.unix_socket = Some(path.into());
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.iter().map(|(name, _)| name);
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &names.collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// What can be fetched: a URL, with the client's defaults, or an [`HttpRequest`].
pub trait IntoRequest {
    /// Makes the request; `defaults` is what the client would do.
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest;
}

impl IntoRequest for HttpRequest {
    fn into_request(self, _defaults: &HttpRequest) -> HttpRequest {
        self
    }
}

impl IntoRequest for String {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        HttpRequest {
            url: self,
            ..defaults.clone()
        }
    }
}

impl IntoRequest for &str {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        self.to_owned().into_request(defaults)
    }
}

impl IntoRequest for &String {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        self.clone().into_request(defaults)
    }
}
