//! Signed JSON (JWS, RFC 7515) as ID tokens use it: the compact form, public keys, four algorithms.
//!
//! What is not here cannot be chosen by whoever writes a token: no `none`, no HMAC with a public key as the
//! secret, no key out of the token itself.

mod jwk;
mod jws;
mod signature;
#[cfg(test)]
mod tests;

pub(crate) use jwk::{Jwk, read_key_set};
pub(crate) use jws::{Algorithm, Jws, JwsError};
