//! The request itself: method, URL, fields.

use std::fmt;
use std::rc::Rc;

use http::Method;

use super::callbacks::{HeaderCallback, StreamingCallback};
use super::options::Options;
use crate::Headers;
use crate::client::body::RequestBody;
use crate::client::query::url_concat;

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
    pub(in crate::client) url: String,
    pub(in crate::client) method: Method,
    pub(in crate::client) headers: Headers,
    pub(in crate::client) body: Option<RequestBody>,
    /// The first thing that a setter refused.
    pub(in crate::client) problem: Option<String>,
    pub(in crate::client) options: Options,
    pub(in crate::client) streaming_callback: Option<Rc<dyn StreamingCallback>>,
    pub(in crate::client) header_callback: Option<HeaderCallback>,
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

    /// Makes a PATCH request; it needs a body.
    #[must_use]
    pub fn patch(url: impl Into<String>) -> Self {
        Self::new(Method::PATCH, url)
    }

    /// Sets the URL. Default: what the request was made with.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Appends arguments to the query of the URL, as [`url_concat`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::client::HttpRequest;
    ///
    /// let request = HttpRequest::get("http://localhost/search").query([("q", "sea & sky")]);
    /// assert_eq!(request.url(), "http://localhost/search?q=sea+%26+sky");
    /// ```
    #[must_use]
    pub fn query<N, V>(mut self, arguments: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        self.url = url_concat(&self.url, arguments);
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

    /// Returns the URL as it was given, with the arguments of [`query`](Self::query).
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

    pub(super) fn note<E: fmt::Display>(&mut self, outcome: Result<(), E>) {
        if let Err(error) = outcome {
            self.problem.get_or_insert(error.to_string());
        }
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
