//! Where the body of a request ends (RFC 9112 §6), decided once and strictly.

use http::{StatusCode, Version};

use crate::Rejection;

/// How the body of a request is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// The body has this many octets, more than none.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
}

/// The fields that decide the framing, gathered while the head is parsed.
#[derive(Debug, Default, Clone, Copy)]
pub struct FramingFields<'a> {
    /// The value of `Content-Length`.
    pub content_length: Option<&'a [u8]>,
    /// The value of `Transfer-Encoding`.
    pub transfer_encoding: Option<&'a [u8]>,
    /// One of the two came more than once.
    pub repeated: bool,
}

impl FramingFields<'_> {
    /// Decides how the body is framed.
    ///
    /// # Errors
    ///
    /// 400 where two readers could disagree: both fields, a repeated field or a list of lengths
    /// (even of equal ones), a length that is not digits only, a transfer coding in HTTP/1.0, a last
    /// coding that is not `chunked`. 501 for a coding other than `chunked` (RFC 9112 §6.1).
    #[inline]
    pub fn decide(&self, version: Version) -> Result<Framing, Rejection> {
        match (self.transfer_encoding, self.content_length) {
            (None, None) => Ok(Framing::None),
            _ if self.repeated => Err(Rejection::bad_request(
                "Content-Length or Transfer-Encoding is repeated",
            )),
            (None, Some(length)) => match parse_length(length)? {
                0 => Ok(Framing::None),
                length => Ok(Framing::Length(length)),
            },
            (Some(_), Some(_)) => Err(Rejection::bad_request(
                "both Content-Length and Transfer-Encoding are given",
            )),
            (Some(coding), None) => chunked_only(coding, version),
        }
    }
}

/// RFC 9110 §8.6: digits only. A sign, a blank, an underscore or a hexadecimal prefix that a
/// language's integer parser takes is how requests are smuggled (GHSA-qppv-j76h-2rpx).
fn parse_length(value: &[u8]) -> Result<u64, Rejection> {
    let digit = |length: u64, octet: &u8| match octet {
        b'0'..=b'9' => length.checked_mul(10)?.checked_add(u64::from(octet - b'0')),
        _ => None,
    };
    if value.is_empty() {
        return Err(Rejection::bad_request("Content-Length is empty"));
    }
    let length = value.iter().try_fold(0, digit);
    length.ok_or_else(|| Rejection::bad_request("Content-Length is not a decimal number"))
}

fn chunked_only(value: &[u8], version: Version) -> Result<Framing, Rejection> {
    // RFC 9112 §6.1: a message of HTTP/1.0 with this field has faulty framing.
    if version == Version::HTTP_10 {
        return Err(Rejection::bad_request(
            "Transfer-Encoding in an HTTP/1.0 request",
        ));
    }
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(Framing::Chunked);
    }
    let last = value
        .rsplit(|octet| *octet == b',')
        .next()
        .unwrap_or_default();
    let chunked = value.split(|octet| *octet == b',');
    let times = chunked.filter(|coding| is_chunked(coding)).count();
    if !is_chunked(last) || times > 1 {
        // RFC 9112 §6.3 rule 4: the length cannot be known; §6.1: chunked is applied once.
        return Err(Rejection::bad_request(
            "Transfer-Encoding does not end in one chunked coding",
        ));
    }
    let status = StatusCode::NOT_IMPLEMENTED;
    Err(Rejection::new(
        status,
        "Transfer-Encoding has a coding other than chunked",
    ))
}

fn is_chunked(coding: &[u8]) -> bool {
    coding.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(length: Option<&str>, coding: Option<&str>) -> Result<Framing, u16> {
        let fields = FramingFields {
            content_length: length.map(str::as_bytes),
            transfer_encoding: coding.map(str::as_bytes),
            repeated: false,
        };
        fields
            .decide(Version::HTTP_11)
            .map_err(|rejection| rejection.status().as_u16())
    }

    #[test]
    fn knows_the_three_framings() {
        assert_eq!(decide(None, None), Ok(Framing::None));
        assert_eq!(decide(Some("0"), None), Ok(Framing::None));
        assert_eq!(decide(Some("12"), None), Ok(Framing::Length(12)));
        assert_eq!(
            decide(Some("18446744073709551615"), None),
            Ok(Framing::Length(u64::MAX))
        );
        assert_eq!(decide(None, Some("Chunked")), Ok(Framing::Chunked));
    }

    #[test]
    fn refuses_lengths_that_are_not_digits() {
        for length in [
            "",
            "+1",
            "-1",
            "1_0",
            "0x1",
            "1 ",
            "1,1",
            "1e1",
            "١",
            "18446744073709551616",
        ] {
            assert_eq!(decide(Some(length), None), Err(400), "{length:?}");
        }
    }

    #[test]
    fn refuses_codings_that_hide_the_end() {
        for coding in [
            "identity",
            "chunked, gzip",
            "chunked, chunked",
            "chunked;q=1",
            "",
            "xchunked",
        ] {
            assert_eq!(decide(None, Some(coding)), Err(400), "{coding:?}");
        }
        assert_eq!(decide(None, Some("gzip, chunked")), Err(501));
        assert_eq!(decide(Some("1"), Some("chunked")), Err(400));
    }

    #[test]
    fn refuses_a_coding_in_http_10_and_repeated_fields() {
        let fields = FramingFields {
            transfer_encoding: Some(b"chunked"),
            ..Default::default()
        };
        assert!(fields.decide(Version::HTTP_10).is_err());
        let fields = FramingFields {
            content_length: Some(b"1"),
            repeated: true,
            ..Default::default()
        };
        assert!(fields.decide(Version::HTTP_11).is_err());
    }
}
