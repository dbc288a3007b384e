//! Shortening what a link shows.

/// Characters that a link shows at the most before anything is cut off.
const MAX_LENGTH: usize = 30;

/// Characters of the path that are kept.
const PATH_LENGTH: usize = 8;

/// Shortens a URL to its host and the beginning of its path; `None` if that is not shorter.
///
/// `prefix` is the length of scheme and slashes. The URL is escaped for HTML; no reference is cut in two.
pub(super) fn shorten(url: &str, prefix: usize) -> Option<String> {
    let length = url.chars().count();
    if length <= MAX_LENGTH {
        return None;
    }
    let mut parts = url[prefix..].split('/');
    let host = parts.next().unwrap_or_default();
    let mut short = match parts.next() {
        Some(path) => {
            let path = first(path, PATH_LENGTH);
            let path = path.split(['?', '.']).next().unwrap_or_default();
            format!("{}{host}/{path}", &url[..prefix])
        }
        None => url.to_owned(),
    };
    if short.chars().count() * 2 > MAX_LENGTH * 3 {
        short.truncate(first(&short, MAX_LENGTH).len());
    }
    if short == url {
        return None;
    }
    if let Some(at) = cut_reference(&short) {
        short.truncate(at);
    }
    short.push_str("...");
    (short.chars().count() < length).then_some(short)
}

/// Where a reference begins that was cut in two.
fn cut_reference(text: &str) -> Option<usize> {
    let at = text.rfind('&')?;
    (!text[at..].contains(';')).then_some(at)
}

fn first(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    end.map_or(text, |(at, _)| &text[..at])
}
