//! permessage-deflate (RFC 7692).
//!
//! [`Params`] are what an opening handshake agrees on; a [`Compressor`] and an [`Inflater`] are the two
//! directions of a connection. Without context takeover, which is the default, neither holds memory
//! between messages: compressors and inflaters come from a pool of the thread.

mod compress;
mod inflate;
mod offer;
mod params;

pub use compress::Compressor;
pub(super) use compress::Kind;
pub use inflate::Inflater;
pub use params::{CompressionOptions, Params};

/// What ends every compressed message and is not sent (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

#[cfg(test)]
mod tests;
