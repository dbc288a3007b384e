//! The event loop.
mod clock;
mod deadline;
mod state;

pub use clock::TICK;
pub use deadline::{Deadline, ticks};
pub use state::LoopState;
