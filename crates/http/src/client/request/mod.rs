//! Requests, with Tornado's options under their names.

mod behaviour;
mod callbacks;
mod content;
mod into_request;
mod limits;
mod options;
mod reach;
#[expect(
    clippy::module_inception,
    reason = "the file is named for what it holds"
)]
mod request;

pub use into_request::IntoRequest;
pub use options::AuthMode;
#[cfg(feature = "tls")]
pub(super) use options::TlsOptions;
pub(super) use options::{Options, ProxyChoice, Reach};
pub use request::HttpRequest;
