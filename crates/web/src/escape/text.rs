//! Escaping for HTML and XML, and blanks.

use std::borrow::Cow;
use std::fmt;

/// Escapes text for HTML and XML, in text and in quoted attributes.
///
/// `&`, `<`, `>` and `"` become named references and `'` becomes `&#x27;`, as in Tornado. Text without
/// any of them is not copied.
///
/// # Examples
///
/// ```
/// use waterspout::escape::xhtml_escape;
///
/// assert_eq!(xhtml_escape("<b> & 'c'"), "&lt;b&gt; &amp; &#x27;c&#x27;");
/// ```
#[must_use]
pub fn xhtml_escape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| reference(byte).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    xhtml_escape_into(&mut escaped, text);
    Cow::Owned(escaped)
}

/// Appends escaped text: see [`xhtml_escape`].
pub(crate) fn xhtml_escape_into(out: &mut String, text: &str) {
    // Writing to a String does not fail.
    _ = write_xhtml_escaped(out, text);
}

/// Writes escaped text, piece by piece.
#[inline]
pub(crate) fn write_xhtml_escaped(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            if start < at {
                out.write_str(&text[start..at])?;
            }
            out.write_str(reference)?;
            start = at + 1;
        }
    }
    out.write_str(&text[start..])
}

/// Makes one blank of every run of blanks and control characters, and takes them away at both ends.
///
/// # Examples
///
/// ```
/// use waterspout::escape::squeeze;
///
/// assert_eq!(squeeze(" sequences     of\twhitespace   chars\n"), "sequences of whitespace chars");
/// ```
#[must_use]
pub fn squeeze(text: &str) -> String {
    let words = text.split(|c: char| c <= ' ');
    let mut squeezed = String::with_capacity(text.len());
    for word in words.filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    let trimmed = squeezed.trim();
    if trimmed.len() == squeezed.len() {
        return squeezed;
    }
    trimmed.to_owned()
}

#[inline]
fn reference(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#x27;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_characters_are_escaped() {
        assert_eq!(xhtml_escape("<foo>"), "&lt;foo&gt;");
        assert_eq!(xhtml_escape("<>&\"'"), "&lt;&gt;&amp;&quot;&#x27;");
        assert_eq!(xhtml_escape("&amp;"), "&amp;amp;");
        assert_eq!(xhtml_escape("<\u{e9}>"), "&lt;\u{e9}&gt;");
        assert!(matches!(xhtml_escape("a/b `c` é"), Cow::Borrowed(_)));
    }

    #[test]
    fn blanks_and_control_characters_are_squeezed() {
        assert_eq!(squeeze("\u{0}a\u{1}\u{1f} b \r\n"), "a b");
        assert_eq!(squeeze("  \t"), "");
        assert_eq!(squeeze("\u{a0} x \u{a0}y"), "x \u{a0}y");
    }
}
