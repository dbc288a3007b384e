//! The compact form: `header.payload.signature`, each in base64 for URLs.

use std::fmt;

use serde_json::{Map, Value};
use waterspout_http::base64;

use super::jwk::Jwk;

/// The most octets of a token.
const MAX_TOKEN: usize = 64 * 1024;

/// An algorithm that signatures may have (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A token, taken apart. Nothing of it is to be believed before [`verify`](Self::verify).
pub(crate) struct Jws<'t> {
    algorithm: Algorithm,
    key_id: Option<String>,
    /// Header and payload as they were signed.
    input: &'t [u8],
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JwsError {
    Malformed,
    Algorithm,
    Critical,
    UnknownKey,
    Signature,
}

impl fmt::Display for JwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "token is malformed",
            Self::Algorithm => "algorithm of the token is not RS256, PS256, ES256 or EdDSA",
            Self::Critical => "token has extensions that are not known",
            Self::UnknownKey => "no key of the issuer fits the token",
            Self::Signature => "signature of the token is wrong",
        })
    }
}

impl std::error::Error for JwsError {}

impl<'t> Jws<'t> {
    pub(crate) fn parse(token: &'t str) -> Result<Self, JwsError> {
        if token.len() > MAX_TOKEN {
            return Err(JwsError::Malformed);
        }
        let (input, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = input.split_once('.').ok_or(JwsError::Malformed)?;
        let decoded = |part: &str| base64::decode_url(part).ok_or(JwsError::Malformed);
        let header: Map<String, Value> =
            serde_json::from_slice(&decoded(header)?).map_err(|_| JwsError::Malformed)?;
        let algorithm = header.get("alg").and_then(Value::as_str);
        let algorithm = algorithm.ok_or(JwsError::Malformed)?;
        let algorithm = Algorithm::of(algorithm).ok_or(JwsError::Algorithm)?;
        // RFC 7515 §4.1.11: who does not know an extension refuses the token. `b64` is one (RFC 7797).
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(JwsError::Critical);
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(JwsError::Malformed),
        };
        Ok(Self {
            algorithm,
            key_id,
            input: input.as_bytes(),
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Checks the signature with the keys that fit, and returns what was signed.
    pub(crate) fn verify(&self, keys: &[Jwk]) -> Result<&[u8], JwsError> {
        let mut fitting = keys
            .iter()
            .filter(|key| key.fits(self.algorithm, self.key_id.as_deref()))
            .peekable();
        if fitting.peek().is_none() {
            return Err(JwsError::UnknownKey);
        }
        let mut fitting =
            fitting.map(|key| key.verify(self.algorithm, self.input, &self.signature));
        if fitting.any(|is_right| is_right) {
            Ok(&self.payload)
        } else {
            Err(JwsError::Signature)
        }
    }
}
