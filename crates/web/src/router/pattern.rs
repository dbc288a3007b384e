//! A pattern taken apart: the names of its captures, and how to fill them in again.

use std::fmt::Write;

use super::Captures;
use crate::percent;

/// A route's pattern as pieces of literal text and captures.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: Box<str>,
    names: Vec<Box<str>>,
    /// Where the captures of a path pattern lie; those of a regular expression it says itself.
    spans: Vec<Span>,
    reversal: Result<Vec<Piece>, String>,
}

/// Where one capture lies, seen from the end of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    /// Octets of literal text before it.
    skip: usize,
    end: SpanEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanEnd {
    /// So many octets before the end of the segment.
    BeforeSegmentEnd(usize),
    PathEnd,
}

#[derive(Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// `{name}`: one segment, so that a slash in it is encoded.
    Segment,
    /// `{*name}`, or a group of a regular expression: slashes are kept.
    Rest,
}

impl Pattern {
    /// Takes a path pattern apart: `{name}`, `{*name}`, `{{` and `}}` for braces.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        let mut names: Vec<Box<str>> = Vec::new();
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            let (text, tail) = rest.split_at(at);
            literal.push_str(text);
            if tail.starts_with("{{") || tail.starts_with("}}") {
                literal.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            let (name, after) = tail[1..]
                .split_once('}')
                .filter(|_| tail.starts_with('{'))
                .ok_or("a brace is not closed; a literal brace is written `{{` or `}}`")?;
            let (piece, name) = match name.strip_prefix('*') {
                Some(name) => (Piece::Rest, name),
                None => (Piece::Segment, name),
            };
            push_name(&mut names, name)?;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(piece);
            rest = after;
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Self {
            source: pattern.into(),
            names,
            spans: spans(&pieces),
            reversal: Ok(pieces),
        })
    }

    /// Takes a regular expression apart. What cannot be reversed still routes.
    pub(crate) fn parse_regex(pattern: &str) -> Result<Self, String> {
        let regex = regex::Regex::new(pattern).map_err(|error| error.to_string())?;
        let groups = regex.capture_names().skip(1);
        let names = groups.map(|name| Box::from(name.unwrap_or(""))).collect();
        Ok(Self {
            source: pattern.into(),
            names,
            spans: Vec::new(),
            reversal: regex_pieces(pattern),
        })
    }

    /// Finds the captures in a path that the pattern matches.
    #[inline]
    pub(crate) fn locate(&self, path: &[u8], captures: &mut Captures) {
        let mut at = 0;
        for span in &self.spans {
            let start = at + span.skip;
            at = match span.end {
                SpanEnd::PathEnd => path.len(),
                SpanEnd::BeforeSegmentEnd(suffix) => segment_end(path, start) - suffix,
            };
            captures.push(Some(start..at));
        }
    }

    /// Returns where in the pattern a capture stands: by its name, or by its number.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let named = self.names.iter().position(|known| &**known == name);
        named.or_else(|| {
            let number: usize = name.parse().ok()?;
            (number < self.names.len()).then_some(number)
        })
    }

    /// Tells whether a capture is part of one segment, so that a slash in its value is encoded.
    pub(crate) fn is_within_segment(&self, name: &str) -> bool {
        let span = self.position(name).and_then(|at| self.spans.get(at));
        span.is_some_and(|span| !matches!(span.end, SpanEnd::PathEnd))
    }

    /// Returns the pattern as it was registered.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Returns the names of the captures, in order; a group without a name has its number.
    pub(crate) fn labels(&self) -> impl Iterator<Item = Box<str>> {
        let names = self.names.iter().enumerate();
        names.map(|(number, name)| match &**name {
            "" => number.to_string().into(),
            _ => name.clone(),
        })
    }

    /// Returns the names of the captures, in order.
    #[cfg(test)]
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// Fails if no URL can be made of the pattern.
    pub(crate) fn check_reversible(&self) -> Result<(), String> {
        self.reversal.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Fills the captures with values, percent-encoded.
    pub(crate) fn fill(&self, values: &[String]) -> Result<String, String> {
        let pieces = self.reversal.as_ref().map_err(Clone::clone)?;
        if values.len() != self.names.len() {
            let wanted = self.names.len();
            return Err(format!(
                "the route takes {wanted} arguments, not {}",
                values.len()
            ));
        }
        let mut url = String::new();
        let mut values = values.iter();
        for piece in pieces {
            match piece {
                Piece::Literal(text) => url.push_str(text),
                Piece::Segment => url.extend(percent::encode_segment(filled(values.next())?)),
                Piece::Rest => url.extend(percent::encode_path(filled(values.next())?)),
            }
        }
        Ok(url)
    }
}

fn segment_end(path: &[u8], start: usize) -> usize {
    let mut rest = path.iter().skip(start);
    rest.position(|&byte| byte == b'/')
        .map_or(path.len(), |length| start + length)
}

/// Pieces alternate: literal text, capture, …, literal text.
fn spans(pieces: &[Piece]) -> Vec<Span> {
    let literal = |piece: Option<&Piece>| match piece {
        Some(Piece::Literal(text)) => text.clone(),
        _ => String::new(),
    };
    let mut spans = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let end = match piece {
            Piece::Literal(_) => continue,
            Piece::Rest => SpanEnd::PathEnd,
            Piece::Segment => {
                let after = literal(pieces.get(number + 1));
                let suffix = after.split('/').next().map_or(0, str::len);
                SpanEnd::BeforeSegmentEnd(suffix)
            }
        };
        let before = number.checked_sub(1).and_then(|at| pieces.get(at));
        let skip = literal(before).len();
        spans.push(Span { skip, end });
    }
    spans
}

