//! Turning URLs in plain text into links.

mod find;
mod shorten;

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use self::find::{Found, next_url};
use self::shorten::shorten;
use super::xhtml_escape;

/// Escapes plain text and makes links of the URLs in it.
///
/// See [`Linkify`] for what can be chosen.
///
/// # Examples
///
/// ```
/// use waterspout::escape::linkify;
///
/// let html = linkify("Hello http://tornadoweb.org!");
/// assert_eq!(html, r#"Hello <a href="http://tornadoweb.org">http://tornadoweb.org</a>!"#);
/// ```
#[must_use]
pub fn linkify(text: &str) -> String {
    Linkify::new().apply(text)
}

/// How URLs in plain text become links.
///
/// A URL begins with a scheme and up to three slashes, or with `www.`; punctuation at its end, and a closing
/// parenthesis that has no opening one in it, are not part of it.
///
/// # Examples
///
/// ```
/// use waterspout::escape::Linkify;
///
/// let html = Linkify::new().extra_params(r#"rel="nofollow""#).apply("see www.example.com");
/// assert_eq!(html, r#"see <a href="http://www.example.com" rel="nofollow">www.example.com</a>"#);
/// ```
pub struct Linkify<'a> {
    shorten: bool,
    extra_params: Params<'a>,
    require_protocol: bool,
    permitted_protocols: Cow<'a, [&'a str]>,
}

enum Params<'a> {
    Fixed(&'a str),
    Made(Box<dyn Fn(&str) -> String + 'a>),
}

impl<'a> Linkify<'a> {
    /// Creates the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shorten: false,
            extra_params: Params::Fixed(""),
            require_protocol: false,
            permitted_protocols: Cow::Borrowed(&["http", "https"]),
        }
    }

    /// Shows long URLs shortened to about 30 characters, with the whole in the link's title.
    /// Default: off.
    #[must_use]
    pub fn shorten(mut self, on: bool) -> Self {
        self.shorten = on;
        self
    }

    /// Adds attributes to every link, such as `rel="nofollow"`. They are written as they are.
    /// Default: none.
    #[must_use]
    pub fn extra_params(mut self, attributes: &'a str) -> Self {
        self.extra_params = Params::Fixed(attributes);
        self
    }

    /// Adds attributes to every link that a function makes of its address. Default: none.
    #[must_use]
    pub fn extra_params_with(mut self, make: impl Fn(&str) -> String + 'a) -> Self {
        self.extra_params = Params::Made(Box::new(make));
        self
    }

    /// Leaves alone what begins with `www.` and names no scheme. Default: off.
    #[must_use]
    pub fn require_protocol(mut self, on: bool) -> Self {
        self.require_protocol = on;
        self
    }

    /// Says which schemes become links. It is dangerous to allow `javascript`.
    /// Default: `http` and `https`.
    #[must_use]
    pub fn permitted_protocols(mut self, protocols: &'a [&'a str]) -> Self {
        self.permitted_protocols = Cow::Borrowed(protocols);
        self
    }

    /// Escapes plain text and makes links of the URLs in it. The result is HTML.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let escaped = xhtml_escape(text);
        let text = &*escaped;
        let mut html = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(found) = next_url(text, from) {
            html.push_str(&text[from..found.start]);
            self.write_link(&mut html, text, &found);
            from = found.end;
        }
        html.push_str(&text[from..]);
        html
    }

    fn write_link(&self, html: &mut String, text: &str, found: &Found) {
        let url = &text[found.start..found.end];
        let scheme = found.scheme.map(|length| &url[..length]);
        let wanted = match scheme {
            Some(scheme) => self.permitted_protocols.contains(&scheme),
            None => !self.require_protocol,
        };
        if !wanted {
            html.push_str(url);
            return;
        }
        let address = match scheme {
            Some(_) => Cow::Borrowed(url),
            None => Cow::Owned(format!("http://{url}")),
        };
        // Writing to a String does not fail.
        _ = write!(html, "<a href=\"{address}\"");
        let made;
        let extra = match &self.extra_params {
            Params::Fixed(text) => *text,
            Params::Made(make) => {
                made = make(&address);
                &made
            }
        };
        let extra = extra.trim();
        if !extra.is_empty() {
            _ = write!(html, " {extra}");
        }
        let shown = self.shorten.then(|| shorten(url, found.prefix)).flatten();
        if shown.is_some() {
            _ = write!(html, " title=\"{address}\"");
        }
        _ = write!(html, ">{}</a>", shown.as_deref().unwrap_or(url));
    }
}

impl Default for Linkify<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Linkify<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linkify")
            .field("shorten", &self.shorten)
            .field("require_protocol", &self.require_protocol)
            .field("permitted_protocols", &self.permitted_protocols)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
