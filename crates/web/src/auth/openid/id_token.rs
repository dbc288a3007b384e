//! Checking an ID token (OpenID Connect Core §3.1.3.7).

use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};
use waterspout_http::base64;

use super::claims::IdClaims;
use crate::auth::jose::{Algorithm, Jwk, Jws, JwsError};
use crate::signed::same_secret;

/// How far clocks may differ, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// How old a token may be, in seconds: it was made for this try to sign in, which takes minutes.
const MAX_AGE: f64 = 3600.0;

/// What a token must say.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client_id: &'e str,
    pub(super) nonce: &'e str,
    pub(super) access_token: &'e str,
    pub(super) now: u64,
}

/// Why an ID token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdTokenError {
    Signature(JwsError),
    /// A claim that is missing, malformed or not what it must be.
    Claim(&'static str),
}

impl IdTokenError {
    /// Tells whether newer keys of the issuer may help.
    pub(super) fn is_about_keys(self) -> bool {
        matches!(
            self,
            Self::Signature(JwsError::UnknownKey | JwsError::Signature)
        )
    }
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(_) => f.write_str("ID token cannot be verified"),
            Self::Claim(name) => write!(f, "claim {name} of the ID token is not what it must be"),
        }
    }
}

impl std::error::Error for IdTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Signature(error) => Some(error),
            Self::Claim(_) => None,
        }
    }
}

impl From<JwsError> for IdTokenError {
    fn from(error: JwsError) -> Self {
        Self::Signature(error)
    }
}

/// Checks signature and claims.
pub(super) fn check(
    token: &str,
    keys: &[Jwk],
    expected: &Expected<'_>,
) -> Result<IdClaims, IdTokenError> {
    let jws = Jws::parse(token)?;
    let payload = jws.verify(keys)?;
    let claims: Map<String, Value> =
        serde_json::from_slice(payload).map_err(|_| JwsError::Malformed)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let require = |is_right: bool, name| is_right.then_some(()).ok_or(IdTokenError::Claim(name));
    require(text("iss") == Some(expected.issuer), "iss")?;
    require(is_for(&claims, expected.client_id), "aud")?;
    let azp = claims.get("azp");
    require(
        azp.is_none_or(|azp| azp.as_str() == Some(expected.client_id)),
        "azp",
    )?;
    check_times(&claims, expected.now)?;
    let nonce = text("nonce").unwrap_or_default();
    require(same_secret(nonce, expected.nonce), "nonce")?;
    let access_token = expected.access_token;
    let hash = claims.get("at_hash");
    let fits = |hash: &Value| hash.as_str() == Some(&*token_hash(jws.algorithm(), access_token));
    require(hash.is_none_or(fits), "at_hash")?;
    // §2: at the most 255 characters of ASCII.
    let subject = text("sub").filter(|sub| (1..=255).contains(&sub.len()) && sub.is_ascii());
    let subject = subject.ok_or(IdTokenError::Claim("sub"))?.to_owned();
    Ok(IdClaims {
        issuer: expected.issuer.to_owned(),
        subject,
        claims,
    })
}

/// Tells whether the token is for this site. One for several must say by `azp` who asked (rule 4).
fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(audience)) => audience == client_id,
        Some(Value::Array(all)) => {
            let is_among = all.iter().any(|one| one.as_str() == Some(client_id));
            is_among && (all.len() == 1 || claims.contains_key("azp"))
        }
        _ => false,
    }
}

fn check_times(claims: &Map<String, Value>, now: u64) -> Result<(), IdTokenError> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below 2^52"
    )]
    let now = now as f64;
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    let is_at_hand = |time: f64| time <= now + CLOCK_SKEW;
    let expires = time("exp").filter(|time| *time > now - CLOCK_SKEW);
    expires.ok_or(IdTokenError::Claim("exp"))?;
    let issued = time("iat").filter(|time| is_at_hand(*time) && *time > now - MAX_AGE);
    issued.ok_or(IdTokenError::Claim("iat"))?;
    match claims.get("nbf") {
        Some(begin) if !begin.as_f64().is_some_and(is_at_hand) => Err(IdTokenError::Claim("nbf")),
        _ => Ok(()),
    }
}

/// The left half of the access token's hash (§3.1.3.6), by the hash of the signature.
fn token_hash(algorithm: Algorithm, access_token: &str) -> String {
    match algorithm {
        Algorithm::EdDsa => base64::encode_url(&Sha512::digest(access_token)[..32]),
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => {
            base64::encode_url(&Sha256::digest(access_token)[..16])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_access_token_is_that_of_the_specification() {
        // OpenID Connect Core, appendix A.3.
        let hash = token_hash(
            Algorithm::Rs256,
            "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        );
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
