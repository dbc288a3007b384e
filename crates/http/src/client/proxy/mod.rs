//! Proxies: HTTP (RFC 9110 §7.1 and §9.3.6) and SOCKS 5 (RFC 1928, RFC 1929).
//!
//! What is for the proxy goes to the proxy only: `Proxy-Authorization` is sent with CONNECT, or with
//! a request in absolute form, and is taken out of what goes through a tunnel.

mod bypass;
mod rules;
mod settings;
pub(super) mod socks5;
mod socks5_talk;
mod tunnel;

pub(super) use rules::ProxyRules;
pub use settings::Proxy;
pub(super) use settings::ProxyKind;
pub(super) use socks5_talk::negotiate;
pub(super) use tunnel::tunnel;
