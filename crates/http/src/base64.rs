//! Base64 (RFC 4648): the standard alphabet with padding, and the one for URLs without.
//!
//! Decoding is strict: one text for each value, so no blanks, no padding too much or too little, and no
//! bits that are set and mean nothing.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Encodes octets in the standard alphabet, with padding (RFC 4648 §4).
///
/// # Examples
///
/// ```
/// use waterspout_http::base64;
///
/// assert_eq!(base64::encode("fo"), "Zm8=");
/// assert_eq!(base64::decode("Zm8=").unwrap(), b"fo");
/// ```
#[must_use]
pub fn encode(octets: impl AsRef<[u8]>) -> String {
    let mut out = encode_with(STANDARD, octets.as_ref());
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// Encodes octets in the alphabet for URLs, without padding (RFC 4648 §5), as JOSE and PKCE do.
#[must_use]
pub fn encode_url(octets: impl AsRef<[u8]>) -> String {
    encode_with(URL, octets.as_ref())
}

/// Decodes text of the standard alphabet, with its padding; `None` if it is anything else.
#[must_use]
pub fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let text = text.as_ref();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix(b"=").unwrap_or(text);
    let digits = digits.strip_suffix(b"=").unwrap_or(digits);
    decode_with(digits, |digit| match digit {
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    })
}

/// Decodes text of the alphabet for URLs, without padding; `None` if it is anything else.
#[must_use]
pub fn decode_url(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    decode_with(text.as_ref(), |digit| match digit {
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    })
}

fn encode_with(alphabet: &[u8; 64], octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let octet = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..=group.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            out.push(char::from(alphabet[index as usize]));
        }
    }
    out
}

/// Decodes digits without padding; `other` knows the two that alphabets differ in.
fn decode_with(digits: &[u8], other: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits = 0;
        for &digit in group {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                _ => other(digit)?,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - group.len());
        let [_, octets @ ..] = bits.to_be_bytes();
        let whole = match group.len() {
            4 => 3,
            3 if octets[2] == 0 => 2,
            2 if octets[1] == 0 && octets[2] == 0 => 1,
            _ => return None,
        };
        out.extend_from_slice(&octets[..whole]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_go_both_ways() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain), coded);
            assert_eq!(decode(coded).unwrap(), plain.as_bytes());
            assert_eq!(encode_url(plain), coded.trim_end_matches('='));
        }
        assert_eq!(encode([0xfb, 0xff]), "+/8=");
        assert_eq!(encode_url([0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_value_has_one_text() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Z===", "=", "====", "Zm 9",
            "Zm8=\n", "-_8=", "é===",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        for text in ["Zg==", "Zh", "Z", "+/8", "Zm9v\n", " Zm9v"] {
            assert_eq!(decode_url(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_to_the_same(octets: Vec<u8>) {
            prop_assert_eq!(decode(encode(&octets)), Some(octets.clone()));
            prop_assert_eq!(decode_url(encode_url(&octets)), Some(octets));
        }

        #[test]
        fn what_is_decoded_is_encoded_to_the_same(text in "[A-Za-z0-9+/_=-]{0,12}") {
            if let Some(octets) = decode(&text) {
                prop_assert_eq!(encode(octets), text.clone());
            }
            if let Some(octets) = decode_url(&text) {
                prop_assert_eq!(encode_url(octets), text);
            }
        }
    }
}
