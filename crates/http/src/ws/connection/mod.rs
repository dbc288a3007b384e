//! The connection: a stream that has left HTTP.

mod batch;
mod config;
mod core;
mod ending;
mod error;
mod flow;
mod group;
mod queue;
mod remote;
mod send;
mod sender;
mod socket;
mod timers;
mod turn;

pub use config::{SlowConsumer, WebSocketConfig};
pub use error::SendError;
pub use group::{Group, Seat};
pub use queue::QueueCounts;
pub use remote::RemoteSender;
pub use sender::Sender;
pub use socket::Socket;
