//! One step of a chain of redirects: what is sent where.

use std::rc::Rc;

use http::{Method, StatusCode};

use super::auth::{Asked, Entity};
use super::body::RequestBody;
use super::error::FetchError;
use super::pool::Key;
use super::proxy::{Proxy, ProxyKind};
use super::request::Reach;
use super::url::{Scheme, Url};
use super::{AuthMode, HttpRequest};
use crate::h1::response::ReceivedHead;

/// A request as it goes out, which redirects have changed.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) url: Rc<Url>,
    pub(super) method: Method,
    /// The body was dropped with the method.
    pub(super) bodiless: bool,
    /// The credentials were left at another origin.
    pub(super) stripped: bool,
    pub(super) redirected: bool,
    /// How often a 401 to this was answered by a digest.
    answers: u32,
}

impl Hop {
    /// Checks the request and makes the first hop.
    pub(super) fn first(request: &HttpRequest) -> Result<Self, FetchError> {
        if let Some(problem) = &request.problem {
            return Err(FetchError::request(problem.as_str()));
        }
        check_method(request)?;
        Ok(Self {
            url: Rc::new(Url::parse(&request.url)?),
            method: request.method.clone(),
            bodiless: false,
            stripped: false,
            redirected: false,
            answers: 0,
        })
    }

    /// Returns where the response sends the request, if it does (RFC 9110 §15.4, Tornado 6.6.1).
    pub(super) fn next(
        &self,
        head: &ReceivedHead,
        first: &Url,
    ) -> Result<Option<Self>, FetchError> {
        let status = head.status();
        let location = head.headers().get_bytes("Location");
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (status.as_u16(), location) else {
            return Ok(None);
        };
        let location = String::from_utf8_lossy(location);
        let joined = self.url.join(location.trim_matches([' ', '\t']));
        let mut url = joined
            .map_err(|error| FetchError::malformed(format!("redirect to nowhere: {}", error.0)))?;
        let same = url.same_origin(first);
        if !same || self.stripped {
            url.user = None;
        }
        let to_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        Ok(Some(Self {
            url: Rc::new(url),
            method: if to_get {
                Method::GET
            } else {
                self.method.clone()
            },
            bodiless: self.bodiless || to_get,
            stripped: self.stripped || !same,
            redirected: true,
            answers: 0,
        }))
    }

    pub(super) fn body<'r>(&self, request: &'r HttpRequest) -> Option<&'r RequestBody> {
        request.body.as_ref().filter(|_| !self.bodiless)
    }

    pub(super) fn key(&self, request: &HttpRequest, proxy: Option<Rc<Proxy>>) -> Key {
        Key {
            scheme: self.url.scheme,
            host: self.url.host_name().to_owned(),
            port: self.url.port,
            reach: self.reach(request),
            tunneled: self.url.scheme == Scheme::Https || request.options.upgrade,
            proxy,
        }
    }

    /// The way to the server. Certificate and name are for the origin of the first URL.
    fn reach(&self, request: &HttpRequest) -> Option<Rc<Reach>> {
        let mut reach = request.options.reach.clone()?;
        let tls = &reach.tls;
        if self.stripped && (tls.client_cert.is_some() || tls.server_name.is_some()) {
            let tls = &mut Rc::make_mut(&mut reach).tls;
            (tls.client_cert, tls.client_key, tls.server_name) = (None, None, None);
        }
        Some(reach)
    }

    /// User and password for this origin; those in the URL win.
    pub(super) fn credentials<'r>(
        &'r self,
        request: &'r HttpRequest,
    ) -> Option<(&'r str, &'r str)> {
        let of_request = request.options.auth.as_ref().filter(|_| !self.stripped);
        let (user, password) = self.url.user.as_ref().or(of_request)?;
        Some((user, password))
    }

    /// Those that are shown as a digest.
    pub(super) fn digest_credentials<'r>(
        &'r self,
        request: &'r HttpRequest,
    ) -> Option<(&'r str, &'r str)> {
        let given = !self.stripped && request.headers.contains("Authorization");
        let digest = request.options.auth_mode == AuthMode::Digest && !given;
        self.credentials(request).filter(|_| digest)
    }

    /// Returns what the server asks for if it is worth to answer: once, and again if only the nonce
    /// was too old.
    pub(super) fn asked(
        &mut self,
        request: &HttpRequest,
        head: &ReceivedHead,
    ) -> Result<Option<Asked>, FetchError> {
        let unanswered = head.status() == StatusCode::UNAUTHORIZED && self.answers < 3;
        if !unanswered || self.digest_credentials(request).is_none() {
            return Ok(None);
        }
        let asked = Asked::of(head.headers())?;
        let asked = asked.filter(|asked| self.answers == 0 || asked.is_stale());
        self.answers += 1;
        Ok(asked)
    }

    /// The body, as far as a digest may be about it.
    pub(super) fn entity<'r>(&self, request: &'r HttpRequest) -> Entity<'r> {
        match self.body(request) {
            None => Entity::Known(&[]),
            Some(RequestBody::Whole(body)) => Entity::Known(body),
            Some(RequestBody::Produced { .. }) => Entity::Produced,
        }
    }

    /// Tells whether the request names the whole URL: an HTTP proxy has to know where it goes. What
    /// leaves HTTP goes through a tunnel (RFC 6455 §4.1).
    pub(super) fn is_absolute(&self, request: &HttpRequest, proxy: Option<&Proxy>) -> bool {
        self.url.scheme == Scheme::Http
            && !request.options.upgrade
            && proxy.is_some_and(|proxy| proxy.kind == ProxyKind::Http)
    }

    /// Tells whether the body waits for `100 Continue`.
    pub(super) fn holds_body(&self, request: &HttpRequest) -> bool {
        request.options.expect_100_continue && self.body(request).is_some()
    }

    /// Tells whether the connection stays open as far as the request says.
    pub(super) fn keep_alive(&self, request: &HttpRequest) -> bool {
        let mut options = request.headers.get_all("Connection");
        !options.any(|value| {
            value
                .to_ascii_lowercase()
                .windows(5)
                .any(|part| part == b"close")
        })
    }
}

pub(super) fn needs_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Tornado's rules: the seven usual methods, and bodies where they belong.
fn check_method(request: &HttpRequest) -> Result<(), FetchError> {
    let method = &request.method;
    if *method == Method::CONNECT {
        return Err(FetchError::request(
            "CONNECT makes a tunnel, which a fetch cannot",
        ));
    }
    if request.options.allow_nonstandard_methods {
        return Ok(());
    }
    let usual = matches!(
        *method,
        Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS
    );
    if !usual && !needs_body(method) {
        return Err(FetchError::request(format!(
            "unknown method {method} (allow_nonstandard_methods is off)"
        )));
    }
    match (&request.body, needs_body(method)) {
        (None, true) => Err(FetchError::request(format!(
            "body must not be None for method {method}"
        ))),
        (Some(_), false) => Err(FetchError::request(format!(
            "body must be None for method {method}"
        ))),
        _ => Ok(()),
    }
}
