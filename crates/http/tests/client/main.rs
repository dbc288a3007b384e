//! The client against our own server, and against peers that misbehave on purpose.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod cookies;
mod digest;
mod fetch;
mod forms;
mod misbehaving;
mod peer;
mod pool;
mod proxies;
mod redirects;
mod relay;
mod security;
mod split;
mod streaming;
mod support;
mod timers;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
mod tls;
mod websocket;
