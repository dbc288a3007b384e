//! Queues between tasks: in order of arrival, by priority, or the last one first.

mod backlog;
mod error;
mod items;
mod kinds;
mod ordered;
mod places;
mod state;

pub use backlog::Backlog;
pub use error::{QueueEmpty, QueueFull, TaskDoneTooOften};
pub use items::Items;
pub use kinds::{LifoQueue, PriorityQueue, Queue};
pub use ordered::OrderedQueue;
