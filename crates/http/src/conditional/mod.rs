//! Conditional requests: RFC 9110 §13.

mod tag_hasher;

use std::fmt;

use http::Method;
use twox_hash::XxHash3_128;

pub use tag_hasher::TagHasher;

use crate::{Headers, HttpDate};

/// The seed of content hashes: every worker, process and machine has to come to the same tag.
const SEED: u64 = 0;

/// An entity tag: RFC 9110 §8.8.3.
///
/// # Examples
///
/// ```
/// use waterspout_http::EntityTag;
///
/// let tag = EntityTag::parse(b"W/\"x\"").expect("a tag");
/// assert!(tag.is_weak() && tag.weak_eq(&EntityTag::strong("x").expect("a tag")));
/// assert_eq!(EntityTag::of(b"hello"), EntityTag::of(b"hello"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    weak: bool,
    tag: Box<[u8]>,
}

impl EntityTag {
    /// Makes a strong tag of the text between the quotes; `None` if it may not stand there.
    #[must_use]
    pub fn strong(tag: &str) -> Option<Self> {
        tag.bytes().all(is_tag_octet).then(|| Self {
            weak: false,
            tag: tag.as_bytes().into(),
        })
    }

    /// Makes the strong tag of a body: 128 bits of XXH3 in hexadecimal digits, the same in every
    /// process. Tornado's is the SHA-1 of the body.
    ///
    /// The hash is fast and no signature: who can choose two bodies can make their tags equal.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self::of_hash(XxHash3_128::oneshot_with_seed(SEED, body))
    }

    fn of_hash(hash: u128) -> Self {
        Self {
            weak: false,
            tag: format!("{hash:032x}").into_bytes().into(),
        }
    }

    /// Reads one tag with its quotes.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (tag, rest) = next_tag(text)?;
        rest.is_empty().then(|| tag.to_owned())
    }

    /// Returns the same tag as a weak one.
    #[must_use]
    pub fn into_weak(mut self) -> Self {
        self.weak = true;
        self
    }

    /// Tells whether the tag is weak.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Compares strongly: equal, and neither is weak (RFC 9110 §8.8.3.2).
    #[must_use]
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.tag == other.tag
    }

    /// Compares weakly: equal, weak or not.
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }

    fn as_ref(&self) -> Tag<'_> {
        Tag {
            weak: self.weak,
            text: &self.tag,
        }
    }
}

/// Writes the tag with its quotes, as it stands in a field.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.weak { "W/" } else { "" };
        write!(f, "{prefix}\"{}\"", String::from_utf8_lossy(&self.tag))
    }
}

/// What a response says of the state of its resource.
#[derive(Debug, Clone, Copy, Default)]
pub struct Validators<'a> {
    /// The value of `ETag`.
    pub etag: Option<&'a EntityTag>,
    /// The value of `Last-Modified`.
    pub last_modified: Option<HttpDate>,
}

/// What the preconditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The request is served.
    Proceed,
    /// The client has it already: 304.
    NotModified,
    /// The resource is not in the state the client counts on: 412.
    Failed,
}

/// Decides on the preconditions of a request for a resource that exists, in the order of RFC 9110
/// §13.2.2. `If-Range` is apart: [`range_applies`].
///
/// A list of tags with anything malformed in it matches nothing, a malformed or repeated date is
/// ignored, and `*` counts only alone.
///
/// # Examples
///
/// ```
/// use waterspout_http::conditional::{Precondition, Validators, evaluate};
/// use waterspout_http::{EntityTag, Headers, Method};
///
/// let mut fields = Headers::new();
/// fields.append("If-None-Match", "\"a\", W/\"b\"")?;
/// let etag = EntityTag::strong("b");
/// let validators = Validators { etag: etag.as_ref(), last_modified: None };
/// assert_eq!(evaluate(&Method::GET, &fields, validators), Precondition::NotModified);
/// assert_eq!(evaluate(&Method::PUT, &fields, validators), Precondition::Failed);
/// # Ok::<(), waterspout_http::InvalidHeader>(())
/// ```
#[must_use]
pub fn evaluate(method: &Method, headers: &Headers, validators: Validators<'_>) -> Precondition {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if headers.contains("if-match") {
        if !matches_any(headers, "if-match", validators.etag, |a, b| a.strong_eq(b)) {
            return Precondition::Failed;
        }
    } else if let Some(date) = only_date(headers, "if-unmodified-since")
        && validators
            .last_modified
            .is_some_and(|changed| changed > date)
    {
        return Precondition::Failed;
    }
    if headers.contains("if-none-match") {
        if matches_any(headers, "if-none-match", validators.etag, |a, b| {
            a.weak_eq(b)
        }) {
            return if reads {
                Precondition::NotModified
            } else {
                Precondition::Failed
            };
        }
    } else if reads
        && let Some(date) = only_date(headers, "if-modified-since")
        && validators
            .last_modified
            .is_some_and(|changed| changed <= date)
    {
        return Precondition::NotModified;
    }
    Precondition::Proceed
}

