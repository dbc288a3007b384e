//! The framework seen from outside: bytes go into real sockets, and bytes come out.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod api_shapes;
mod bodies;
mod classes;
mod closing;
mod cookies;
mod failures;
mod groups;
mod log;
mod parameters;
mod redirects;
mod replies;
mod routing;
mod support;
mod websockets;
