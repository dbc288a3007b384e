//! Locks, queues and the tools of tasks; a file per type. Time is paused, and futures are dropped
//! at each of their awaits.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod barrier;
mod callback;
mod condition;
mod event;
mod gather;
mod lock;
mod pause;
mod queue;
mod queue_cancel;
mod queue_order;
mod semaphore;
mod support;
mod timeout;
mod wait_iterator;
