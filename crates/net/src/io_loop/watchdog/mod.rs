//! The stall watchdog: it says which callback keeps the loop from everything else.
//!
//! A thread asks the loop for an answer every quarter of the threshold. What runs notes its name
//! beforehand, so when no answer comes in time the thread knows whom to blame, also if the loop never
//! comes back. Without a watchdog there is no thread, and a task costs one test of a flag per poll.

mod beat;
mod histogram;
mod names;
mod thread;
mod watcher;

pub use beat::is_watched;
pub(super) use beat::{Beat, Named, Run, begin, enter};
pub use histogram::StallHistogram;
pub use names::{Blame, blame, spawn_named};

use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::IoLoop;
use super::state::LoopState;
use watcher::Watcher;

impl IoLoop {
    /// Watches for callbacks and tasks that block the loop for longer than `threshold`, until the
    /// value that this returns is dropped. A second watchdog replaces the first.
    ///
    /// A stall is logged as a warning while it lasts, with the name of the callback or task, and when
    /// it is over with its length, and counted. One shorter than the threshold is never counted; one
    /// that lasts 1¼ thresholds always is. asyncio's debug mode has 100 milliseconds.
    ///
    /// Named are functions and futures that the loop was given: callbacks, timers, tasks of
    /// [`spawn_callback`](Self::spawn_callback), handlers of a [`TcpServer`](crate::TcpServer), and the
    /// future of [`run_sync`](Self::run_sync); tasks of [`spawn_named`] and what [`blame`] names; and
    /// the handlers of an HTTP server. A task that was spawned through tokio is found, but its name is
    /// not known. The log also says whether the thread computes or waits in the kernel, where Linux
    /// tells it. A stall may also be the machine's: a process that gets no processor answers late, too.
    ///
    /// A thread wakes the loop up to four times per threshold, and each poll of a task costs about a
    /// hundred instructions more.
    ///
    /// # Errors
    ///
    /// An error of the kind `InvalidInput` if the threshold is shorter than a millisecond, or that of
    /// the system if it gives no thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let watchdog = io_loop.watch_stalls(Duration::from_millis(100))?;
    /// let stalls = watchdog.stalls();
    /// io_loop.run_sync(async { tokio::task::yield_now().await });
    /// for (up_to, count) in stalls.buckets() {
    ///     println!("up to {up_to:?}: {count}");
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn watch_stalls(&self, threshold: Duration) -> io::Result<Watchdog> {
        if threshold < Duration::from_millis(1) {
            let text = format!(
                "a threshold of {threshold:?} cannot be watched: use a millisecond or more, \
                 100 is a good start"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let beat = Beat::new();
        let (stop, stopped) = channel();
        let stalls = StallHistogram::new(threshold);
        let watcher = Watcher {
            beat: Arc::clone(beat.shared()),
            io_loop: self.handle(),
            threshold,
            stalls: stalls.clone(),
            stopped,
        };
        watcher.start()?;
        let before = self.state().beat().replace(Some(Rc::clone(&beat)));
        if let Some(before) = before {
            beat::unwatch(&before);
        }
        if self.is_running() {
            beat::watch(&beat);
        }
        Ok(Watchdog {
            stalls,
            beat,
            state: Rc::clone(self.state()),
            _stop: stop,
        })
    }
}

/// Watches a loop for stalls until it is dropped; from [`IoLoop::watch_stalls`].
pub struct Watchdog {
    stalls: StallHistogram,
    beat: Rc<Beat>,
    state: Rc<LoopState>,
    /// Its end is the watcher's, too.
    _stop: Sender<()>,
}

impl Watchdog {
    /// Returns the counts, which any thread may read, also when the watchdog is gone.
    #[must_use]
    pub fn stalls(&self) -> StallHistogram {
        self.stalls.clone()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let mut place = self.state.beat().borrow_mut();
        // Another watchdog may have taken the place.
        if place
            .as_ref()
            .is_some_and(|beat| Rc::ptr_eq(beat, &self.beat))
        {
            *place = None;
            beat::unwatch(&self.beat);
        }
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog")
            .field("stalls", &self.stalls)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_that_was_replaced_sees_no_run_of_a_loop_that_rests() {
        let io_loop = IoLoop::new().unwrap();
        let watch = || IoLoop::current().watch_stalls(Duration::from_secs(60));
        let both = io_loop.run_sync(async { [watch().unwrap(), watch().unwrap()] });
        let runs = both.map(|watchdog| watchdog.beat.shared().run());
        assert_eq!(runs, [None, None]);
    }
}
