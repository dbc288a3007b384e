//! The server: an application per worker, on the sockets it was given, until it is told to stop.
//!
//! ```text
//! HttpServer ── run ──> [fork: processes] ──> worker 0 on this thread, with the signals
//!                                         ├─> worker 1 on a thread of its own
//!                                         └─> …          each: loop + Application + listeners
//! ```

mod address;
mod http_server;
mod sockets;
mod stage;
#[cfg(feature = "tls")]
mod tls;
mod worker;

pub use address::ListenAddr;
pub use http_server::HttpServer;
pub(crate) use stage::{First, first};
