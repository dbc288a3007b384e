//! HTTP/1.1 as functions of bytes: no I/O, no waiting, limits before memory.
//!
//! * [`parse`]: the head of a request, strict where RFC 9112 lets one choose.
//! * [`target`]: the four forms of a request target, and the host.
//! * [`framing`]: where the body ends (RFC 9112 §6).
//! * [`chunked`]: the chunked coding.
//! * [`encode`]: the head of a response.

pub mod chunked;
pub mod encode;
pub mod framing;
pub mod parse;
pub mod target;
