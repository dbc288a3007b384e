//! Parameters after a value: `; name=value; name="value"`.

use memchr::{memchr, memchr2};
use percent_encoding::percent_decode;

use super::MultipartError;

const MALFORMED: MultipartError = MultipartError::new("malformed parameter in a part's head");

/// A parameter, its value unquoted.
pub(super) type Parameter<'t> = (&'t str, String);

/// Splits a field's value into what stands before the first semicolon and the parameters. One pass,
/// whatever stands in the quotes (CVE-2025-67726).
pub(super) fn parse(text: &str) -> Result<(&str, Vec<Parameter<'_>>), MultipartError> {
    let (value, mut rest) = match memchr(b';', text.as_bytes()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut parameters = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let after = trim_start(after);
        if after.is_empty() || after.starts_with(';') {
            rest = after;
            continue;
        }
        let equals = memchr(b'=', after.as_bytes()).ok_or(MALFORMED)?;
        let name = &after[..equals];
        let (unquoted, after) = take_value(&after[equals + 1..])?;
        if name.is_empty() || !name.bytes().all(crate::headers::is_token) {
            return Err(MALFORMED);
        }
        parameters.push((name, unquoted));
        rest = trim_start(after);
    }
    if !rest.is_empty() {
        return Err(MALFORMED);
    }
    Ok((value.trim_ascii(), parameters))
}

/// Finds a parameter that may stand there once.
pub(super) fn find<'p>(
    parameters: &'p [Parameter<'_>],
    name: &str,
) -> Result<Option<&'p str>, MultipartError> {
    let mut found = parameters
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = found.next().map(|(_, value)| value.as_str());
    match found.next() {
        Some(_) => Err(MultipartError::new(
            "a parameter stands twice in a part's head",
        )),
        None => Ok(value),
    }
}

/// Decodes an extended value such as `UTF-8''%C3%A1b.txt`: RFC 5987 §3.2.
pub(super) fn extended(text: &str) -> Result<String, MultipartError> {
    let malformed = || MultipartError::new("malformed extended parameter in a part's head");
    let (charset, rest) = text.split_once('\'').ok_or_else(malformed)?;
    let (_language, value) = rest.split_once('\'').ok_or_else(malformed)?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return Err(malformed());
    }
    let decoded = percent_decode(value.as_bytes()).decode_utf8();
    let decoded = decoded.map_err(|_| malformed())?;
    if decoded.chars().any(char::is_control) {
        return Err(malformed());
    }
    Ok(decoded.into_owned())
}

/// Takes a token or a quoted string. A backslash counts only before a quote or a backslash: old
/// browsers send paths of Windows.
fn take_value(text: &str) -> Result<(String, &str), MultipartError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        let is_plain = !value.is_empty() && !value.contains(['"', '\\']);
        return if is_plain {
            Ok((value.to_owned(), rest))
        } else {
            Err(MALFORMED)
        };
    };
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let at = memchr2(b'"', b'\\', rest.as_bytes()).ok_or(MALFORMED)?;
        value.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if rest[at..].starts_with('"') {
            return Ok((value, tail));
        }
        rest = match tail.chars().next() {
            Some(c @ ('"' | '\\')) => {
                value.push(c);
                &tail[1..]
            }
            _ => {
                value.push('\\');
                tail
            }
        };
    }
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_keep_what_separates() {
        let (value, parameters) =
            parse("form-data; name=a;filename=\"b;\\\"c\\\\\\d\t\" ; x=\"\" ;").unwrap();
        assert_eq!(value, "form-data");
        assert_eq!(
            parameters,
            [
                ("name", "a".into()),
                ("filename", "b;\"c\\\\d\t".into()),
                ("x", String::new())
            ]
        );
        for text in [
            "a; b",
            "a; b=",
            "a; b=\"",
            "a; b=\"c\\\"",
            "a; b=c d=e",
            "a; =b",
            "a; b=c\"d\"",
            "a; b =c",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hostile_values_take_linear_time() {
        let long = format!("form-data; name=\"{}\"", ";\\\"".repeat(1_000_000));
        assert_eq!(parse(&long).unwrap().1[0].1.len(), 2_000_000);
    }

    #[test]
    fn extended_values_are_utf_8() {
        assert_eq!(extended("UTF-8''%C3%A1b.txt").unwrap(), "áb.txt");
        assert_eq!(extended("utf-8'en'a").unwrap(), "a");
        for text in ["a", "latin1''a", "UTF-8''%ff", "UTF-8''%0d", "UTF-8'a"] {
            assert!(extended(text).is_err(), "{text}");
        }
    }
}
