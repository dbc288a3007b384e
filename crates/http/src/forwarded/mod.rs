//! Who a request comes from when proxies stand between: `X-Real-IP`, `X-Forwarded-For`, `X-Scheme`,
//! `X-Forwarded-Proto` and `Forwarded` (RFC 7239).
//!
//! Anybody can send these fields. They count only as far as those who wrote them are trusted, so
//! [`TrustedDownstream`] has to be told who that is.

mod field;
mod network;
mod trust;

pub use field::{Element, parse_forwarded, parse_node};
pub use network::InvalidNetwork;
pub(crate) use network::Network;
pub use trust::{Origin, TrustedDownstream};
