//! Queues between tasks: in order of arrival, by priority, or the last one first.

mod backlog;
mod error;
mod items;
mod ordered;
mod state;

pub use backlog::Backlog;
pub use error::{QueueEmpty, QueueFull, TaskDoneTooOften};
pub use items::Items;
pub use ordered::{LifoQueue, OrderedQueue, PriorityQueue, Queue};
