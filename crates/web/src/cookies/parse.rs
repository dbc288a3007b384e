//! The `Cookie` field: split on `;` alone, each cookie by itself, in one pass.

use std::borrow::Cow;
use std::collections::HashMap;

/// Walks through the cookies of one field, malformed ones left out.
fn pairs(field: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let pairs = field.split(|&byte| byte == b';').filter_map(halves);
    pairs.filter_map(|(name, value)| Some((as_name(name)?, value)))
}

/// What stands before the first `=` and after it.
fn halves(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'=', pair)?;
    Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
}

fn as_name(name: &[u8]) -> Option<&str> {
    let is_name = !name.is_empty() && name.iter().copied().all(is_name_byte);
    std::str::from_utf8(name).ok().filter(|_| is_name)
}

/// Tokens of RFC 9110 §5.6.2, and the colon that Python's cookies allow.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:".contains(&byte)
}

/// Returns the last cookie of a name.
pub(crate) fn find<'a>(fields: impl Iterator<Item = &'a [u8]>, name: &str) -> Option<Cow<'a, str>> {
    as_name(name.as_bytes())?;
    let mut found = None;
    for field in fields {
        let mut rest = field;
        // From the end: the cookie that counts comes first, and none before it is looked at.
        loop {
            let at = memchr::memrchr(b';', rest);
            let pair = halves(at.map_or(rest, |at| &rest[at + 1..]));
            if let Some((_, value)) = pair.filter(|(known, _)| *known == name.as_bytes()) {
                found = Some(value);
                break;
            }
            let Some(at) = at else { break };
            rest = &rest[..at];
        }
    }
    found.map(unquote)
}

/// Returns names and values of a `Cookie` field (RFC 6265 §5.4) as handlers see them: Tornado's `httputil.parse_cookie`.
///
/// It is split on `;` alone, also within quotes, as browsers do it. What has no `=` or a name that is no token is left
/// out; of a name that comes more than once the last value counts. Octets that are not UTF-8 are read as Latin-1.
///
/// # Examples
///
/// ```
/// use waterspout::parse_cookie;
///
/// let cookies = parse_cookie(r#"theme=dark; nonsense; name="a\073b""#);
/// assert_eq!(cookies[0], ("theme".to_owned(), "dark".to_owned()));
/// assert_eq!(cookies[1], ("name".to_owned(), "a;b".to_owned()));
/// ```
#[must_use]
pub fn parse_cookie(field: impl AsRef<[u8]>) -> Vec<(String, String)> {
    parse_all(std::iter::once(field.as_ref()))
}

/// Returns every cookie in the order of the names' first appearance; the last value wins.
pub(crate) fn parse_all<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Vec<(String, String)> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut cookies: Vec<(&str, &[u8])> = Vec::new();
    for (name, value) in fields.flat_map(pairs) {
        match known.get(name) {
            Some(&at) => cookies[at].1 = value,
            None => {
                known.insert(name, cookies.len());
                cookies.push((name, value));
            }
        }
    }
    let owned = cookies.into_iter();
    owned
        .map(|(name, value)| (name.to_owned(), unquote(value).into_owned()))
        .collect()
}

/// Takes quotes and the escapes within them away, in one pass.
fn unquote(value: &[u8]) -> Cow<'_, str> {
    let quoted = value
        .strip_prefix(b"\"")
        .and_then(|inner| inner.strip_suffix(b"\""));
    let inner = text(quoted.unwrap_or(value));
    if quoted.is_none() || !inner.contains('\\') {
        return inner;
    }
    Cow::Owned(without_escapes(&inner))
}

fn without_escapes(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        rest = match octal(escape) {
            Some(c) => {
                out.push(c);
                &escape[3..]
            }
            None => {
                let mut chars = escape.chars();
                out.push(chars.next().unwrap_or('\\'));
                chars.as_str()
            }
        };
    }
    out.push_str(rest);
    out
}

/// Bytes as text: UTF-8 if they are, else each byte for itself as Tornado reads them.
fn text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => value.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The character of three octal digits at the start of the text.
fn octal(text: &str) -> Option<char> {
    let digits = text.get(..3)?;
    if !digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    let code = u8::from_str_radix(digits, 8).ok()?;
    Some(char::from(code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(field: &str, name: &str) -> Option<String> {
        Some(find(std::iter::once(field.as_bytes()), name)?.into_owned())
    }

    #[test]
    fn fields_are_split_on_semicolons_even_inside_quotes() {
        assert_eq!(one("foo=\"a;b\"", "foo").unwrap(), "\"a");
        assert_eq!(one(r"foo=a\073b", "foo").unwrap(), r"a\073b");
        assert_eq!(one(r#"foo="a\073b""#, "foo").unwrap(), "a;b");
        assert_eq!(one(r#"foo="\"\\\351""#, "foo").unwrap(), "\"\\é");
        assert_eq!(one(r#"foo="a\"#, "foo").unwrap(), r#""a\"#);
        assert_eq!(one(r#"foo="a\""#, "foo").unwrap(), r"a\");
    }

    #[test]
    fn a_bad_cookie_does_not_hide_good_ones() {
        let field = "/=exception; a=1; novalue; =x; b c=2; path=3; a = 4 ";
        assert_eq!(one(field, "a").unwrap(), "4");
        assert_eq!(one(field, "path").unwrap(), "3");
        let fields = [field.as_bytes(), b"z=5"];
        let all = parse_all(fields.into_iter());
        let all: Vec<_> = all.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(all, [("a", "4"), ("path", "3"), ("z", "5")]);
        for name in ["/", "", "b c", "novalue"] {
            assert_eq!(one(field, name), None, "{name:?}");
        }
    }

    proptest! {
        /// One reads from the end and one from the start.
        #[test]
        fn one_cookie_is_found_as_all_are(field in r#"([ab]|[ =;"\\07]|\PC){0,40}"#) {
            let all = parse_cookie(&field);
            for name in ["a", "b", "ab"] {
                let known = all.iter().find(|(known, _)| known == name);
                prop_assert_eq!(one(&field, name), known.map(|(_, value)| value.clone()));
            }
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_read_as_latin_1() {
        let field: &[u8] = b"a=\xe9; b=\xc3\xa9";
        assert_eq!(find(std::iter::once(field), "a").unwrap(), "é");
        assert_eq!(find(std::iter::once(field), "b").unwrap(), "é");
    }
}
