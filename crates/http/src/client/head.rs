//! The head of a request, as one step of a chain of redirects sends it.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::Method;

use super::HttpRequest;
use super::auth::basic;
use super::body::RequestBody;
use super::error::FetchError;
use super::hop::{Hop, needs_body};
use super::proxy::Proxy;
use crate::coding::DECODABLE;
use crate::h1::encode_request::{RequestFraming, encode_request};

/// Fields that say who asks; they do not go to another origin (CVE-2026-49853).
const CREDENTIALS: [&str; 3] = ["Authorization", "Cookie", "Cookie2"];
/// Fields that describe a body; they go when the body does.
const OF_BODY: [&str; 5] = [
    "Content-Length",
    "Content-Type",
    "Content-Encoding",
    "Content-Language",
    "Transfer-Encoding",
];
const USER_AGENT: &str = concat!("Waterspout/", env!("CARGO_PKG_VERSION"));
/// Every coding that this build can undo.
static ACCEPT_ENCODING: LazyLock<String> = LazyLock::new(|| DECODABLE.join(", "));

/// What the client adds to a request.
#[derive(Debug, Default)]
pub(super) struct Additions<'a> {
    pub(super) proxy: Option<&'a Proxy>,
    /// The digest that the server wants.
    pub(super) authorization: Option<String>,
    /// The cookies of the jar.
    pub(super) cookie: Option<Vec<u8>>,
}

impl Hop {
    /// Makes the octets of the head.
    pub(super) fn encode(
        &self,
        request: &HttpRequest,
        additions: &Additions<'_>,
    ) -> Result<Vec<u8>, FetchError> {
        let framing = self.framing(request)?;
        let mut own = Vec::with_capacity(8);
        self.own_fields(request, &mut own);
        self.add(request, additions, &mut own);
        let absolute = self.is_absolute(request, additions.proxy);
        let given = request.headers.iter_bytes();
        let given = given.filter(|(name, _)| self.sends(name, absolute));
        let own = own.iter().map(|(name, value)| (name.as_bytes(), &**value));
        let fields = given.chain(own);
        let mut head = Vec::with_capacity(256);
        if absolute {
            let target = self.url.to_string();
            encode_request(&self.method, &target, fields, framing, &mut head)?;
        } else {
            encode_request(&self.method, &self.url.target, fields, framing, &mut head)?;
        }
        Ok(head)
    }

    fn framing(&self, request: &HttpRequest) -> Result<RequestFraming, FetchError> {
        let given = self.given_length(request)?;
        let known = match self.body(request) {
            Some(RequestBody::Whole(body)) => Some(body.len() as u64),
            Some(RequestBody::Produced { length, .. }) => *length,
            // RFC 9110 §8.6: where a body is usual, its absence is said.
            None if needs_body(&self.method) => return Ok(RequestFraming::Length(0)),
            None => return Ok(RequestFraming::None),
        };
        if let (Some(given), Some(known)) = (given, known)
            && given != known
        {
            return Err(FetchError::request(
                "Content-Length is not the length of the body",
            ));
        }
        Ok(known
            .or(given)
            .map_or(RequestFraming::Chunked, RequestFraming::Length))
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
            *length = length.or(self.given_length(request)?);
        }
        Ok(body)
    }

    /// Tells whether a field that the caller gave is sent. `Proxy-Authorization` is for a proxy, so it
    /// goes with what a proxy reads, and nowhere else.
    fn sends(&self, name: &[u8], to_proxy: bool) -> bool {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        !(is("Content-Length")
            || self.redirected && is("Host")
            || is("Proxy-Authorization") && !to_proxy
            || self.stripped && CREDENTIALS.iter().any(|known| is(known))
            || self.bodiless && OF_BODY.iter().any(|known| is(known)))
    }

    /// The fields that the caller did not give.
    fn own_fields<'f>(&'f self, request: &'f HttpRequest, own: &mut Fields<'f>) {
        let mut append = |name, value: Cow<'f, str>| own.push((name, text(value)));
        let missing = |name: &str| !request.headers.contains(name);
        let options = &request.options;
        if self.redirected || missing("Host") {
            append("Host", self.url.authority());
        }
        if let Some((user, password)) = self.credentials(request)
            && self.digest_credentials(request).is_none()
            && (self.stripped || missing("Authorization"))
        {
            append("Authorization", basic(user, password).into());
        }
        let user_agent = options.user_agent.as_deref().unwrap_or(USER_AGENT);
        if missing("User-Agent") && !user_agent.is_empty() {
            append("User-Agent", user_agent.into());
        }
        if self.holds_body(request) && missing("Expect") {
            append("Expect", "100-continue".into());
        }
        if self.method == Method::POST && self.body(request).is_some() && missing("Content-Type") {
            append("Content-Type", "application/x-www-form-urlencoded".into());
        }
        if options.decompress_response && !DECODABLE.is_empty() && missing("Accept-Encoding") {
            append("Accept-Encoding", ACCEPT_ENCODING.as_str().into());
        }
    }

    /// What the client knows and the request does not.
    fn add<'f>(&self, request: &HttpRequest, additions: &'f Additions<'_>, own: &mut Fields<'f>) {
        if let Some(digest) = &additions.authorization {
            own.push(("Authorization", Cow::Borrowed(digest.as_bytes())));
        }
        if let Some(cookie) = &additions.cookie {
            own.push(("Cookie", Cow::Borrowed(cookie)));
        }
        if let Some(proxy) = additions
            .proxy
            .filter(|_| self.is_absolute(request, additions.proxy))
            && !request.headers.contains("Proxy-Authorization")
            && let Some(authorization) = proxy.authorization()
        {
            own.push(("Proxy-Authorization", text(authorization.into())));
        }
    }
}

/// Fields that the caller did not give. They are checked when they are encoded.
type Fields<'f> = Vec<(&'static str, Cow<'f, [u8]>)>;

fn text(value: Cow<'_, str>) -> Cow<'_, [u8]> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
