//! Range requests: RFC 9110 §14.

use std::fmt;
use std::ops::Range;

/// The most ranges that one request may ask for; with more, the field is ignored.
pub const MAX_RANGES: usize = 16;

/// What a `Range` field asks for, of a representation whose length is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeRequest {
    /// All of it: the field is malformed, of another unit, or asks for more than is sensible, and is
    /// ignored.
    Whole,
    /// Nothing that exists: `416 Range Not Satisfiable`.
    Unsatisfiable,
    /// These octets, each range not empty and within the length, in the order asked for.
    Parts(Vec<Range<u64>>),
}

impl RangeRequest {
    /// Reads the value of a `Range` field for a representation of `length` octets.
    ///
    /// Anything malformed, one bad range among good ones included, makes the whole field be ignored
    /// (RFC 9110 §14.2). So do more than [`MAX_RANGES`] ranges, and ranges that together are longer
    /// than the representation (§17.15). Suffixes longer than it mean all of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::RangeRequest;
    ///
    /// assert_eq!(RangeRequest::parse(b"bytes=0-9", 26), RangeRequest::Parts(vec![0..10]));
    /// assert_eq!(RangeRequest::parse(b"bytes=-4", 26), RangeRequest::Parts(vec![22..26]));
    /// assert_eq!(RangeRequest::parse(b"bytes=26-", 26), RangeRequest::Unsatisfiable);
    /// assert_eq!(RangeRequest::parse(b"bytes=+1-2", 26), RangeRequest::Whole);
    /// ```
    #[must_use]
    pub fn parse(value: &[u8], length: u64) -> Self {
        let Some(set) = strip_unit(value) else {
            return Self::Whole;
        };
        let (mut parts, mut asked, mut total) = (Vec::new(), 0_usize, 0_u64);
        for element in set.split(|octet| *octet == b',') {
            let element = trim(element);
            if element.is_empty() {
                continue;
            }
            asked += 1;
            let Some(part) = parse_one(element, length) else {
                return Self::Whole;
            };
            if asked > MAX_RANGES {
                return Self::Whole;
            }
            if part.start < part.end {
                total = total.saturating_add(part.end - part.start);
                parts.push(part);
            }
        }
        match (asked, parts.len()) {
            (0, _) => Self::Whole,
            // A suffix of nothing is nothing, and there is no 206 of no octets.
            (_, 0) if length == 0 && ends_with_suffix(set) => Self::Whole,
            (_, 0) => Self::Unsatisfiable,
            (_, 1) => Self::Parts(parts),
            _ if total > length => Self::Whole,
            _ => Self::Parts(parts),
        }
    }
}

/// The value of a `Content-Range` field.
///
/// # Examples
///
/// ```
/// use waterspout_http::ContentRange;
///
/// assert_eq!(ContentRange::of(&(0..10), 26).to_string(), "bytes 0-9/26");
/// assert_eq!(ContentRange::unsatisfied(26).to_string(), "bytes */26");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentRange {
    part: Option<Range<u64>>,
    length: u64,
}

impl ContentRange {
    /// Makes the field of a 206 that has `part` of `length` octets. The part must not be empty.
    #[must_use]
    pub fn of(part: &Range<u64>, length: u64) -> Self {
        Self {
            part: Some(part.clone()),
            length,
        }
    }

    /// Makes the field of a 416 for `length` octets.
    #[must_use]
    pub fn unsatisfied(length: u64) -> Self {
        Self { part: None, length }
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Some(part) => {
                let last = part.end.saturating_sub(1);
                write!(f, "bytes {}-{last}/{}", part.start, self.length)
            }
            None => write!(f, "bytes */{}", self.length),
        }
    }
}

/// Takes off `bytes=`; names of units have no case (RFC 9110 §14.1).
fn strip_unit(value: &[u8]) -> Option<&[u8]> {
    let (unit, set) = value.split_at_checked(6)?;
    unit.eq_ignore_ascii_case(b"bytes=").then_some(set)
}

/// One range, empty if it lies outside; `None` if it is malformed.
fn parse_one(element: &[u8], length: u64) -> Option<Range<u64>> {
    let dash = element.iter().position(|octet| *octet == b'-')?;
    let (first, last) = (&element[..dash], &element[dash + 1..]);
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(length.saturating_sub(suffix)..length);
    }
    let first = number(first)?;
    let end = match last {
        [] => length,
        last => {
            let last = number(last)?;
            if last < first {
                return None;
            }
            last.saturating_add(1).min(length)
        }
    };
    Some(first..end)
}

/// Digits only; what does not fit is as good as endless.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u64, digit: &u8| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    };
    Some(digits.iter().fold(0, add))
}

fn ends_with_suffix(set: &[u8]) -> bool {
    let suffix = set.strip_prefix(b"-").and_then(number);
    suffix.is_some_and(|count| count > 0)
}

fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

#[cfg(test)]
#[expect(
    clippy::single_range_in_vec_init,
    reason = "one range is what is meant"
)]
mod tests {
    use super::RangeRequest::{self, Parts, Unsatisfiable, Whole};

    #[test]
    fn reads_single_ranges() {
        for (value, wanted) in [
            ("bytes=0-9", Parts(vec![0..10])),
            ("BYTES=0-9", Parts(vec![0..10])),
            ("bytes=0-", Parts(vec![0..26])),
            ("bytes=0-10000000", Parts(vec![0..26])),
            ("bytes=1-99999999999999999999999", Parts(vec![1..26])),
            ("bytes=-1000000", Parts(vec![0..26])),
            ("bytes=-4", Parts(vec![22..26])),
            ("bytes=25-25", Parts(vec![25..26])),
            ("bytes=26-", Unsatisfiable),
            ("bytes=99999999999999999999999-", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
        ] {
            assert_eq!(RangeRequest::parse(value.as_bytes(), 26), wanted, "{value}");
        }
    }

    #[test]
    fn ignores_what_is_malformed_or_excessive() {
        for value in [
            "",
            "asdf",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=5",
            "bytes=10-3",
            "bytes=+1-2",
            "bytes=1_0-",
            "bytes=0x1-",
            "bytes= 1 - 2",
            "bytes=--1",
            "items=0-1",
            "bytes=0-1,x",
            "bytes=0-20,3-22",
            "bytes 0-1",
            "bytes=\u{661}-",
        ] {
            assert_eq!(RangeRequest::parse(value.as_bytes(), 26), Whole, "{value}");
        }
        let many = format!("bytes={}", "1-1,".repeat(17));
        assert_eq!(RangeRequest::parse(many.as_bytes(), 1000), Whole);
    }

    #[test]
    fn reads_several_ranges_and_leaves_out_those_outside() {
        let value = b"bytes=0-1 ,, 4-5,\t-2,99-";
        assert_eq!(
            RangeRequest::parse(value, 26),
            Parts(vec![0..2, 4..6, 24..26])
        );
        assert_eq!(RangeRequest::parse(b"bytes=30-,40-", 26), Unsatisfiable);
    }

    #[test]
    fn an_empty_representation_has_no_ranges() {
        assert_eq!(RangeRequest::parse(b"bytes=0-", 0), Unsatisfiable);
        assert_eq!(RangeRequest::parse(b"bytes=-5", 0), Whole);
    }
}
