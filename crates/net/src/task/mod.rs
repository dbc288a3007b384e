//! Tools for tasks: waiting for several futures, for a time, for a callback.
//!
//! | to | take |
//! |---|---|
//! | run futures side by side and have all their results | [`gather`] |
//! | the same for futures that may fail, as one `Result` | [`multi`], [`multi_map`] |
//! | have results as they come | [`WaitIterator`] |
//! | wait no longer than a time | [`with_timeout`] |
//! | wait for a time, or for one pass of the loop | [`sleep`], [`sleep_until`], [`moment`] |
//! | await what calls back | [`callback_future`] |
//!
//! Futures of different types, as two `async fn` have them, become one type by [`boxed`].
//!
//! A function of this module that drives several futures polls only those that were woken, so
//! thousands of them are fine. They run inside the task that awaits: to run them as tasks of their
//! own, spawn them and gather the handles.

mod boxed;
mod callback;
mod children;
mod gather;
mod moment;
mod pause;
mod timeout;
mod wait_iterator;

pub use boxed::{BoxedFuture, boxed};
pub use callback::{CallbackError, CallbackFuture, Completer, callback_future};
pub use gather::{gather, multi, multi_map};
pub use moment::moment;
pub use pause::{sleep, sleep_until};
pub use timeout::{Timeout, with_timeout};
pub use wait_iterator::WaitIterator;
