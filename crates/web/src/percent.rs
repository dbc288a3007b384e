//! Percent-encoding as URLs use it: RFC 3986 §2, and Tornado's choice of what stays readable.

use std::borrow::Cow;
use std::str::Utf8Error;

use memchr::memchr2;
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

/// Decodes a name or value of a query or form: `+` is a blank, a lone `%` stays. Text without either is not
/// copied.
pub(crate) fn decode_form(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr2(b'+', b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    push_form_decoded(&mut out, text);
    Cow::Owned(out)
}

/// Appends what [`decode_form`] returns.
pub(crate) fn push_form_decoded(out: &mut Vec<u8>, mut text: &[u8]) {
    while let Some(at) = memchr2(b'+', b'%', text) {
        out.extend_from_slice(&text[..at]);
        let (byte, length) = match &text[at..] {
            [b'+', ..] => (b' ', 1),
            [_, high, low, ..] => hex_pair(*high, *low).map_or((b'%', 1), |byte| (byte, 3)),
            _ => (b'%', 1),
        };
        out.push(byte);
        text = &text[at + length..];
    }
    out.extend_from_slice(text);
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_and_escapes_are_decoded_and_the_rest_stays() {
        for (text, decoded) in [
            ("", ""),
            ("plain", "plain"),
            ("+a+", " a "),
            ("%2B%2b+", "++ "),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%zz%4g%+4", "%zz%4g% 4"),
            ("%%41", "%A"),
            ("%c3%A9", "é"),
        ] {
            assert_eq!(decode_form(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn forms_are_decoded_as_the_crate_of_url_decodes_them(text in "[a+%0-9A-F]{0,20}") {
            let blanks = text.replace('+', " ");
            let wanted: Vec<u8> = percent_decode(blanks.as_bytes()).collect();
            prop_assert_eq!(decode_form(text.as_bytes()), wanted);
        }
    }
}
