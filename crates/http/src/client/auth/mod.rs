//! Credentials: Basic (RFC 7617) and Digest (RFC 7616).

mod answer;
mod basic;
mod challenge;
mod digest;
mod sessions;

pub(super) use answer::{Asked, Entity};
pub(super) use basic::basic;
pub(super) use digest::random_hex;
pub(super) use sessions::Sessions;
