//! Content codings: RFC 9110 §8.4 and §12.5.3.
//!
//! [`accepted_codings`] chooses one, an [`Encoder`] applies it. The features `gzip` (on by default),
//! `brotli` and `zstd` say which there are.

mod accept;
#[cfg(feature = "brotli")]
mod brotli;
mod encoder;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "zstd")]
mod zstd;

pub use accept::accepted_codings;
pub use encoder::{AVAILABLE, Encoder};
