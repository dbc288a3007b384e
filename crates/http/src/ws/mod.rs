//! WebSocket (RFC 6455) with permessage-deflate (RFC 7692).
//!
//! Codecs without I/O: [`handshake`] checks the opening request, [`frame`] reads and writes heads of
//! frames, [`mask`] masks payloads, a [`Decoder`] makes [`Message`]s of octets, and [`deflate`]
//! compresses. On top of them a [`Socket`] drives a connection that has left HTTP: pings, deadlines,
//! the queue of a slow reader, the closing handshake.
//!
//! # Examples
//!
//! ```
//! use waterspout_http::ws::frame::Role;
//! use waterspout_http::ws::{Decoder, Event, Message};
//!
//! let mut decoder = Decoder::new(Role::Client, 1024, None);
//! let step = decoder.decode(b"\x81\x02hi\x89\x00")?;
//! assert_eq!(step.event, Some(Event::Message(Message::from("hi"))));
//! assert_eq!(step.consumed, 4);
//! # Ok::<(), waterspout_http::ws::Violation>(())
//! ```

pub mod deflate;
pub mod frame;
pub mod handshake;
pub mod mask;

mod answer;
mod close;
mod connection;
mod message;
mod prepared;
mod spare;

pub use answer::{Agreement, InvalidAnswer, random_handshake_key};
pub use close::{CloseCode, CloseReason, Violation};
pub use connection::{
    Group, QueueCounts, RemoteSender, Seat, SendError, Sender, SlowConsumer, Socket,
    WebSocketConfig,
};
pub use deflate::CompressionOptions;
pub use message::{Decoder, Event, MAX_FRAGMENTS, Message, Step};
pub use prepared::Prepared;
