//! Waiting for somebody to say that something has changed.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;

use super::turn::{Line, Plain, Turn};
use super::wait_list::{WaitList, wake_all};
use crate::task::{Timeout, with_timeout};

/// A condition that tasks wait for, and that others notify.
///
/// It remembers nothing: a notification while nobody waits is lost. It has no lock either, since
/// nothing else runs between two awaits. For a state that stays, take an [`Event`](super::Event).
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use waterspout_net::{IoLoop, sync::Condition};
///
/// IoLoop::new()?.run_sync(async {
///     let changed = Rc::new(Condition::new());
///     let notifier = Rc::clone(&changed);
///     IoLoop::current().add_callback(move || notifier.notify(1));
///     changed.wait().await;
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Condition {
    waiters: Plain<Call>,
}

/// By what a waiter was released.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    /// One of a number of notifications: somebody must take it.
    One,
    /// A notification of everybody: those who came later are not meant.
    All,
}

impl Condition {
    /// Makes a condition.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            waiters: RefCell::new(WaitList::new()),
        }
    }

    /// Waits for a notification.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped after it was notified and before it could run, the notification
    /// goes to the next one who waits.
    pub async fn wait(&self) {
        let mut turn = Turn::new(self);
        poll_fn(|cx| turn.poll(cx, || ())).await;
    }

    /// Waits for a notification, but not longer than `timeout`, and tells whether it came: a
    /// [`Duration`](std::time::Duration) from now, or an [`Instant`](std::time::Instant) of the
    /// loop's clock.
    ///
    /// Who has timed out does not count for [`notify`](Self::notify).
    ///
    /// # Panics
    ///
    /// Panics outside a loop, which has the timer.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::{IoLoop, sync::Condition};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let changed = Condition::new();
    ///     assert!(!changed.wait_timeout(Duration::from_millis(2)).await);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn wait_timeout(&self, timeout: impl Into<Timeout>) -> bool {
        with_timeout(timeout, self.wait()).await.is_ok()
    }

    /// Releases up to `count` of those who wait, who came first first.
    pub fn notify(&self, count: usize) {
        let wakers = self.waiters.borrow_mut().call_many(count, |_| Call::One);
        wake_all(wakers);
    }

    /// Releases all who wait.
    pub fn notify_all(&self) {
        let wakers = self
            .waiters
            .borrow_mut()
            .call_many(usize::MAX, |_| Call::All);
        wake_all(wakers);
    }
}

impl Default for Condition {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("waiters", &self.waiters.borrow().len())
            .finish()
    }
}

impl Line for &Condition {
    type Offer = ();
    type Call = Call;

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<(), Call>) -> R) -> R {
        act(&mut self.waiters.borrow_mut())
    }

    fn pass_on(&self, call: Call) {
        match call {
            Call::One => self.notify(1),
            Call::All => {}
        }
    }
}
