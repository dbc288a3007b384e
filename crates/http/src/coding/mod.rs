//! Content codings: RFC 9110 §8.4 and §12.5.3.

mod accept;

pub use accept::accepted_codings;
