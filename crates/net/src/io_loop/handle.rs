//! What other threads may ask of a loop.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::callbacks::Guarded;
use super::mailbox::Mailbox;
use super::outcome::Outcome;

/// Asks things of a loop from any thread.
///
/// The loop wakes up at once. When the loop is gone, what is asked is silently dropped.
///
/// # Examples
///
/// ```
/// use waterspout_net::IoLoop;
///
/// let io_loop = IoLoop::new()?;
/// let handle = io_loop.handle();
/// std::thread::spawn(move || handle.add_callback(|| IoLoop::current().stop()));
/// io_loop.start();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct LoopHandle {
    runtime: Handle,
    mailbox: Arc<Mailbox>,
    stop: Arc<Notify>,
}

impl LoopHandle {
    pub(super) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            mailbox: Arc::default(),
            stop: Arc::new(Notify::new()),
        }
    }

    /// Runs `callback` on the loop's thread, in its next pass. A panic in it is logged.
    ///
    /// What one thread adds runs in that order. Sockets and timers have their turn after 61 callbacks
    /// at the latest.
    pub fn add_callback<F: FnOnce() + Send + 'static>(&self, callback: F) {
        self.mailbox.post(&self.runtime, callback);
    }

    /// Does what [`add_callback`](Self::add_callback) does, under asyncio's name.
    pub fn call_soon_threadsafe<F: FnOnce() + Send + 'static>(&self, callback: F) {
        self.add_callback(callback);
    }

    /// Runs `future` as a task of the loop. What fails in it is logged.
    pub fn spawn_callback<F>(&self, future: F)
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        self.runtime.spawn(Guarded::task(future));
    }

    /// Ends the loop's [`start`](super::IoLoop::start).
    pub fn stop(&self) {
        self.stop.notify_one();
    }

    pub(super) async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Forgets a stop that came while the last one was heeded.
    pub(super) fn forget_stop(&self) {
        let mut cx = Context::from_waker(Waker::noop());
        _ = pin!(self.stop.notified()).poll(&mut cx);
    }

    /// Calls what other threads have added up to now.
    pub(super) fn call_waiting(&self) {
        self.mailbox.call_waiting();
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopHandle").finish_non_exhaustive()
    }
}
