//! A flag that tasks wait for.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::task::Poll;

use super::turn::{Line, Plain, Turn};
use super::wait_list::{WaitList, wake_all};
use crate::TimedOut;
use crate::task::{Timeout, with_timeout};

/// A flag that is down at first, and that any number of tasks can wait for.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use waterspout_net::{IoLoop, sync::Event};
///
/// IoLoop::new()?.run_sync(async {
///     let ready = Rc::new(Event::new());
///     let starter = Rc::clone(&ready);
///     IoLoop::current().add_callback(move || starter.set());
///     ready.wait().await;
///     assert!(ready.is_set());
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Event {
    set: Cell<bool>,
    waiters: Plain<()>,
}

impl Event {
    /// Makes an event that is not set.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            set: Cell::new(false),
            waiters: RefCell::new(WaitList::new()),
        }
    }

    /// Tells whether the flag is up.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Raises the flag and releases all who wait, in the order in which they came.
    ///
    /// They are released even if [`clear`](Self::clear) follows at once. Setting it again changes
    /// nothing.
    pub fn set(&self) {
        if !self.set.replace(true) {
            let wakers = self.waiters.borrow_mut().call_many(usize::MAX, |_| ());
            wake_all(wakers);
        }
    }

    /// Takes the flag down: who waits from now on waits for the next [`set`](Self::set).
    pub fn clear(&self) {
        self.set.set(false);
    }

    /// Waits until the flag is up; completes at once if it is.
    ///
    /// # Cancel safety
    ///
    /// Nothing happens when the future is dropped.
    pub async fn wait(&self) {
        let mut turn = Turn::new(self);
        poll_fn(|cx| {
            if !turn.is_waiting() && self.is_set() {
                return Poll::Ready(());
            }
            turn.poll(cx, || ())
        })
        .await;
    }

    /// Waits until the flag is up, but not longer than `timeout`: a [`Duration`](std::time::Duration)
    /// from now, or an [`Instant`](std::time::Instant) of the loop's clock.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if the time is over first.
    ///
    /// # Panics
    ///
    /// Panics outside a loop, which has the timer.
    ///
    /// # Cancel safety
    ///
    /// Nothing happens when the future is dropped.
    pub async fn wait_timeout(&self, timeout: impl Into<Timeout>) -> Result<(), TimedOut> {
        with_timeout(timeout, self.wait()).await
    }
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("set", &self.is_set())
            .field("waiters", &self.waiters.borrow().len())
            .finish()
    }
}

impl Line for &Event {
    type Offer = ();
    type Call = ();

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<(), ()>) -> R) -> R {
        act(&mut self.waiters.borrow_mut())
    }

    fn pass_on(&self, (): ()) {
        // Everybody else was released too.
    }
}
