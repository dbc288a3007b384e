//! TLS, by rustls: encryption over any stream, on both sides.
//!
//! A server has a [`TlsAcceptor`], made of a [`TlsServerConfig`]: the certificate and key files of
//! Tornado's `ssl_options`, and more certificates by name, certificates of clients, and the protocols
//! that ALPN may choose. It reads the files anew when they change. A client has a [`TlsConnector`],
//! made of a [`TlsClientConfig`]. Both turn an [`IoStream`](crate::IoStream) into an encrypted one,
//! also in mid-conversation, as STARTTLS does.
//!
//! The cryptography comes from one of two features: `tls-aws-lc`, which is fast and has key exchange
//! that withstands quantum computers, or `tls-ring`, which builds quickly. With both, aws-lc is used.
//! It is always named explicitly, so that it does not matter what other crates install for the process.

mod acceptor;
mod any_certificate;
mod certificates;
mod client_config;
mod connector;
mod error;
mod files;
mod provider;
mod reload;
mod server_config;
mod session;
mod stream;
mod tcp_client;

pub use acceptor::TlsAcceptor;
pub use client_config::TlsClientConfig;
pub use connector::TlsConnector;
pub use error::TlsError;
pub use server_config::{ClientCertificates, TlsServerConfig};
