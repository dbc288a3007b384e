//! Signing in with the account of another site: OAuth 2.0 with PKCE (RFC 6749, RFC 7636, RFC 9700).
//!
//! The browser is sent to the provider with a random `state`; what belongs to it stands in a signed cookie. When
//! it comes back, cookie and `state` must fit, and the code it brings is exchanged for tokens, with a proof that
//! only this site can give.

pub(super) mod attempt;
pub(super) mod client;
mod presets;
mod provider;
mod token;

pub use client::{OAuth2Client, OAuth2Login};
pub use provider::{ClientAuthentication, OAuth2Provider};
pub use token::OAuthToken;