/// Tells whether `If-None-Match` names a tag as a weak one and nowhere as a strong one: what the client keeps is
/// then of the same content in other octets, such as compressed ones.
///
/// # Examples
///
/// ```
/// use waterspout_http::conditional::is_known_as_weak;
/// use waterspout_http::{EntityTag, Headers};
///
/// let etag = EntityTag::of(b"hello");
/// let mut fields = Headers::new();
/// fields.append("If-None-Match", etag.clone().into_weak().to_string())?;
/// assert!(is_known_as_weak(&fields, &etag));
/// fields.append("If-None-Match", etag.to_string())?;
/// assert!(!is_known_as_weak(&fields, &etag));
/// # Ok::<(), waterspout_http::InvalidHeader>(())
/// ```
#[must_use]
pub fn is_known_as_weak(headers: &Headers, etag: &EntityTag) -> bool {
    let named = |equal| matches_any(headers, "if-none-match", Some(etag), equal);
    named(|a, b| a.weak_eq(b)) && !named(|a, b| a.strong_eq(b))
}

/// Tells whether a `Range` field counts: whether `If-Range` is absent or names the state that is
/// there (RFC 9110 §13.1.5). Weak tags never do, and dates only if nothing can have changed within
/// the same second: if they lie before `now`.
#[must_use]
pub fn range_applies(headers: &Headers, validators: Validators<'_>, now: HttpDate) -> bool {
    if !headers.contains("if-range") {
        return true;
    }
    let Some(value) = only(headers, "if-range") else {
        return false;
    };
    if let Some(date) = HttpDate::parse(value) {
        return validators.last_modified == Some(date) && date < now;
    }
    let tag = next_tag(value).filter(|(_, rest)| rest.is_empty());
    match (tag, validators.etag) {
        (Some((tag, _)), Some(etag)) => tag.strong_eq(etag.as_ref()),
        _ => false,
    }
}

/// A tag within a field.
#[derive(Clone, Copy)]
struct Tag<'a> {
    weak: bool,
    text: &'a [u8],
}

impl Tag<'_> {
    fn strong_eq(self, other: Tag<'_>) -> bool {
        !self.weak && !other.weak && self.text == other.text
    }

    fn weak_eq(self, other: Tag<'_>) -> bool {
        self.text == other.text
    }

    fn to_owned(self) -> EntityTag {
        EntityTag {
            weak: self.weak,
            tag: self.text.into(),
        }
    }
}

/// Tells whether any field `name` has the tag, or is `*`.
fn matches_any(
    headers: &Headers,
    name: &str,
    etag: Option<&EntityTag>,
    equal: fn(Tag<'_>, Tag<'_>) -> bool,
) -> bool {
    if only(headers, name) == Some(b"*") {
        return true;
    }
    let Some(etag) = etag.map(EntityTag::as_ref) else {
        return false;
    };
    let mut found = false;
    for value in headers.get_all(name) {
        let mut rest = skip_commas(value);
        while !rest.is_empty() {
            let Some((tag, after)) = next_tag(rest) else {
                return false;
            };
            found |= equal(tag, etag);
            // A comma stands between two tags.
            if after
                .trim_ascii_start()
                .first()
                .is_some_and(|octet| *octet != b',')
            {
                return false;
            }
            rest = skip_commas(after);
        }
    }
    found
}

/// Takes a tag off the front of a list.
fn next_tag(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let (weak, text) = match text.strip_prefix(b"W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let text = text.strip_prefix(b"\"")?;
    let end = text.iter().position(|octet| *octet == b'"')?;
    let (text, rest) = (&text[..end], &text[end + 1..]);
    let tag = Tag { weak, text };
    text.iter()
        .all(|octet| is_tag_octet(*octet))
        .then_some((tag, rest))
}

/// RFC 9110 §8.8.3, etagc.
fn is_tag_octet(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x7e | 0x80..)
}

fn skip_commas(mut text: &[u8]) -> &[u8] {
    while let [b',' | b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// The value of a field that stands there once.
fn only<'h>(headers: &'h Headers, name: &'h str) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn only_date(headers: &Headers, name: &str) -> Option<HttpDate> {
    HttpDate::parse(only(headers, name)?)
}

#[cfg(test)]
mod tests;
