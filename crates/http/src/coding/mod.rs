//! Content codings: RFC 9110 §8.4 and §12.5.3.
//!
//! [`accepted_codings`] chooses one, an [`Encoder`] applies it, a [`Decoder`] undoes it. The features `gzip` (on by default),
//! `brotli` and `zstd` say which there are.

mod accept;
#[cfg(feature = "brotli")]
mod brotli;
mod decoder;
mod encoder;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "gzip")]
mod inflate;
#[cfg(test)]
mod tests;
#[cfg(feature = "zstd")]
mod zstd;

pub use accept::accepted_codings;
pub use decoder::{DECODABLE, DecodeError, Decoder};
pub use encoder::{AVAILABLE, Encoder};
