//! Worker processes, and child programs.
//!
//! [`fork_processes`] turns one process into several equal ones and a supervisor that watches them.
//! It must come before the first loop and the first thread, for a fork copies neither: the kernel
//! objects of a loop would be shared, and a thread that holds a lock would be missing in the child.
//! Both are checked, and refused with an error that says what to do.
//!
//! Sockets that are bound before the fork are shared by all workers. Each worker then makes its own
//! [`IoLoop`](crate::IoLoop).
//!
//! A [`Subprocess`] is another program, started by a loop that runs.

mod error;
mod fork;
mod identity;
mod limits;
mod signals;
mod subprocess;
mod subprocess_error;
mod supervisor;

pub use error::ForkError;
pub use fork::{ForkOutcome, MAX_RESTARTS, fork_processes};
pub use identity::{cpu_count, task_id};
pub use limits::open_files_limit;
pub(crate) use subprocess::Handle as ChildHandle;
pub use subprocess::Subprocess;
pub use subprocess_error::CalledProcessError;
