//! The connection: a stream that has left HTTP.

mod config;
mod core;
mod ending;
mod error;
mod flow;
mod queue;
mod remote;
mod send;
mod sender;
mod socket;
mod timers;

pub use config::{SlowConsumer, WebSocketConfig};
pub use error::SendError;
pub use remote::RemoteSender;
pub use sender::Sender;
pub use socket::Socket;
