//! Redirects.

use http::StatusCode;

use super::{Context, Stage};
use crate::error::{HttpError, Misuse, Result};
use crate::percent;

impl<S> Context<S> {
    /// Sends the client elsewhere with a 302. The body is empty and complete afterwards.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent, and with a 400 if the URL is not safe to send: if it holds control
    /// characters, or begins with a blank or with two slashes or backslashes, which browsers read
    /// as another host.
    pub fn redirect(&mut self, url: &str) -> Result {
        self.redirect_with(url, StatusCode::FOUND)
    }

    /// Sends the client elsewhere with a 301, which it may remember.
    ///
    /// # Errors
    ///
    /// Fails as [`redirect`](Self::redirect) does.
    pub fn redirect_permanent(&mut self, url: &str) -> Result {
        self.redirect_with(url, StatusCode::MOVED_PERMANENTLY)
    }

    /// Sends the client elsewhere with a status of the 3xx class.
    ///
    /// # Errors
    ///
    /// Fails as [`redirect`](Self::redirect) does, and if the status is not of that class.
    pub fn redirect_with(&mut self, url: &str, status: StatusCode) -> Result {
        if self.exchange.head_sent() {
            let problem = "Cannot redirect after headers have been written";
            return Err(Misuse::new(problem).into());
        }
        if !status.is_redirection() {
            return Err(Misuse::new(format!("{status} is not a redirect")).into());
        }
        if self.is_finished() {
            return Err(Misuse::new("Cannot redirect() after finish()").into());
        }
        if !is_safe(url) {
            return Err(HttpError::bad_request("the redirect is not safe").into());
        }
        self.exchange.clear_body();
        self.set_status(status);
        self.set_header("Location", &*percent::encode_url(url))?;
        self.stage = Stage::Closed;
        Ok(())
    }

    /// Returns the argument `next` if it leads to a page of this site, else the default: where to go after
    /// signing in.
    ///
    /// A path is taken, and a URL of this protocol and host, of which the path is left. Everything that a
    /// browser may read as another host is not: `//`, backslashes, control characters.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the arguments cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result};
    ///
    /// async fn login(cx: &mut Context) -> Result {
    ///     cx.set_signed_cookie("user", "ada")?;
    ///     let next = cx.next_url("/")?;
    ///     cx.redirect(&next)
    /// }
    /// ```
    pub fn next_url(&mut self, default: &str) -> Result<String> {
        let next = self.argument_optional("next")?.unwrap_or_default();
        let origin = format!("{}://{}", self.protocol(), self.host());
        let path = next.strip_prefix(&origin).unwrap_or(&next);
        Ok(if is_local(path) { path } else { default }.to_owned())
    }
}

/// Tells whether a URL is a path of this site in every browser.
pub(crate) fn is_local(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    url.starts_with('/') && is_safe(url) && !path.contains('\\')
}

/// Tells whether a URL leads where it seems to, in every browser.
fn is_safe(url: &str) -> bool {
    let mut start = url.bytes();
    let slashes = matches!(
        (start.next(), start.next()),
        (Some(b'/' | b'\\'), Some(b'/' | b'\\'))
    );
    !slashes
        && !url.starts_with(' ')
        && !url.is_empty()
        && !url.bytes().any(|b| b.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::{is_local, is_safe};

    #[test]
    fn only_paths_are_local() {
        for url in ["/", "/a//b?next=//x#y", "/é", "/%2F/evil", "/?\\"] {
            assert!(is_local(url), "{url:?}");
        }
        for url in [
            "",
            "a",
            "?a",
            "#a",
            "//evil",
            "/\\evil",
            "\\/evil",
            "\\\\evil",
            "https://evil",
            "https:evil",
            "javascript:alert(1)",
            " /a",
            "/\t/evil",
            "\t//evil",
            "/a\\..\\b",
            "/a\r\nX: y",
            "@evil",
            ".evil",
        ] {
            assert!(!is_local(url), "{url:?}");
        }
    }

    #[test]
    fn only_urls_that_stay_where_they_point_are_safe() {
        for url in ["/", "/a//b", "https://example.com/", "?next", "é", "\\a"] {
            assert!(is_safe(url), "{url:?}");
        }
        let unsafe_urls = [
            "",
            "//evil",
            "/\\evil",
            "\\\\evil",
            "\\/evil",
            " //evil",
            "/\t/evil",
            "/a\r\nX: y",
        ];
        for url in unsafe_urls {
            assert!(!is_safe(url), "{url:?}");
        }
    }
}
