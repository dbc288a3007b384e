//! A pool with a fixed number of threads.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::{Executor, Job};

/// Runs functions on a fixed number of threads, in the order in which they were handed over.
///
/// Clones are the same pool; several loops may share one. When the last clone is dropped, what was
/// handed over still runs, and then the threads end by themselves; [`shutdown`](Self::shutdown) waits
/// for that.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, ThreadPool};
///
/// let pool = ThreadPool::new(8)?;
/// let text = IoLoop::new()?.run_sync(async {
///     let read = || std::fs::read_to_string("/proc/self/comm");
///     IoLoop::current().run_in_executor(Some(&pool), read).await
/// })?;
/// # _ = text;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct ThreadPool {
    owner: Arc<Owner>,
}

/// Ends the pool when the last clone is gone.
struct Owner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl ThreadPool {
    /// Starts a pool of so many threads, which are called `executor-0` and so on.
    ///
    /// # Errors
    ///
    /// An error of the kind `InvalidInput` for a pool without threads, or that of the system if it
    /// gives no more threads.
    pub fn new(threads: usize) -> io::Result<Self> {
        if threads == 0 {
            let text = "a pool of no threads would never run anything: give it at least one";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        // Made first, so that an error ends the threads that have started.
        let pool = Self {
            owner: Arc::new(Owner {
                shared: Arc::default(),
                threads: Mutex::default(),
            }),
        };
        for index in 0..threads {
            let shared = Arc::clone(&pool.owner.shared);
            let thread = Builder::new()
                .name(format!("executor-{index}"))
                .spawn(move || shared.work())?;
            lock(&pool.owner.threads).push(thread);
        }
        Ok(pool)
    }

    /// Takes no more functions, and waits until those that were handed over have run.
    ///
    /// The calling thread blocks meanwhile, so this is for the end of a program, not for a loop. What
    /// is handed over later is not run, and its future says so.
    pub fn shutdown(&self) {
        self.owner.shared.close();
        let threads = std::mem::take(&mut *lock(&self.owner.threads));
        for thread in threads {
            // A job that panics is caught, so a thread ends well.
            _ = thread.join();
        }
    }
}

impl Executor for ThreadPool {
    fn execute(&self, job: Job) {
        let mut queue = lock(&self.owner.shared.queue);
        if queue.closed {
            drop(queue);
            drop(job);
            return;
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.owner.shared.changed.notify_one();
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("threads", &lock(&self.owner.threads).len())
            .field("waiting", &lock(&self.owner.shared.queue).jobs.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Shared {
    /// What each thread does: jobs, until the pool is closed and none is left.
    fn work(&self) {
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        lock(&self.queue).closed = true;
        self.changed.notify_all();
    }
}

/// Nothing panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
