//! Listening sockets and the servers on them.

mod accept_error;
mod accept_handler;
mod address;
mod bind;
mod bind_error;
mod bound;
mod client;
mod connect_error;
mod handshake;
mod listener;
mod race;
mod server;
mod unix;

pub use accept_handler::{AcceptHandler, add_accept_handler};
pub use address::{BoundAddr, PeerAddr};
pub use bind::{BindOptions, Family, bind_sockets};
pub(crate) use bind_error::at as bind_error_at;
pub use bound::BoundSocket;
pub use client::{ConnectOptions, TcpClient};
pub use connect_error::ConnectError;
pub use handshake::{Handshake, Handshakes, Shaking};
pub use listener::Listener;
pub use server::TcpServer;
pub use unix::bind_unix_socket;

#[cfg(feature = "tls")]
pub(crate) use {
    client::Progress,
    connect_error::{Stage, Why},
};
