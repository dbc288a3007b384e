//! HTTP/1.1 for single-threaded event loops.
//!
//! Three layers, each usable by itself:
//!
//! * values: [`Request`], [`ResponseHead`], [`Headers`];
//! * [`h1`]: codecs, functions of bytes without I/O;
//! * [`server`]: the connection driver and the server, which call a [`Service`] with one
//!   [`Exchange`] per request; [`client`]: [`HttpClient`](client::HttpClient) and its pool.
//!
//! The framework on top of it is the crate `waterspout`; write against this one to answer requests
//! without it; [`server`] shows how.
#![forbid(unsafe_code)]

pub mod base64;
pub mod client;
pub mod coding;
pub mod conditional;
pub mod forwarded;
pub mod h1;
pub mod multipart;
pub mod server;
pub mod ws;

mod date;
mod headers;
mod range;
mod rejection;
mod request;
mod response;
mod service;

pub use bytes::Bytes;
pub use conditional::EntityTag;
pub use date::HttpDate;
pub use headers::{Headers, InvalidHeader};
pub use http::{Method, StatusCode, Version};
pub use range::{ContentRange, MAX_RANGES, RangeRequest};
pub use rejection::Rejection;
pub use request::Request;
pub use response::{InvalidReason, ResponseHead};
pub use server::{BodyError, Closed, Exchange, WriteError};
pub use server::{Lease, Stage, Upgraded};
pub use service::Service;
