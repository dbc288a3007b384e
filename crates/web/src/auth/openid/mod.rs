//! Signing in by OpenID Connect: OAuth 2.0 with a signed statement of who it was (Core 1.0, Discovery 1.0).

mod claims;
mod client;
mod id_token;
mod metadata;

pub use claims::IdClaims;
pub use client::{OpenIdClient, OpenIdLogin};
