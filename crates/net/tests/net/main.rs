//! Bytes in and bytes out on real sockets, and loops whose clock is paused; a file per module.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod accept_handler;
mod bind;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod certificates;
#[cfg(feature = "dns-hickory")]
mod dns;
mod executor;
mod fd_handlers;
mod io_loop;
mod io_stream;
mod listener;
mod loop_names;
mod other_threads;
#[cfg(feature = "test-util")]
mod periodic;
mod protocol;
mod proxy_protocol;
mod resolver;
mod signal_handlers;
mod signals;
mod sock;
mod subprocess;
mod support;
mod tcp_client;
mod tcp_server;
#[cfg(feature = "test-util")]
mod timers;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod tls;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod tls_wire;
mod udp;
mod watchdog;
