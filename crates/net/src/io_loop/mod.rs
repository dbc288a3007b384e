//! The event loop: tasks, callbacks, timers and signals on one thread.
//!
//! [`IoLoop`] is thin over tokio's `LocalRuntime`. What tokio has is used as it is; what is added
//! are Tornado's names, and that a callback which fails or panics is logged and the loop goes on.

mod add_future;
mod callbacks;
mod clock;
mod close;
mod current;
mod deadline;
mod event_loop;
mod executor;
mod fd;
mod grid;
mod handle;
mod mailbox;
mod names;
mod outcome;
#[cfg(feature = "test-util")]
mod paused;
mod periodic;
mod runtime;
mod signal_handlers;
mod signals;
mod state;
mod timers;
mod watchdog;
mod watched_signal;

pub use clock::TICK;
pub use close::CloseError;
pub use deadline::{Deadline, ticks};
pub use event_loop::{IoLoop, TimedOut};
pub use executor::{Executor, ExecutorError, ExecutorFuture, Job, ThreadPool};
pub use fd::{FdError, FdEvents};
pub use handle::LoopHandle;
pub use outcome::Outcome;
pub use periodic::{InvalidPeriod, PeriodicCallback};
pub use signal_handlers::SignalCallback;
pub use signals::{ShutdownSignal, ShutdownSignals, shutdown_signal};
pub use state::LoopState;
pub use timers::{TimeoutHandle, When};
pub use watchdog::{Blame, StallHistogram, Watchdog, blame, is_watched, spawn_named};
pub use watched_signal::WatchedSignal;

pub(crate) use callbacks::{Guarded, log_panic};
pub(crate) use runtime::loop_was_made;
