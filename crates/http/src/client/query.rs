//! Arguments in the query of a URL.

use percent_encoding::percent_decode;

use super::body::encode_form_octets;

/// Appends arguments to the query of a URL: Tornado's `url_concat`.
///
/// What the URL has of a query is encoded anew, as forms are; a fragment stays at the end. Without
/// arguments the URL is returned as it is.
///
/// # Examples
///
/// ```
/// use waterspout_http::client::url_concat;
///
/// let url = url_concat("http://example.com/foo?a=b#top", [("c", "d&e"), ("f", "é")]);
/// assert_eq!(url, "http://example.com/foo?a=b&c=d%26e&f=%C3%A9#top");
/// ```
#[must_use]
pub fn url_concat<N, V>(url: &str, arguments: impl IntoIterator<Item = (N, V)>) -> String
where
    N: AsRef<str>,
    V: AsRef<str>,
{
    let mut arguments = arguments.into_iter().peekable();
    if arguments.peek().is_none() {
        return url.to_owned();
    }
    let (rest, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut out = format!("{place}?");
    let begin = out.len();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        encode_form_octets(&decode(name), &decode(value), begin, &mut out);
    }
    for (name, value) in arguments {
        let (name, value) = (name.as_ref().as_bytes(), value.as_ref().as_bytes());
        encode_form_octets(name, value, begin, &mut out);
    }
    out + fragment
}

fn decode(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of Tornado's `httputil_test`.
    #[test]
    fn arguments_come_behind_those_that_are_there() {
        let y_and_z = [("y", "y"), ("z", "z")];
        for (url, arguments, wanted) in [
            ("/path", &y_and_z[..], "/path?y=y&z=z"),
            ("/path", &[("y", "/y"), ("z", "z")], "/path?y=%2Fy&z=z"),
            ("/path?", &y_and_z, "/path?y=y&z=z"),
            ("/path?x", &y_and_z, "/path?x=&y=y&z=z"),
            ("/path?x&", &y_and_z, "/path?x=&y=y&z=z"),
            ("/path?a=1&b=2", &y_and_z, "/path?a=1&b=2&y=y&z=z"),
            ("/path?r=1&t=2", &[], "/path?r=1&t=2"),
            ("/path#tab", &[("y", "y")], "/path?y=y#tab"),
            (
                "/path?x=a%20b+%e9#?",
                &[("y", "y")],
                "/path?x=a+b+%E9&y=y#?",
            ),
            ("/path", &[("y", "y1"), ("y", "y2")], "/path?y=y1&y=y2"),
            ("/path?r=1&r=2", &[("y", "y")], "/path?r=1&r=2&y=y"),
            ("?a=b=c%", &[("", "&=")], "?a=b%3Dc%25&=%26%3D"),
        ] {
            let host = "https://localhost";
            let wanted = format!("{host}{wanted}");
            assert_eq!(
                url_concat(&format!("{host}{url}"), arguments.iter().copied()),
                wanted
            );
        }
        let owned = std::collections::HashMap::from([("a".to_owned(), "é".to_owned())]);
        assert_eq!(url_concat("/", &owned), "/?a=%C3%A9");
    }
}
