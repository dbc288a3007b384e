//! Tasks that wait for each other: events, locks and queues for one loop.
//!
//! | to | take |
//! |---|---|
//! | hand things from task to task, and slow producers down | [`Queue`], [`PriorityQueue`], [`LifoQueue`] |
//! | wait for something that happens once and stays so | [`Event`] |
//! | wait for the next time that something happens | [`Condition`] |
//! | let one task at a time do something that awaits | [`Lock`] |
//! | let some tasks at a time do something | [`Semaphore`], [`BoundedSemaphore`] |
//! | go on when so many have come | [`Barrier`] |
//!
//! They are for the tasks of **one** loop: not `Send`, without atomics, and used by reference. Tasks
//! that outlive a function share them in an `Rc`. Between loops, use channels of the standard
//! library or of tokio, or [`LoopHandle::add_callback`](crate::LoopHandle::add_callback).
//!
//! All are fair: who waits first is served first, and nobody overtakes. All their futures may be
//! dropped at any time: a turn that came for a dropped future is passed on to the next. Like all
//! futures, they do nothing before their first poll; only then is their place taken. Futures wait
//! in a block that their primitive owns, not in an allocation each.
//!
//! Whatever can wait has a form with a timeout, `*_timeout`, which takes a
//! [`Duration`](std::time::Duration) or an [`Instant`](std::time::Instant) of the loop's clock.
//! A timeout of zero looks once.

mod barrier;
mod bounded_semaphore;
mod condition;
mod event;
mod lock;
mod permits;
mod queue;
mod semaphore;
mod turn;
mod wait_list;

pub use barrier::Barrier;
pub use bounded_semaphore::{BoundedSemaphore, ReleasedTooOften};
pub use condition::Condition;
pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use queue::{
    Backlog, Items, LifoQueue, OrderedQueue, PriorityQueue, Queue, QueueEmpty, QueueFull,
    TaskDoneTooOften,
};
pub use semaphore::{OwnedPermit, Permit, Semaphore};
