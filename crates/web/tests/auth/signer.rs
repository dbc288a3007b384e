//! Private keys of the provider.

use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256,
};
use serde_json::{Value, json};
use waterspout::http::base64;

/// A key with the name it is published under.
pub(crate) struct Signer {
    pub(crate) id: String,
    pub(crate) algorithm: &'static str,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// Makes a key for `RS256`, `PS256`, `ES256` or `EdDSA`.
    pub(crate) fn new(id: &str, algorithm: &'static str) -> Self {
        let random = SystemRandom::new();
        let key = match algorithm {
            "RS256" | "PS256" => {
                let pair = RsaKeyPair::from_pkcs8(include_bytes!("rsa.pk8")).unwrap();
                Key::Rsa(Box::new(pair))
            }
            "ES256" => {
                let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let text = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
                Key::Ec(EcdsaKeyPair::from_pkcs8(kind, text.as_ref(), &random).unwrap())
            }
            _ => {
                let text = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Key::Ed25519(Ed25519KeyPair::from_pkcs8(text.as_ref()).unwrap())
            }
        };
        let id = id.to_owned();
        Self { id, algorithm, key }
    }

    /// The public half, as a set of keys holds it.
    pub(crate) fn public(&self) -> Value {
        let text = |octets: &[u8]| base64::encode_url(octets);
        let mut key = match &self.key {
            Key::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e)})
            }
            Key::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])})
            }
            Key::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref())})
            }
        };
        key["kid"] = json!(self.id);
        key["use"] = json!("sig");
        key
    }

    /// A token with the claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm, "kid": self.id, "typ": "JWT"});
        self.sign_with_header(&header, claims)
    }

    pub(crate) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let header = base64::encode_url(header.to_string());
        let input = format!("{header}.{}", base64::encode_url(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let message = input.as_bytes();
                if self.algorithm == "PS256" {
                    pair.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                        .unwrap();
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                        .unwrap();
                }
                signature
            }
            Key::Ec(pair) => pair
                .sign(&random, input.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
            Key::Ed25519(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
        };
        format!("{input}.{}", base64::encode_url(signature))
    }
}
