//! Callbacks at a time.

use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio::time::sleep_until;

use super::IoLoop;
use super::callbacks::Guarded;

/// How far away a time is that cannot be reached by counting: thirty years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

impl IoLoop {
    /// Calls `callback` after `delay`, with the runtime's resolution of a millisecond.
    ///
    /// For deadlines of connections, which move all the time, [`Deadline`](crate::Deadline) is the
    /// cheaper tool.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let never = io_loop.call_later(Duration::from_secs(60), || unreachable!());
    /// io_loop.call_later(Duration::from_millis(2), || IoLoop::current().stop());
    /// io_loop.remove_timeout(&never);
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn call_later<F: FnOnce() + 'static>(&self, delay: Duration, callback: F) -> TimeoutHandle {
        let now = self.time();
        self.call_at(now.checked_add(delay).unwrap_or(now + FAR), callback)
    }

    /// Calls `callback` at `when` on the clock of [`time`](Self::time); in the next pass if that has
    /// gone by. Of two callbacks at the same time either may be the first.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let when = io_loop.time() + Duration::from_millis(2);
    /// io_loop.call_at(when, move || {
    ///     assert!(IoLoop::current().time() >= when);
    ///     IoLoop::current().stop();
    /// });
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn call_at<F: FnOnce() + 'static>(&self, when: Instant, callback: F) -> TimeoutHandle {
        let when = tokio::time::Instant::from_std(when);
        let task = Guarded::callback::<F>(async move {
            // A timer would round a time that has gone by up to the next millisecond.
            if when > tokio::time::Instant::now() {
                sleep_until(when).await;
            }
            callback();
        });
        TimeoutHandle::new(self.spawn_abortable(task))
    }

    /// Calls `callback` at an [`Instant`] or after a [`Duration`]: what
    /// [`call_at`](Self::call_at) and [`call_later`](Self::call_later) do, in one.
    ///
    /// A negative delay cannot be said: a `Duration` has no sign. An instant that has gone by fires in
    /// the next pass.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let second = io_loop.time() + Duration::from_millis(2);
    /// io_loop.add_timeout(second, || IoLoop::current().stop());
    /// io_loop.add_timeout(Duration::from_millis(1), || println!("first"));
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_timeout<F>(&self, when: impl Into<When>, callback: F) -> TimeoutHandle
    where
        F: FnOnce() + 'static,
    {
        match when.into() {
            When::At(instant) => self.call_at(instant, callback),
            When::After(delay) => self.call_later(delay, callback),
        }
    }

    /// Takes a timeout back. One that has fired, was removed before or is just running stays as it
    /// is; one that is due in this very pass and has not run yet does not run.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let timeout = io_loop.call_later(Duration::from_secs(60), || println!("too late"));
    /// io_loop.remove_timeout(&timeout);
    /// io_loop.remove_timeout(&timeout);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remove_timeout(&self, timeout: &TimeoutHandle) {
        timeout.cancel();
    }

    /// Returns the loop's time, which never goes back: the monotonic clock, or the paused one of a
    /// test.
    #[must_use]
    pub fn time(&self) -> Instant {
        let runtime = self.runtime();
        let _context = runtime.as_ref().map(|runtime| runtime.get().enter());
        tokio::time::Instant::now().into_std()
    }
}

/// A time on the loop's clock, for [`IoLoop::add_timeout`]: made of an [`Instant`] or a [`Duration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(Instant),
    /// So long after now.
    After(Duration),
}

impl From<Instant> for When {
    fn from(instant: Instant) -> Self {
        Self::At(instant)
    }
}

impl From<Duration> for When {
    fn from(delay: Duration) -> Self {
        Self::After(delay)
    }
}

/// Names a timeout for [`IoLoop::remove_timeout`], or a callback of [`IoLoop::call_soon`]. Dropping it does
/// not take the timeout back.
#[derive(Debug, Clone)]
pub struct TimeoutHandle {
    task: Option<AbortHandle>,
}

impl TimeoutHandle {
    pub(super) fn new(task: Option<AbortHandle>) -> Self {
        Self { task }
    }

    /// Takes the timeout back, as [`IoLoop::remove_timeout`].
    pub fn cancel(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
