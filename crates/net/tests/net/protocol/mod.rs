//! Protocols in callback form.

mod datagram;
mod stream;
mod subprocess;
