//! Listening sockets and the servers on them.

mod accept_error;
mod address;
mod bind;
mod bind_error;
mod bound;
mod listener;
mod server;
mod unix;

pub use address::{BoundAddr, PeerAddr};
pub use bind::{BindOptions, Family, bind_sockets};
pub(crate) use bind_error::at as bind_error_at;
pub use bound::BoundSocket;
pub use listener::Listener;
pub use server::TcpServer;
pub use unix::bind_unix_socket;
