//! Asking an identity provider: small JSON, soon, over TLS.

use std::time::Duration;

use http::{StatusCode, Uri};
use serde_json::Value;
use waterspout_http::client::{HttpClient, HttpRequest};

use crate::error::{Error, HttpError, Misuse, Result};
use crate::percent;

/// How long a provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most octets of an answer.
const MAX_ANSWER: u64 = 1024 * 1024;

/// Sends a request and reads the JSON of the answer, whatever its status is.
pub(super) async fn fetch_json(
    http: &HttpClient,
    request: HttpRequest,
) -> Result<(StatusCode, Value)> {
    let (status, body) = fetch(http, request.header("Accept", "application/json")).await?;
    let value =
        serde_json::from_str(&body).map_err(|error| unusable("is no JSON").with_cause(error))?;
    Ok((status, value))
}

/// Sends a request and reads the answer, whatever its status is.
pub(super) async fn fetch(http: &HttpClient, request: HttpRequest) -> Result<(StatusCode, String)> {
    require_secure(request.url())?;
    let request = request
        .request_timeout(PATIENCE)
        .max_body_size(MAX_ANSWER)
        .follow_redirects(false)
        .raise_error(false);
    let response = http.fetch(request).await;
    let response = response.map_err(|error| unusable("did not come").with_cause(error))?;
    Ok((response.status(), response.text().into_owned()))
}

/// The error of an answer that is of no use. What the answer was is not shown: it may hold tokens.
pub(super) fn unusable(why: &str) -> Error {
    let message = format!("The answer of the identity provider {why}");
    Error::new(StatusCode::BAD_GATEWAY, message)
}

/// The error of a sign-in that does not count.
pub(super) fn refused(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    HttpError::forbidden(why).into()
}

/// Refuses URLs without TLS, but for those of this machine.
pub(super) fn require_secure(url: &str) -> Result {
    let parsed: Option<Uri> = url.parse().ok();
    let is_secure = parsed.is_some_and(|uri| match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    });
    if is_secure {
        return Ok(());
    }
    let origin = url.split(['?', '#']).next().unwrap_or_default();
    Err(Misuse::new(format!("an identity provider needs https: {origin:?}")).into())
}

/// Appends arguments to a URL.
pub(super) fn with_query<'p>(
    url: &str,
    pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> String {
    let mut out = url.to_owned();
    for (name, value) in pairs {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.extend(percent::encode_segment(name));
        out.push('=');
        out.extend(percent::encode_segment(value));
    }
    out
}

/// A random text that nobody guesses: 32 octets in base64 for URLs.
pub(super) fn random_text() -> Result<String> {
    let mut octets = [0; 32];
    getrandom::fill(&mut octets)?;
    Ok(waterspout_http::base64::encode_url(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_trusted_without_tls() {
        for url in [
            "https://id.example/x",
            "http://127.0.0.1:8000/",
            "http://localhost/",
            "http://[::1]:1/",
        ] {
            assert!(require_secure(url).is_ok(), "{url}");
        }
        for url in [
            "http://id.example/",
            "http://localhost.evil/",
            "ftp://x/",
            "",
            "/x",
            "http://127.0.0.1@evil/",
        ] {
            assert!(require_secure(url).is_err(), "{url}");
        }
    }

    #[test]
    fn arguments_are_appended_to_what_is_there() {
        assert_eq!(
            with_query("https://a/b", [("c", "d e&f"), ("g", "é")]),
            "https://a/b?c=d%20e%26f&g=%C3%A9"
        );
        assert_eq!(
            with_query("https://a/?x=1", [("y", "2")]),
            "https://a/?x=1&y=2"
        );
    }
}
