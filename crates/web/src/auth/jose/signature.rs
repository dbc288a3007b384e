//! Checking signatures, by the library that TLS uses. ring and aws-lc-rs have one interface for it.

#[cfg(feature = "tls-aws-lc")]
use aws_lc_rs::signature as provider;
#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
use ring::signature as provider;

use provider::UnparsedPublicKey;

use super::jws::Algorithm;

/// RSA with keys of 2048 to 8192 bits, by the padding of the algorithm.
pub(super) fn rsa(
    algorithm: Algorithm,
    (n, e): (&[u8], &[u8]),
    message: &[u8],
    signature: &[u8],
) -> bool {
    let padding = match algorithm {
        Algorithm::Rs256 => &provider::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Ps256 => &provider::RSA_PSS_2048_8192_SHA256,
        Algorithm::Es256 | Algorithm::EdDsa => return false,
    };
    let key = provider::RsaPublicKeyComponents { n, e };
    key.verify(padding, message, signature).is_ok()
}

/// ECDSA on P-256 with SHA-256; the signature is r and s, 32 octets each (RFC 7518 §3.4).
pub(super) fn p256(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&provider::ECDSA_P256_SHA256_FIXED, point);
    key.verify(message, signature).is_ok()
}

pub(super) fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&provider::ED25519, key);
    key.verify(message, signature).is_ok()
}
