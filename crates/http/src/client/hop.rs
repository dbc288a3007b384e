//! One step of a chain of redirects: what is sent where.

use http::{Method, StatusCode};

use super::HttpRequest;
use super::base64::basic;
use super::body::RequestBody;
use super::error::FetchError;
use super::pool::Key;
use super::url::Url;
use crate::Headers;
use crate::h1::encode_request::{RequestFraming, encode_request};
use crate::h1::response::ReceivedHead;

/// Fields that say who asks; they do not go to another origin (CVE-2026-49853).
const CREDENTIALS: [&str; 4] = ["Authorization", "Cookie", "Cookie2", "Proxy-Authorization"];
/// Fields that describe a body; they go when the body does.
const OF_BODY: [&str; 5] = [
    "Content-Length",
    "Content-Type",
    "Content-Encoding",
    "Content-Language",
    "Transfer-Encoding",
];
const USER_AGENT: &str = concat!("Waterspout/", env!("CARGO_PKG_VERSION"));

/// A request as it goes out, which redirects have changed.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) url: Url,
    pub(super) method: Method,
    /// The body was dropped with the method.
    bodiless: bool,
    /// The credentials were left at another origin.
    stripped: bool,
    redirected: bool,
}

impl Hop {
    /// Checks the request and makes the first hop.
    pub(super) fn first(request: &HttpRequest) -> Result<Self, FetchError> {
        if let Some(problem) = &request.problem {
            return Err(FetchError::request(problem.as_str()));
        }
        check_method(request)?;
        Ok(Self {
            url: Url::parse(&request.url)?,
            method: request.method.clone(),
            bodiless: false,
            stripped: false,
            redirected: false,
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
            url,
            method: if to_get {
                Method::GET
            } else {
                self.method.clone()
            },
            bodiless: self.bodiless || to_get,
            stripped: self.stripped || !same,
            redirected: true,
        }))
    }

    pub(super) fn body<'r>(&self, request: &'r HttpRequest) -> Option<&'r RequestBody> {
        request.body.as_ref().filter(|_| !self.bodiless)
    }

    pub(super) fn key(&self, request: &HttpRequest) -> Key {
        Key {
            scheme: self.url.scheme,
            host: self.url.host_name().to_owned(),
            port: self.url.port,
            unix_socket: request.options.unix_socket.clone(),
            network_interface: request.options.network_interface,
            allow_ipv6: request.options.allow_ipv6,
            tls: request.options.tls.clone(),
        }
    }

    /// Makes the octets of the head.
    pub(super) fn encode(&self, request: &HttpRequest) -> Result<Vec<u8>, FetchError> {
        let framing = self.framing(request)?;
        let mut own = Headers::new();
        self.own_fields(request, &mut own)?;
        let given = request
            .headers
            .iter_bytes()
            .filter(|(name, _)| self.sends(name));
        let fields = given.chain(own.iter_bytes());
        let mut head = Vec::with_capacity(256);
        encode_request(&self.method, &self.url.target, fields, framing, &mut head)?;
        Ok(head)
    }

    fn framing(&self, request: &HttpRequest) -> Result<RequestFraming, FetchError> {
        let given = self.given_length(request)?;
        match self.body(request) {
            Some(RequestBody::Whole(body)) => {
                let length = body.len() as u64;
                if given.is_some_and(|given| given != length) {
                    return Err(FetchError::request(
                        "Content-Length is not the length of the body",
                    ));
                }
                Ok(RequestFraming::Length(length))
            }
            Some(RequestBody::Produced { .. }) => {
                Ok(given.map_or(RequestFraming::Chunked, RequestFraming::Length))
            }
            // RFC 9110 §8.6: where a body is usual, its absence is said.
            None if needs_body(&self.method) => Ok(RequestFraming::Length(0)),
            None => Ok(RequestFraming::None),
        }
    }

    /// The `Content-Length` that the caller gave; digits only.
    fn given_length(&self, request: &HttpRequest) -> Result<Option<u64>, FetchError> {
        let Some(value) = request
            .headers
            .get("Content-Length")
            .filter(|_| !self.bodiless)
        else {
            return Ok(None);
        };
        let digits = !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit());
        let length = value.parse().ok().filter(|_| digits);
        length
            .map(Some)
            .ok_or_else(|| FetchError::request("Content-Length is not a decimal number"))
    }

    /// The body to send, with the length it was announced with.
    pub(super) fn sized_body(
        &self,
        request: &HttpRequest,
    ) -> Result<Option<RequestBody>, FetchError> {
        let mut body = self.body(request).cloned();
        if let Some(RequestBody::Produced { length, .. }) = &mut body {
            *length = self.given_length(request)?;
        }
        Ok(body)
    }

    fn sends(&self, name: &[u8]) -> bool {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        !(is("Content-Length")
            || self.redirected && is("Host")
            || self.stripped && CREDENTIALS.iter().any(|known| is(known))
            || self.bodiless && OF_BODY.iter().any(|known| is(known)))
    }

    /// The fields that the caller did not give.
    fn own_fields(&self, request: &HttpRequest, own: &mut Headers) -> Result<(), FetchError> {
        let missing = |name: &str| !request.headers.contains(name);
        let options = &request.options;
        if self.redirected || missing("Host") {
            own.append("Host", self.url.authority())?;
        }
        let auth = self
            .url
            .user
            .as_ref()
            .or(options.auth.as_ref().filter(|_| !self.stripped));
        if let Some((user, password)) = auth
            && (self.stripped || missing("Authorization"))
        {
            own.append("Authorization", basic(user, password))?;
        }
        let user_agent = options.user_agent.as_deref().unwrap_or(USER_AGENT);
        if missing("User-Agent") && !user_agent.is_empty() {
            own.append("User-Agent", user_agent)?;
        }
        if self.holds_body(request) && missing("Expect") {
            own.append("Expect", "100-continue")?;
        }
        if self.method == Method::POST && self.body(request).is_some() && missing("Content-Type") {
            own.append("Content-Type", "application/x-www-form-urlencoded")?;
        }
        if options.decompress_response && missing("Accept-Encoding") {
            own.append("Accept-Encoding", "gzip")?;
        }
        Ok(())
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

fn needs_body(method: &Method) -> bool {
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
