//! Finding URLs in text that is escaped for HTML already. Every octet is looked at a fixed number of
//! times.

/// A URL in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Length of the scheme; `None` for a URL that begins with `www.`
    pub(super) scheme: Option<usize>,
    /// Length of scheme, colon and slashes.
    pub(super) prefix: usize,
}

/// Finds the first URL at or after an offset.
pub(super) fn next_url(text: &str, from: usize) -> Option<Found> {
    let mut previous = text[..from].chars().next_back();
    // Until here no scheme can begin: one that began before ended in nothing.
    let mut no_scheme_before = from;
    for (at, c) in text[from..].char_indices() {
        let at = from + at;
        let begins_word = is_word(c) && !previous.is_some_and(is_word);
        previous = Some(c);
        if !begins_word {
            continue;
        }
        if let Some(end) = text[at..].strip_prefix("www.").and_then(body_end) {
            return Some(Found {
                start: at,
                end: at + "www.".len() + end,
                scheme: None,
                prefix: 0,
            });
        }
        if at >= no_scheme_before {
            match with_scheme(text, at) {
                Ok(found) => return Some(found),
                Err(end) => no_scheme_before = end,
            }
        }
    }
    None
}

/// Reads a URL with a scheme; fails with the end of the word that is none.
fn with_scheme(text: &str, start: usize) -> Result<Found, usize> {
    let rest = &text[start..];
    let scheme = rest.find(|c| !is_word(c) && c != '-').unwrap_or(rest.len());
    let fails = start + scheme;
    let Some(after) = rest[scheme..].strip_prefix(':') else {
        return Err(fails.max(start + 1));
    };
    let slashes = after.bytes().take(3).take_while(|b| *b == b'/').count();
    // A slash too many is the first octet of what follows.
    for slashes in (1..=slashes).rev() {
        if let Some(end) = body_end(&after[slashes..]) {
            let prefix = scheme + 1 + slashes;
            return Ok(Found {
                start,
                end: start + prefix + end,
                scheme: Some(scheme),
                prefix,
            });
        }
    }
    Err(fails.max(start + 1))
}

/// Finds the end of what follows a scheme: runs of characters that end in one that is no
/// punctuation, and parentheses without others inside.
fn body_end(text: &str) -> Option<usize> {
    let mut end = 0;
    loop {
        let run = run_end(&text[end..]);
        let last = text[end..end + run]
            .char_indices()
            .rev()
            .find(|(_, c)| !is_punctuation(*c));
        if let Some((at, c)) = last {
            end += at + c.len_utf8();
        } else if let Some(inside) = text[end..].strip_prefix('(') {
            let inner = run_end(inside);
            if !inside[inner..].starts_with(')') {
                break;
            }
            end += inner + 2;
        } else {
            break;
        }
    }
    (end > 0).then_some(end)
}

/// The end of a run without blanks and parentheses, and of references only `&amp;` and `&quot;`.
fn run_end(text: &str) -> usize {
    for (at, c) in text.char_indices() {
        let goes_on = match c {
            '&' => text[at..].starts_with("&amp;") || text[at..].starts_with("&quot;"),
            '(' | ')' => false,
            c => !is_blank(c),
        };
        if !goes_on {
            return at;
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Blanks as Python's regular expressions see them.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '!' | '"' | '#'..='.' | ':'..='@' | '[' | ']' | '^' | '`' | '{'..='~') && c != '-'
}
