//! Signing in by OAuth 1.0a (RFC 5849), and signed requests.

mod client;
mod signature;

pub use client::{OAuth1Client, OAuth1Login, OAuth1Provider, OAuth1Token};
