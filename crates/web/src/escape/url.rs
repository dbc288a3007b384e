//! Percent-encoding of values of URLs.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::percent;

/// Escapes a value for the query of a URL or for a form: a blank becomes `+`, a slash `%2F`.
///
/// # Examples
///
/// ```
/// use waterspout::escape::url_escape;
///
/// assert_eq!(url_escape("a b/é&+"), "a+b%2F%C3%A9%26%2B");
/// ```
#[must_use]
pub fn url_escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for piece in percent::encode_segment(value) {
        escaped.push_str(if piece == "%20" { "+" } else { piece });
    }
    escaped
}

/// Escapes a value for the path of a URL: a blank becomes `%20`, slashes stay. It is Tornado's
/// `url_escape(value, plus=False)`.
///
/// # Examples
///
/// ```
/// use waterspout::escape::url_escape_path;
///
/// assert_eq!(url_escape_path("a b/é+"), "a%20b/%C3%A9%2B");
/// ```
#[must_use]
pub fn url_escape_path(value: &str) -> String {
    percent::encode_path(value).collect()
}

/// Decodes a value of a query or form, where `+` is a blank. What is not UTF-8 becomes U+FFFD.
///
/// # Examples
///
/// ```
/// use waterspout::escape::url_unescape;
///
/// assert_eq!(url_unescape("a+b%2F%C3%A9%ff%"), "a b/é\u{fffd}%");
/// ```
#[must_use]
pub fn url_unescape(value: &str) -> String {
    lossy(percent::decode_form(value.as_bytes()).into_owned())
}

/// Decodes a piece of a path, where `+` is a plus. What is not UTF-8 becomes U+FFFD. It is Tornado's
/// `url_unescape(value, plus=False)`.
#[must_use]
pub fn url_unescape_path(value: &str) -> String {
    percent_decode(value.as_bytes())
        .decode_utf8_lossy()
        .into_owned()
}

/// Decodes a value of a query or form to the bytes it stands for. It is Tornado's
/// `url_unescape(value, encoding=None)`.
#[must_use]
pub fn url_unescape_bytes(value: &str) -> Vec<u8> {
    percent::decode_form(value.as_bytes()).into_owned()
}

fn lossy(bytes: Vec<u8>) -> String {
    match String::from_utf8_lossy(&bytes) {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        for value in ["", "é", "+ #%", "a/b c", "\u{0}\u{7f}"] {
            assert_eq!(url_unescape(&url_escape(value)), value);
            assert_eq!(url_unescape_path(&url_escape_path(value)), value);
        }
    }

    #[test]
    fn plus_is_a_blank_in_queries_alone() {
        assert_eq!(url_escape("+ #%"), "%2B+%23%25");
        assert_eq!(url_escape_path("+ #%"), "%2B%20%23%25");
        assert_eq!(url_unescape("%2B+%23%25"), "+ #%");
        assert_eq!(url_unescape_path("%2B%20%23%25+"), "+ #%+");
        assert_eq!(url_unescape_bytes("%E9+"), [0xe9, b' ']);
    }
}
