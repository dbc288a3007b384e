//! Percent-encoding as URLs use it: RFC 3986 §2, and Tornado's choice of what stays readable.

use std::borrow::Cow;
use std::str::Utf8Error;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same, with the slashes kept.
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// What is left alone in a URL that is already written: everything printable of ASCII.
const URL: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>');

/// Encodes one path segment: a slash becomes `%2F`.
pub(crate) fn encode_segment(text: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(text, SEGMENT)
}

/// Encodes a piece of a path, slashes kept.
pub(crate) fn encode_path(text: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(text, PATH)
}

/// Makes a written URL fit for a header field: only what may not stand there is encoded.
pub(crate) fn encode_url(url: &str) -> Cow<'_, str> {
    utf8_percent_encode(url, URL).into()
}

/// Decodes a captured piece of a path. `+` stays; text without `%` is not copied.
pub(crate) fn decode(text: &[u8]) -> Result<Cow<'_, str>, Utf8Error> {
    if !text.contains(&b'%') {
        return str::from_utf8(text).map(Cow::Borrowed);
    }
    percent_decode(text).decode_utf8()
}

/// Decodes a name or value of a query or form: `+` is a blank, a lone `%` stays.
pub(crate) fn decode_form(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return text.to_vec();
    }
    let blanks: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&blanks).collect()
}
