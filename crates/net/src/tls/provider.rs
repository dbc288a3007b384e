//! Where the cryptography comes from.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::TlsError;
use super::error::Kind;

#[cfg(feature = "tls-aws-lc")]
fn chosen() -> Option<CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
fn chosen() -> Option<CryptoProvider> {
    Some(rustls::crypto::ring::default_provider())
}

#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc")))]
fn chosen() -> Option<CryptoProvider> {
    None
}

pub(super) fn provider() -> Result<Arc<CryptoProvider>, TlsError> {
    let chosen = chosen().map(Arc::new);
    chosen.ok_or_else(|| TlsError::new(Kind::NoProvider))
}

/// Makes what encrypts the tickets of sessions, so that a client can resume one at any worker.
#[cfg(feature = "tls-aws-lc")]
pub(super) fn ticketer() -> Result<Arc<dyn rustls::server::ProducesTickets>, rustls::Error> {
    rustls::crypto::aws_lc_rs::Ticketer::new()
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
pub(super) fn ticketer() -> Result<Arc<dyn rustls::server::ProducesTickets>, rustls::Error> {
    rustls::crypto::ring::Ticketer::new()
}

#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc")))]
pub(super) fn ticketer() -> Result<Arc<dyn rustls::server::ProducesTickets>, rustls::Error> {
    Err(rustls::Error::General("no provider".to_owned()))
}
