//! Starting the program anew while it is being written: the listening sockets stay open.
//!
//! ```text
//! a file changes ──> [build command] ──> the program's own file changes ──> drain ──> exec, same process,
//!                      fails: said, and served on                                    same sockets
//! ```

mod autoreload;
mod build;
mod inherited;
mod restart;
mod snapshot;
mod watcher;

pub use autoreload::Autoreload;
pub use inherited::inherited_sockets;
pub(crate) use inherited::{Wanted, close_unmatched, take_matching};
pub(crate) use restart::restart;
pub(crate) use watcher::Watcher;
