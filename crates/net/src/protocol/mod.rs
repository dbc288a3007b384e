//! Transports and protocols in the callback form of asyncio and Twisted.
//!
//! Async functions over an [`IoStream`](crate::IoStream) are the way to write a protocol here. This form
//! is for code that comes from asyncio or Twisted, and for state machines whose methods are called as
//! things happen. A protocol is a value of yours whose methods the loop calls; through its transport,
//! a cheap handle that it may keep, it writes and closes.
//!
//! ```text
//!   connection_made ─► (data_received | pause_writing | resume_writing)* ─► eof_received? ─► connection_lost
//! ```
//!
//! - [`Protocol`] on any stream, by [`run_protocol`] or [`spawn_protocol`]; a server of it is a
//!   [`TcpServer`](crate::TcpServer) whose function calls `run_protocol`.
//! - [`DatagramProtocol`] on a [`UdpEndpoint`](crate::UdpEndpoint).
//! - [`SubprocessProtocol`] on a child program.
//!
//! No method is called inside another one, or inside a method of the transport: a write that fills
//! the buffer is followed by `pause_writing` as soon as the current method has returned.

mod datagram;
mod datagram_transport;
mod driver;
mod stream;
mod subprocess;
mod subprocess_transport;
mod transport;
mod wakeup;
mod water;

pub use datagram::{DatagramProtocol, run_datagram_protocol, spawn_datagram_protocol};
pub use datagram_transport::DatagramTransport;
pub use stream::{Protocol, run_protocol, spawn_protocol};
pub use subprocess::{ChildPipe, SubprocessProtocol, run_subprocess_protocol};
pub use subprocess_transport::SubprocessTransport;
pub use transport::StreamTransport;
