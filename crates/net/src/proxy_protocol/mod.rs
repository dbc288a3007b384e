//! The PROXY protocol, versions 1 and 2: a load balancer says who its client is.
//!
//! A proxy that passes TCP on sends a header before everything else, which names the address of the
//! client. [`ProxyProtocol`] is the [`Handshake`](crate::Handshake) of servers behind one;
//! [`ProxyHeader::parse`] reads a header from octets.

mod handshake;
mod header;
mod network;
mod version1;
mod version2;

pub use handshake::ProxyProtocol;
pub use header::{ProxyError, ProxyHeader};
pub use network::{InvalidNetwork, Network};
