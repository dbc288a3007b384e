//! Reading the request's head.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;

use http::Method;
use waterspout_http::{Headers, Request};
use waterspout_net::TlsInfo;

use super::Context;

impl<S> Context<S> {
    /// Returns the state of the application: the one of this worker.
    ///
    /// It is a handle of its own, so it may be used while the context is written to.
    #[must_use]
    #[inline]
    pub fn app(&self) -> Rc<S> {
        Rc::clone(&self.site.state)
    }

    /// Returns the head of the request.
    #[must_use]
    #[inline]
    pub fn request(&self) -> &Request {
        self.exchange.request()
    }

    /// Returns the method.
    #[must_use]
    #[inline]
    pub fn method(&self) -> &Method {
        self.request().method()
    }

    /// Returns the request target as it came: raw path and query.
    #[must_use]
    pub fn uri(&self) -> &str {
        self.request().target()
    }

    /// Leaves the query of this request out of log lines, since it holds a secret: the code of a sign-in, the
    /// token of a link that was mailed. Default: it is logged, as in Tornado.
    ///
    /// [`OAuth2Client`](crate::auth::OAuth2Client) and its kin do it for the answers of providers.
    pub fn hide_query_from_log(&mut self) {
        self.more().hides_query = true;
    }

    /// The target as log lines name it.
    pub(crate) fn logged_target(&self) -> Cow<'_, str> {
        let hides_query = self.more.as_ref().is_some_and(|more| more.hides_query);
        match self.uri().split_once('?') {
            Some((path, _)) if hides_query => Cow::Owned(format!("{path}?…")),
            _ => Cow::Borrowed(self.uri()),
        }
    }

    /// Returns the host the request is for, with its port if it named one.
    #[must_use]
    pub fn host(&self) -> &str {
        self.request().host()
    }

    /// Returns the address of the client.
    #[must_use]
    pub fn remote_ip(&self) -> IpAddr {
        self.request().remote_ip()
    }

    /// Returns `http` or `https`.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        self.request().protocol()
    }

    /// Returns what was agreed in the TLS handshake of the connection, with the certificates that the
    /// client showed; `None` if the connection is not encrypted. Behind a proxy, that is the proxy's.
    ///
    /// Tornado's `request.get_ssl_certificate()` is the first of its `peer_certificates`. They are there
    /// if the server asks for them, with `ClientCertificates`.
    #[must_use]
    pub fn tls_info(&self) -> Option<TlsInfo> {
        self.exchange.tls_info()
    }

    /// Returns the header fields of the request.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.request().headers()
    }

    /// Returns the first value of a header field of the request, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)
    }
}
