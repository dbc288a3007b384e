//! The connection: a stream that has left HTTP.

mod config;
mod error;
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
