//! Public keys (RFC 7517), and sets of them.

use serde_json::{Map, Value};
use waterspout_http::base64;

use super::jws::Algorithm;
use super::signature;

/// The most keys of a set that are looked at.
const MAX_KEYS: usize = 100;

/// A public key that signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jwk {
    id: Option<String>,
    /// The one algorithm it is for, if it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Of P-256: `04`, x and y.
    Ec(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Reads a set of keys (RFC 7517 §5). Keys of other kinds and for other uses are left out.
pub(crate) fn read_key_set(set: &Value) -> Option<Vec<Jwk>> {
    let keys = set.get("keys")?.as_array()?.iter().take(MAX_KEYS);
    let keys = keys.filter_map(|key| Jwk::read(key.as_object()?));
    Some(keys.collect())
}

impl Jwk {
    fn read(key: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let number = |name: &str| text(name).and_then(base64::decode_url);
        let is_for_signatures = text("use").is_none_or(|purpose| purpose == "sig");
        let algorithm = match text("alg") {
            Some(name) => Some(Algorithm::of(name)?),
            None => None,
        };
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa {
                n: number("n")?,
                e: number("e")?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (number("x")?, number("y")?);
                // RFC 7518 §6.2.1.2: as long as the field, zeros before it included.
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::Ec([&[4], &x[..], &y[..]].concat())
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(number("x")?),
            _ => return None,
        };
        is_for_signatures.then(|| Self {
            id: text("kid").map(str::to_owned),
            algorithm,
            material,
        })
    }

    /// Tells whether the key may have made a signature of an algorithm, under a name if the token gives one.
    ///
    /// The kind of the key decides, not the token: an RSA key is never taken for a secret.
    pub(super) fn fits(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        let is_of_kind = matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
                | (Material::Ec(_), Algorithm::Es256)
                | (Material::Ed25519(_), Algorithm::EdDsa)
        );
        is_of_kind
            && self.algorithm.is_none_or(|own| own == algorithm)
            && id.is_none_or(|id| self.id.as_deref() == Some(id))
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => signature::rsa(algorithm, (n, e), message, signature),
            Material::Ec(point) => signature::p256(point, message, signature),
            Material::Ed25519(key) => signature::ed25519(key, message, signature),
        }
    }
}
