//! The client: [`HttpClient`], its requests and responses, and its pool.
//!
//! A fetch waits for a place in the pool, takes a connection that waits there or makes one, sends
//! the request, and reads the response. Each of these has a clock of its own, and the error says
//! which one ran out ([`Timer`]).
//!
//! # The pool
//!
//! Connections are kept for requests to the same host, by the same way ([`ClientConfig`] says how
//! many and how long). One that waits is looked at before it is used. It may still turn out closed:
//! a request that may be repeated is then sent once more, on a new connection; another fails.
//!
//! # Cancel safety
//!
//! Dropping a fetch, or a response that is streamed, cancels it: the connection is closed.

mod auth;
mod body;
mod config;
mod connect;
mod cookies;
mod error;
mod exchange;
mod head;
mod hop;
mod http_client;
mod multipart;
mod pool;
mod proxy;
mod query;
mod receiving;
mod request;
mod response;
mod sending;
mod timers;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod url;
mod websocket;

pub use body::{BodyWriter, ProducerError};
pub use config::ClientConfig;
pub use cookies::CookieJar;
pub use error::{FetchError, Timer};
pub use http_client::HttpClient;
pub use multipart::{MultipartForm, Part};
pub use pool::PoolGauges;
pub use proxy::Proxy;
pub use query::url_concat;
pub use request::{AuthMode, HttpRequest, IntoRequest};
pub use response::{HttpResponse, StreamedResponse};
pub use websocket::{WebSocketClientConnection, WebSocketRequest, websocket_connect};
