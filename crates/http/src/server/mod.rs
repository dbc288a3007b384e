//! The server: listeners, connections and exchanges.
//!
//! ```text
//! HttpServer ── accepts ──> connection (idle: no buffer, one small task)
//!                             │ bytes arrive
//!                             v
//!                           driver: head -> Service::call(Exchange) -> response -> one write
//!                             │ nothing unparsed is left
//!                             v
//!                           idle again, all memory of the exchange back in the loop's pools
//! ```

mod config;
mod conn;
mod connection;
mod drain;
mod driver;
mod exchange;
mod handshake;
mod http_server;
mod pace;
mod shared;

pub use config::ServerConfig;
pub use drain::Drained;
pub use exchange::{BodyError, Closed, Exchange, WriteError};
pub use http_server::HttpServer;
