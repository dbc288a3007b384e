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
        let run = Run::of(&text[end..]);
        if let Some(last) = run.last {
            end += last;
        } else if let Some(inside) = text[end..].strip_prefix('(') {
            let inner = Run::of(inside).end;
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

/// Characters without blanks and parentheses, and of references only `&amp;` and `&quot;`.
struct Run {
    end: usize,
    /// The end of the last character that is no punctuation; those of references are.
    last: Option<usize>,
}

impl Run {
    fn of(text: &str) -> Self {
        let mut run = Self { end: 0, last: None };
        while let Some(c) = text[run.end..].chars().next() {
            match c {
                '&' => match reference(&text[run.end..]) {
                    Some(length) => run.end += length,
                    None => break,
                },
                '(' | ')' => break,
                c if is_blank(c) => break,
                c => {
                    run.end += c.len_utf8();
                    if !is_punctuation(c) {
                        run.last = Some(run.end);
                    }
                }
            }
        }
        run
    }
}

/// The length of a reference that may be part of a URL.
fn reference(text: &str) -> Option<usize> {
    let mut known = ["&amp;", "&quot;"].into_iter();
    let found = known.find(|known| text.starts_with(known));
    found.map(str::len)
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
