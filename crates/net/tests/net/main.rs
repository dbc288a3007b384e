//! Bytes in and bytes out on real sockets, and loops whose clock is paused; a file per module.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod bind;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod certificates;
mod io_loop;
mod listener;
#[cfg(feature = "test-util")]
mod periodic;
mod proxy_protocol;
mod signals;
mod support;
mod tcp_client;
mod tcp_server;
#[cfg(feature = "test-util")]
mod timers;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod tls;
