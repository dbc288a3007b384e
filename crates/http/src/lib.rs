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
//! without it.
//!
//! # Examples
//!
//! ```no_run
//! use std::rc::Rc;
//! use waterspout_http::server::{HttpServer, ServerConfig};
//! use waterspout_http::{Exchange, Service};
//! use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets};
//!
//! struct Hello;
//!
//! impl Service for Hello {
//!     async fn call(&self, mut exchange: Exchange) -> Exchange {
//!         exchange.response_mut().set_content_type("text/plain");
//!         exchange.set_static_body(b"Hello, world");
//!         exchange
//!     }
//! }
//!
//! IoLoop::new()?.run_sync(async {
//!     let server = HttpServer::new(Rc::new(Hello), &ServerConfig::default());
//!     for socket in bind_sockets(8888, BindOptions::default())? {
//!         server.serve(Listener::from_bound(socket)?);
//!     }
//!     std::future::pending::<std::io::Result<()>>().await
//! })?;
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

pub mod h1;
pub mod server;

mod headers;
mod rejection;
mod request;
mod response;
mod service;

pub use bytes::Bytes;
pub use headers::{Headers, InvalidHeader};
pub use http::{Method, StatusCode, Version};
pub use rejection::Rejection;
pub use request::Request;
pub use response::{InvalidReason, ResponseHead};
pub use server::{BodyError, Closed, Exchange, WriteError};
pub use service::Service;
