//! Rooms seen from outside: real sockets, on one worker, on several, and in several hubs.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod delivery;
mod history;
mod listeners;
mod membership;
mod mesh;
mod slow;
mod support;
mod workers;
