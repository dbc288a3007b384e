//! Signing in: with the account of another site, against a provider that the tests play themselves, and
//! with passwords.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod browser;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod forged_tokens;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod identity_provider;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod log;
mod oauth1;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod oauth2;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod openid;
#[cfg(feature = "passwords")]
mod passwords;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod signer;
