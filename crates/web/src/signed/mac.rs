//! Message authentication codes, hexadecimal digits, and comparing without telling where texts differ.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A key with both hashes that signed values use. Its first block is hashed once, when it is made.
#[derive(Clone)]
pub(super) struct Key {
    sha256: Hmac<Sha256>,
    sha1: Hmac<Sha1>,
}

impl Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self {
            sha256: keyed(secret),
            sha1: keyed(secret),
        }
    }

    /// HMAC-SHA-256 in hexadecimal digits.
    pub(super) fn sign_v2(&self, text: &[u8]) -> String {
        hex(&self.mac_v2(text))
    }

    /// Tells whether these are the digits that [`sign_v2`](Self::sign_v2) gives, and makes no text for that.
    pub(super) fn has_signed_v2(&self, text: &[u8], digits: &str) -> bool {
        let mut wanted = [0; 64];
        let octets = self.mac_v2(text);
        for (pair, octet) in wanted.as_chunks_mut().0.iter_mut().zip(octets) {
            *pair = hex_pair(octet);
        }
        same_secret(wanted, digits)
    }

    fn mac_v2(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = self.sha256.clone();
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// HMAC-SHA-1 of the parts, one after the other, in hexadecimal digits.
    pub(super) fn sign_v1(&self, parts: [&[u8]; 3]) -> String {
        let mut mac = self.sha1.clone();
        for part in parts {
            mac.update(part);
        }
        hex(&mac.finalize().into_bytes())
    }
}

/// HMAC-SHA-256 of a message.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac: Hmac<Sha256> = keyed(key);
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// HMAC-SHA-1 of a message.
pub(crate) fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac: Hmac<Sha1> = keyed(key);
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// Compares secrets in a time that depends on their lengths alone, and not on where they differ.
///
/// For tokens, keys and codes that a client sends. Passwords are hashed instead.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, HttpError, Result, same_secret};
///
/// async fn hook(cx: &mut Context) -> Result<&'static str> {
///     if !same_secret(cx.header("X-Key").unwrap_or(""), "the key") {
///         return Err(HttpError::FORBIDDEN.into());
///     }
///     Ok("thank you")
/// }
/// ```
#[must_use]
pub fn same_secret(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    one.as_ref().ct_eq(other.as_ref()).into()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() * 2);
    for octet in octets {
        out.extend(hex_pair(*octet).map(char::from));
    }
    out
}

fn hex_pair(octet: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [octet >> 4, octet & 15].map(|digit| DIGITS[usize::from(digit)])
}

/// The octets of hexadecimal digits in either case.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let octet = |&[high, low]: &[u8; 2]| u8::try_from(digit(high)? << 4 | digit(low)?).ok();
    pairs.iter().map(octet).collect()
}
