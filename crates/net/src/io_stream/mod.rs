//! The byte stream that everything stands on.
//!
//! [`IoStream`] joins a socket with an input and an output buffer. Users' protocols read messages
//! with [`read_until`](IoStream::read_until) and [`read_bytes`](IoStream::read_bytes) and answer with
//! [`write`](IoStream::write), as in Tornado. Protocol drivers, such as the HTTP connection, work one
//! step lower: [`poll_fill`](IoStream::poll_fill), [`buffered`](IoStream::buffered),
//! [`consume`](IoStream::consume), [`enqueue`](IoStream::enqueue) and
//! [`poll_flush`](IoStream::poll_flush).
//!
//! An `IoStream` has one user at a time, so nobody can read while another reads. A [`SharedStream`]
//! is for several tasks at one stream, such as many writers.
//!
//! An idle stream owns no buffer. It waits for readiness without one, takes one from the loop's pool
//! when bytes can be read, and gives it back as soon as nothing is left in it.

mod async_io;
mod config;
mod connect;
mod credentials;
mod ends;
mod error;
mod fate;
mod goal;
mod input;
mod layer;
mod output;
mod pipe;
mod read;
mod read_regex;
mod send_file;
mod shared;
mod sharing;
mod stream;
mod tls_info;
mod transport;
mod write;

pub use config::StreamConfig;
pub use credentials::PeerCredentials;
pub use error::StreamError;
pub use pipe::{PipeIoStream, pipe};
pub use read_regex::{InvalidReadRegex, ReadRegex};
pub use send_file::FileSender;
pub use shared::SharedStream;
pub use stream::IoStream;
pub use tls_info::TlsInfo;

#[cfg(feature = "tls")]
pub(crate) use {input::Input, layer::Layer, transport::Transport};
