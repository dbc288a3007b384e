//! `IoLoop` itself: making it, running it, stopping it.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::runtime::Builder;

use super::current;
use super::handle::LoopHandle;
use super::runtime::Runtime;
use super::state::LoopState;
use super::watchdog::Named;

/// A single-threaded event loop: tasks, callbacks, timers, sockets and signals on one thread.
///
/// The value that [`new`](Self::new) returns owns the loop: when it is dropped, every task of the
/// loop is dropped with it and every socket of them closed. Clones, and what
/// [`current`](Self::current) returns, are cheap handles that keep nothing alive, so a task may hold
/// one of its own loop. What is asked of a handle whose loop is gone is silently dropped.
///
/// Any crate made for tokio works on the loop: it is a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::IoLoop;
///
/// let io_loop = IoLoop::new()?;
/// io_loop.call_later(Duration::from_millis(1), || {
///     println!("a millisecond has passed");
///     IoLoop::current().stop();
/// });
/// io_loop.start();
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct IoLoop {
    shared: Rc<Shared>,
    /// `None` in handles, and when the loop was closed.
    owner: RefCell<Option<Rc<Runtime>>>,
}

/// What the owner of a loop and its handles have in common.
struct Shared {
    runtime: Weak<Runtime>,
    state: Rc<LoopState>,
    handle: LoopHandle,
}

impl IoLoop {
    /// Makes a loop. It runs nothing until [`run_sync`](Self::run_sync) or [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// The error of the system if it gives no epoll or kqueue descriptor, mostly since the process
    /// has too many files open.
    pub fn new() -> io::Result<Self> {
        Self::build(&mut Builder::new_current_thread())
    }

    pub(super) fn build(builder: &mut Builder) -> io::Result<Self> {
        let runtime = Rc::new(Runtime::build(builder)?);
        let shared = Rc::new(Shared {
            runtime: Rc::downgrade(&runtime),
            state: Rc::clone(runtime.state()),
            handle: LoopHandle::new(runtime.get().handle().clone()),
        });
        Ok(Self {
            shared,
            owner: RefCell::new(Some(runtime)),
        })
    }

    /// Returns a handle of the loop that runs on this thread.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread; [`try_current`](Self::try_current) does not.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        Self::try_current().expect(
            "no IoLoop runs on this thread: call this from inside IoLoop::run_sync, \
             IoLoop::start or a task that the loop runs",
        )
    }

    /// Returns a handle of the loop that runs on this thread, or `None` without one.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// assert!(IoLoop::try_current().is_none());
    /// IoLoop::new()?.run_sync(async { assert!(IoLoop::try_current().is_some()) });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn try_current() -> Option<Self> {
        current::get()
    }

    /// Runs the loop until `future` completes, and returns what it returns.
    ///
    /// Tasks that were spawned meanwhile stay, and go on when the loop runs again.
    /// [`stop`](Self::stop) does not cut this short.
    ///
    /// # Panics
    ///
    /// Panics if a loop runs on this thread already, or if this loop is gone. A panic of `future`
    /// goes through.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let sum = IoLoop::new()?.run_sync(async { 40 + 2 });
    /// assert_eq!(sum, 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn run_sync<F: Future>(&self, future: F) -> F::Output {
        assert!(
            Self::try_current().is_none(),
            "an IoLoop runs on this thread already: await the future instead",
        );
        let runtime = self
            .runtime()
            .expect("this IoLoop is gone: the value that owned it dropped");
        let _running = current::enter(self);
        runtime.get().block_on(Named::new(future))
    }

    /// Runs the loop until `future` completes, at most for `timeout`.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if the time is over first; the future is dropped then.
    ///
    /// # Panics
    ///
    /// As [`run_sync`](Self::run_sync).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{future::pending, time::Duration};
    /// use waterspout_net::IoLoop;
    ///
    /// let outcome = IoLoop::new()?.run_sync_timeout(Duration::from_millis(5), pending::<()>());
    /// assert_eq!(outcome.unwrap_err().to_string(), "operation timed out after 0.005 seconds");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn run_sync_timeout<F: Future>(
        &self,
        timeout: Duration,
        future: F,
    ) -> Result<F::Output, TimedOut> {
        // The timer must be made inside the runtime.
        let limited = async { tokio::time::timeout(timeout, future).await };
        self.run_sync(limited)
            .map_err(|_elapsed| TimedOut { timeout })
    }

    /// Runs the loop until [`stop`](Self::stop) is called.
    ///
    /// # Panics
    ///
    /// As [`run_sync`](Self::run_sync).
    #[track_caller]
    pub fn start(&self) {
        // Queued behind what was added before the loop runs, which has a queue of its own.
        let earlier = self
            .runtime()
            .map(|runtime| runtime.get().spawn_local(async {}));
        self.run_sync(async {
            self.shared.handle.stopped().await;
            // What is queued at the stop still has its turn.
            if let Some(earlier) = earlier {
                _ = earlier.await;
            }
            _ = tokio::task::spawn_local(async {}).await;
            self.shared.handle.call_waiting();
            self.shared.handle.forget_stop();
        });
    }

    /// Ends [`start`](Self::start) after the current pass over what is ready.
    ///
    /// May be called from callbacks, and from other threads through [`handle`](Self::handle). A stop
    /// while `start` does not run is remembered: the next `start` returns after one pass. Several stops
    /// count as one.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.add_callback(|| println!("runs once"));
    /// io_loop.stop();
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&self) {
        self.shared.handle.stop();
    }

    /// Returns the handle that other threads may use.
    #[must_use]
    pub fn handle(&self) -> LoopHandle {
        self.shared.handle.clone()
    }

    /// Returns the loop's resources: clock, deadlines and buffer pools.
    #[must_use]
    pub fn state(&self) -> &Rc<LoopState> {
        &self.shared.state
    }

    /// Tells whether the loop runs, which is so inside its tasks and callbacks.
    #[must_use]
    pub fn is_running(&self) -> bool {
        // Who runs the loop holds the runtime beside its owner.
        self.shared.runtime.strong_count() > 1
    }

    /// Tells whether the loop is gone: closed, or its owner dropped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.runtime.strong_count() == 0
    }

    /// Takes the runtime out of the value that owns the loop.
    pub(super) fn take_owned(&self) -> Option<Rc<Runtime>> {
        self.owner.take()
    }

    /// Returns the runtime, or `None` if the loop is gone.
    #[inline]
    pub(super) fn runtime(&self) -> Option<Rc<Runtime>> {
        self.shared.runtime.upgrade()
    }
}

impl Clone for IoLoop {
    /// Makes a handle, which does not keep the loop alive.
    fn clone(&self) -> Self {
        Self {
            shared: Rc::clone(&self.shared),
            owner: RefCell::new(None),
        }
    }
}

impl fmt::Debug for IoLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IoLoop")
            .field("owner", &self.owner.borrow().is_some())
            .field("gone", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// The error of an operation that took longer than it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedOut {
    timeout: Duration,
}

impl TimedOut {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }

    /// Returns the time that was given.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "operation timed out after {} seconds",
            self.timeout.as_secs_f64()
        )
    }
}

impl Error for TimedOut {}

impl From<TimedOut> for io::Error {
    fn from(error: TimedOut) -> Self {
        Self::new(io::ErrorKind::TimedOut, error)
    }
}
