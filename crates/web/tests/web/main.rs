//! The framework seen from outside: bytes go into real sockets, and bytes come out.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod advisories;
mod api_shapes;
mod bodies;
mod class_hooks;
mod classes;
mod closing;
mod compression;
mod conditional;
mod cookies;
mod decompression;
mod error_pages;
mod failures;
mod forwarded;
mod groups;
mod locales;
mod log;
mod middleware;
mod multipart;
mod parameters;
mod proxy_protocol;
mod redirects;
mod replies;
mod routing;
mod signed_cookies;
mod sse;
#[cfg(target_os = "linux")]
mod static_changes;
mod static_files;
mod support;
#[cfg(feature = "templates")]
mod templates;
mod testing;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod tls;
mod typed_input;
#[cfg(feature = "templates")]
mod ui_modules;
mod users;
mod watchdog;
mod websocket_client;
mod websocket_ends;
mod websocket_handshakes;
mod websocket_order;
mod websocket_queues;
mod websockets;
mod xsrf;
