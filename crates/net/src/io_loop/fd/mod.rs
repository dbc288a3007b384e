//! Callbacks for file descriptors: `add_handler`, and asyncio's `add_reader` and `add_writer`.
//!
//! All descriptors of a loop are watched by one poller, which is itself one descriptor in the loop's
//! epoll or kqueue, and by one task, which starts with the first handler. The poller reports edges;
//! after each call the descriptor is armed anew, so what is ready is reported again, as in Tornado.

mod error;
mod events;
mod handlers;
mod poller;
mod register;

pub use error::FdError;
pub use events::FdEvents;
pub(super) use poller::FdPoller;
