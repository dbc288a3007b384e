//! Errors: what a handler may fail with, and what the client gets to see of it.
//!
//! A handler returns [`Result`](crate::Result), and `?` works on any error. An [`HttpError`] keeps
//! its status, its public message and its header fields; every other error becomes a bare
//! `500 Internal Server Error` whose cause is written to the log and never to the client.

mod failure;
mod http_error;
mod misuse;

pub use failure::Error;
pub use http_error::HttpError;
pub(crate) use http_error::reason;
pub(crate) use misuse::Misuse;

/// What a handler, a middleware or a start-up function returns.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;
