use http::StatusCode;

use super::RequestHandler;
use crate::context::Context;
use crate::error::{HttpError, Result};
use crate::percent;

/// A handler that sends GET and HEAD elsewhere.
///
/// `{name}` and `{0}` in the destination stand for what the route's pattern captured; the query of
/// the request is appended. The host is always the one written in the destination: text that was
/// captured can neither name a host nor make the path begin with two slashes, and a request that
/// tries is a 400.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, RedirectHandler};
///
/// let app = Application::new(())
///     .route("/pictures/{*rest}", RedirectHandler::new("/photos/{rest}"))
///     .route_regex(r"/(\d+)/(\w+)", RedirectHandler::new("/{1}/{0}").permanent(false));
/// # drop(app);
/// ```
#[derive(Debug, Clone)]
pub struct RedirectHandler {
    url: String,
    status: StatusCode,
}

impl RedirectHandler {
    /// Creates a handler with a destination; it answers 301 unless told otherwise.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            status: StatusCode::MOVED_PERMANENTLY,
        }
    }

    /// Chooses between 301 and 302. Default: `true`.
    #[must_use]
    pub fn permanent(self, permanent: bool) -> Self {
        self.status(if permanent {
            StatusCode::MOVED_PERMANENTLY
        } else {
            StatusCode::FOUND
        })
    }

    /// Answers with another status, such as 307 or 308. Default: 301.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl<S: 'static> RequestHandler<S> for RedirectHandler {
    async fn get(&mut self, cx: &mut Context<S>) -> Result {
        let mut url = fill(&self.url, |name| {
            let text = cx.path_optional::<String>(name)?.unwrap_or_default();
            let encoded = match cx.captures_within_segment(name) {
                true => percent::encode_segment(&text).collect(),
                false => percent::encode_path(&text).collect(),
            };
            Ok(Captured { text, encoded })
        })?;
        if let Some(query) = cx.request().query() {
            append_query(&mut url, query);
        }
        cx.redirect_with(&url, self.status)
    }
}

/// What the route's pattern captured, and how it is written into a URL.
struct Captured {
    text: String,
    encoded: String,
}

/// Puts the captures into the destination.
fn fill(template: &str, value: impl Fn(&str) -> Result<Captured>) -> Result<String> {
    let mut url = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        url.push_str(literal);
        let (name, after) = tail.split_once('}').ok_or_else(unsafe_destination)?;
        let captured = value(name)?;
        check_placement(&url, &captured.text)?;
        url.push_str(&captured.encoded);
        rest = after;
    }
    url.push_str(rest);
    if changes_origin(template, &url) {
        return Err(unsafe_destination());
    }
    Ok(url)
}

/// Refuses text that would continue a host name, or stand where the path begins.
fn check_placement(before: &str, text: &str) -> Result {
    let authority = before.split_once("//").map(|(_, authority)| authority);
    let in_authority = authority.is_some_and(|host| !host.contains(['/', '?', '#']));
    if in_authority && !text.starts_with('/') {
        return Err(unsafe_destination());
    }
    Ok(())
}

/// Tells whether a destination that should stay on this host would leave it.
fn changes_origin(template: &str, url: &str) -> bool {
    if template.starts_with('{') {
        return !url.starts_with('/') || url.starts_with("//");
    }
    let is_path = template.starts_with('/') && !template.starts_with("//");
    is_path && url.starts_with("//")
}

fn unsafe_destination() -> crate::Error {
    HttpError::bad_request("the redirect would lead to another host").into()
}

/// Appends a query to what the URL has already, before its fragment.
fn append_query(url: &mut String, query: &str) {
    let fragment = url.find('#').map(|at| url.split_off(at));
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(query);
    url.extend(fragment);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, value: &str) -> Option<String> {
        let captured = |_: &str| {
            Ok(Captured {
                text: value.to_owned(),
                encoded: percent::encode_path(value).collect(),
            })
        };
        fill(template, captured).ok()
    }

    #[test]
    fn captures_are_encoded_into_the_destination() {
        assert_eq!(filled("/p/{rest}", "a b/ü").unwrap(), "/p/a%20b/%C3%BC");
        assert_eq!(filled("https://h/{0}", "x").unwrap(), "https://h/x");
        assert_eq!(filled("https://h{0}", "/x").unwrap(), "https://h/x");
        assert_eq!(filled("{0}", "/x").unwrap(), "/x");
    }

    #[test]
    fn captures_cannot_choose_the_host() {
        for (template, value) in [
            ("{0}", "//evil.com"),
            ("{0}", "https://evil.com"),
            ("/{0}", "/evil.com"),
            ("https://{0}/x", "evil.com"),
            ("https://h{0}", "@evil.com/"),
            ("https://h{0}", ".evil.com"),
        ] {
            assert_eq!(filled(template, value), None, "{template} {value}");
        }
        assert_eq!(filled("/{0}", "\\evil.com").unwrap(), "/%5Cevil.com");
    }

    #[test]
    fn queries_are_joined_before_the_fragment() {
        let mut url = "/dst?foo=bar#top".to_owned();
        append_query(&mut url, "foo2=bar2");
        assert_eq!(url, "/dst?foo=bar&foo2=bar2#top");
        let mut url = "/dst".to_owned();
        append_query(&mut url, "a");
        assert_eq!(url, "/dst?a");
    }
}