fn filled(value: Option<&String>) -> Result<&str, String> {
    match value {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err("a path parameter cannot be empty".to_owned()),
    }
}

fn push_name(names: &mut Vec<Box<str>>, name: &str) -> Result<(), String> {
    let mut problem = String::new();
    if name.is_empty() {
        problem.push_str("a parameter has no name");
    } else if names.iter().any(|known| &**known == name) {
        write!(problem, "the parameter {name:?} occurs twice").expect("a String takes any text");
    } else {
        names.push(name.into());
        return Ok(());
    }
    Err(problem)
}

/// Splits a regular expression into literal text and groups, as Tornado's reversal does.
fn regex_pieces(pattern: &str) -> Result<Vec<Piece>, String> {
    let irreversible = || format!("no URL can be made of the regular expression {pattern:?}");
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' => {
                let escaped = rest[1..].chars().next().filter(|c| !c.is_alphanumeric());
                let escaped = escaped.ok_or_else(irreversible)?;
                literal.push(escaped);
                1 + escaped.len_utf8()
            }
            '(' => {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Rest);
                group_length(rest).ok_or_else(irreversible)?
            }
            c if regex_syntax(c) => return Err(irreversible()),
            c => {
                literal.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    pieces.push(Piece::Literal(literal));
    Ok(pieces)
}

fn regex_syntax(c: char) -> bool {
    ".*+?[]{})|^$".contains(c)
}

/// The length of the capturing group at the start of the text, unless it holds another one.
fn group_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('(')?;
    let named = inner.starts_with("?P<") || inner.starts_with("?<");
    if inner.starts_with('?') && !named {
        return None;
    }
    let mut in_class = false;
    let mut bytes = inner.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => return None,
            b')' if !in_class => return Some(at + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(pattern: Pattern, values: &[&str]) -> Result<String, String> {
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        pattern.fill(&values)
    }

    fn path(pattern: &str, values: &[&str]) -> Result<String, String> {
        fill(Pattern::parse(pattern).unwrap(), values)
    }

    fn regex(pattern: &str, values: &[&str]) -> Result<String, String> {
        fill(Pattern::parse_regex(pattern).unwrap(), values)
    }

    #[test]
    fn values_are_percent_encoded() {
        assert_eq!(path("/a/{x}", &["1 + 1"]).unwrap(), "/a/1%20%2B%201");
        assert_eq!(path("/a/{x}/b", &["é/?"]).unwrap(), "/a/%C3%A9%2F%3F/b");
        assert_eq!(path("/f/{*rest}", &["a b/c"]).unwrap(), "/f/a%20b/c");
        assert_eq!(path("/{{x}}/{y}", &["1"]).unwrap(), "/{x}/1");
    }

    #[test]
    fn regular_expressions_are_filled_as_tornado_does() {
        assert_eq!(
            regex(r"/x\.y/(.*)", &["é/ +"]).unwrap(),
            "/x.y/%C3%A9/%20%2B"
        );
        assert_eq!(regex(r"/(?P<a>[(a]+)-(\d+)", &["z", "1"]).unwrap(), "/z-1");
    }

    #[test]
    fn what_cannot_be_filled_is_an_error() {
        assert!(path("/a/{x}", &[]).is_err());
        assert!(path("/a/{x}", &[""]).is_err());
        assert!(regex(r"/a+(b)", &["b"]).is_err());
        assert!(regex(r"/\d+", &[]).is_err());
        assert!(regex(r"/(a(b))", &["a", "b"]).is_err());
    }

    #[test]
    fn captures_are_found_by_name_and_by_number() {
        let pattern = Pattern::parse("/{a}/{*b}").unwrap();
        assert_eq!(pattern.position("b"), Some(1));
        assert_eq!(pattern.position("0"), Some(0));
        assert_eq!(pattern.position("2"), None);
    }

    #[test]
    fn captures_are_found_where_matchit_found_them() {
        for (pattern, path) in [
            ("/a/{x}", "/a/b"),
            ("/a/{x}/c/{y}", "/a/bb/c/d%2F"),
            ("/img-{x}.png/{*rest}", "/img-7.8.png/a/b/"),
            ("/{x}.{{y}}/z", "/é.{y}/z"),
            ("/{x}/", "/é/"),
        ] {
            let mut tree = matchit::Router::new();
            tree.insert(pattern, ()).unwrap();
            let matched = tree.at(path).unwrap();
            let mut captures = Captures::NONE;
            Pattern::parse(pattern)
                .unwrap()
                .locate(path.as_bytes(), &mut captures);
            for (number, (_, value)) in matched.params.iter().enumerate() {
                assert_eq!(&path[captures.range(number).unwrap()], value, "{pattern}");
            }
            assert_eq!(captures.range(matched.params.len()), None);
        }
    }

    #[test]
    fn malformed_patterns_say_what_is_wrong() {
        for pattern in ["/{a", "/a}", "/{}", "/{a}/{a}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
        assert!(Pattern::parse_regex("/(").is_err());
    }
}
