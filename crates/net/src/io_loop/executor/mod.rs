//! Work on threads: what blocks or computes for long must not run on the loop.
//!
//! An [`Executor`] is a pool of threads. The default one is the runtime's, with up to 512 threads that
//! come and go; a [`ThreadPool`] has a fixed number, for work that must be bounded: a database with
//! eight connections, computation on as many threads as there are cores.

mod error;
mod run;
mod thread_pool;

pub use error::ExecutorError;
pub use run::ExecutorFuture;
pub use thread_pool::ThreadPool;

use std::fmt;
use std::rc::Rc;

/// One piece of work for an executor. It never panics.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs functions on threads that are not the loop's.
///
/// # Examples
///
/// A function is an executor, so one of another crate is a closure away. Here each job has a thread:
///
/// ```
/// use waterspout_net::{IoLoop, Job};
///
/// let threads = |job: Job| {
///     std::thread::spawn(job);
/// };
/// let answer = IoLoop::new()?.run_sync(async {
///     IoLoop::current().run_in_executor(Some(&threads), || 40 + 2).await
/// })?;
/// assert_eq!(answer, 42);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Executor {
    /// Runs `job` on another thread, or drops it if that is impossible. Must not block.
    fn execute(&self, job: Job);
}

impl<F: Fn(Job)> Executor for F {
    fn execute(&self, job: Job) {
        self(job);
    }
}

/// The executor that `None` stands for, if one was set.
#[derive(Clone)]
pub(super) struct DefaultExecutor(pub(super) Rc<dyn Executor>);

impl fmt::Debug for DefaultExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultExecutor").finish_non_exhaustive()
    }
}
