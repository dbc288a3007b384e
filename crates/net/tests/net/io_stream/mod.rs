//! `IoStream` and `SharedStream` over TCP, Unix sockets, TLS and pipes.

mod dropped;
mod ending;
mod ends;
pub(crate) mod fairness;
#[cfg(target_os = "linux")]
mod files;
pub(crate) mod pairs;
mod pipes;
mod reading;
mod shared;
mod writing;
