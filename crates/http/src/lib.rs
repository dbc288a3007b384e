//! HTTP/1.1 for single-threaded event loops.
//!
//! Three layers, each usable by itself:
//!
//! * values: [`Request`], [`ResponseHead`], [`Headers`];
//! * [`h1`]: codecs, functions of bytes without I/O;
//! * [`server`]: the connection driver and the server, which call a [`Service`] with one
//!   [`Exchange`] per request.
//!
//! The framework on top of it is the crate `waterspout`; write against this one to answer requests
//! without it; [`server`] shows how.
#![forbid(unsafe_code)]

pub mod h1;
pub mod server;
pub mod ws;

mod headers;
mod rejection;
mod request;
mod response;
mod service;
mod upgrade;

pub use bytes::Bytes;
pub use headers::{Headers, InvalidHeader};
pub use http::{Method, StatusCode, Version};
pub use rejection::Rejection;
pub use request::Request;
pub use response::{InvalidReason, ResponseHead};
pub use server::{BodyError, Closed, Exchange, WriteError};
pub use service::Service;
pub use upgrade::{Lease, Stage, Upgraded};
