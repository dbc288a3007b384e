//! The event loop: tasks, callbacks, timers and signals on one thread.
//!
//! [`IoLoop`] is thin over tokio's `LocalRuntime`. What tokio has is used as it is; what is added
//! are Tornado's names, and that a callback which fails or panics is logged and the loop goes on.

mod callbacks;
mod clock;
mod current;
mod deadline;
mod event_loop;
mod grid;
mod handle;
mod outcome;
#[cfg(feature = "test-util")]
mod paused;
mod periodic;
mod runtime;
mod signals;
mod state;
mod timers;

pub use clock::TICK;
pub use deadline::{Deadline, ticks};
pub use event_loop::{IoLoop, TimedOut};
pub use handle::LoopHandle;
pub use outcome::Outcome;
pub use periodic::{InvalidPeriod, PeriodicCallback};
pub use signals::{ShutdownSignal, ShutdownSignals, shutdown_signal};
pub use state::LoopState;
pub use timers::TimeoutHandle;

pub(crate) use callbacks::Guarded;
pub(crate) use runtime::loop_was_made;
