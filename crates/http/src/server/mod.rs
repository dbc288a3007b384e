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
mod upgrade;

pub use config::ServerConfig;
pub use drain::Drained;
pub use exchange::{BodyError, Closed, Exchange, WriteError};
pub use http_server::HttpServer;
pub use upgrade::{Lease, Stage, Upgraded};
