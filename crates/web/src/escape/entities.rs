//! Character references of HTML: the WHATWG's rules for turning them into text.

use std::borrow::Cow;

use super::entities_table::{LONGEST, NAMES};

/// Replaces the character references of HTML by what they stand for.
///
/// It knows all names of HTML 5, decimal and hexadecimal numbers, and both without their semicolon where
/// browsers do. What is no reference stays as it is.
///
/// # Examples
///
/// ```
/// use waterspout::escape::xhtml_unescape;
///
/// assert_eq!(xhtml_unescape("&lt;&eacute;&#x27;&#33;&unknown;"), "<é'!&unknown;");
/// ```
#[must_use]
pub fn xhtml_unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length = match rest.strip_prefix('#') {
            Some(number) => numeric(number, &mut out).map(|length| length + 1),
            None => named(rest, &mut out),
        };
        match length {
            Some(length) => rest = &rest[length..],
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes the character of a number after `&#`, and returns the length of the number.
fn numeric(text: &str, out: &mut String) -> Option<usize> {
    let (radix, prefix) = match text.as_bytes().first()? {
        b'x' | b'X' => (16, 1),
        _ => (10, 0),
    };
    let digits = &text[prefix..];
    let length = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    if length == 0 {
        return None;
    }
    // The rest of a number that is too large does not matter: it is no character.
    let number = digits[..length].chars().fold(0_u32, |number, digit| {
        number
            .saturating_mul(radix)
            .saturating_add(digit.to_digit(radix).unwrap_or(0))
    });
    if let Some(character) = character(number) {
        out.push(character);
    }
    let semicolon = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    Some(prefix + length + semicolon)
}

/// The character of a number; `None` for those that HTML leaves out.
fn character(number: u32) -> Option<char> {
    match number {
        0 => Some('\u{fffd}'),
        0x0d => Some('\r'),
        0x80..=0x9f => Some(windows_1252(number)),
        0x01..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f | 0xfdd0..=0xfdef => None,
        _ if number <= 0x0010_ffff && number & 0xfffe == 0xfffe => None,
        _ => Some(char::from_u32(number).unwrap_or('\u{fffd}')),
    }
}

/// Numbers of C1 control characters mean those of Windows-1252, as browsers read them.
fn windows_1252(number: u32) -> char {
    const TABLE: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let index = usize::try_from(number - 0x80).unwrap_or(0);
    TABLE.get(index).copied().unwrap_or('\u{fffd}')
}

/// Writes what a name after `&` stands for, and returns the length of the name: the longest that is
/// known.
fn named(text: &str, out: &mut String) -> Option<usize> {
    let ends = text.bytes().take(LONGEST);
    let name = ends.take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let with_semicolon = name + usize::from(text.as_bytes().get(name) == Some(&b';'));
    (2..=with_semicolon).rev().find_map(|length| {
        let found = NAMES.binary_search_by_key(&&text[..length], |(name, _)| name);
        let (_, characters) = NAMES[found.ok()?];
        out.push_str(characters);
        Some(length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)]) {
        for (text, expected) in pairs {
            assert_eq!(xhtml_unescape(text), *expected, "{text}");
        }
    }

    #[test]
    fn names_and_numbers_are_replaced() {
        check(&[
            ("foo&#32;bar", "foo bar"),
            ("foo&#x20;bar", "foo bar"),
            ("foo&#X20;bar", "foo bar"),
            ("foo&#xabc;bar", "foo\u{abc}bar"),
            ("&lt;&gt;&amp;&quot;&#39;&apos;", "<>&\"''"),
            ("&notin;&NotEqualTilde;", "∉≂̸"),
            ("&#128;&#x9f;&#13;", "€Ÿ\r"),
        ]);
    }

    #[test]
    fn what_is_no_reference_stays() {
        check(&[
            ("foo&#xyz;bar", "foo&#xyz;bar"),
            ("foo&#;bar", "foo&#;bar"),
            ("&;", "&;"),
            ("&", "&"),
            ("&#", "&#"),
            ("&#x", "&#x"),
            ("&unknown;", "&unknown;"),
            ("&é;", "&é;"),
        ]);
    }

    #[test]
    fn semicolons_may_be_missing_where_browsers_allow_it() {
        check(&[
            ("&ampx", "&x"),
            ("&notit;", "¬it;"),
            ("&#65B", "AB"),
            ("&ltlt", "<lt"),
            ("&alpha", "&alpha"),
        ]);
    }

    #[test]
    fn numbers_that_are_no_characters_do_no_harm() {
        check(&[
            ("&#0;", "\u{fffd}"),
            ("&#xd800;", "\u{fffd}"),
            ("&#x110000;", "\u{fffd}"),
            ("&#99999999999999999999;", "\u{fffd}"),
            ("a&#1;&#xb;&#xfffe;b", "ab"),
        ]);
    }
}
