//! HTTP/1.1 as functions of bytes: no I/O, no waiting, limits before memory.
//!
//! * [`parse`]: the head of a request, strict where RFC 9112 lets one choose.
//! * [`target`]: the four forms of a request target, and the host.
//! * [`framing`]: where the body ends (RFC 9112 §6).
//! * [`chunked`]: the chunked coding.
//! * [`encode`]: the head of a response.
//! * [`response`]: the head of a response as a client reads it, and where its body ends.
//! * [`encode_request`]: the head of a request.

pub mod chunked;
pub mod encode;
pub mod encode_request;
pub mod framing;
pub mod parse;
pub mod response;
pub mod target;
