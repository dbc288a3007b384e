//! A number of permits and those who wait for one: what locks and semaphores have in common.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::task::{Poll, ready};

use tokio::task::coop::poll_proceed;

use super::turn::{Line, Plain, Turn};
use super::wait_list::WaitList;

/// Permits that are free, or the line of those who wait; never both.
///
/// A permit that comes back is handed to the first of the line at once. So nobody can overtake,
/// and the permit belongs to a waiter before it has run.
pub(super) struct Permits {
    free: Cell<usize>,
    waiters: Plain<()>,
}

impl Permits {
    pub(super) const fn new(free: usize) -> Self {
        Self {
            free: Cell::new(free),
            waiters: RefCell::new(WaitList::new()),
        }
    }

    pub(super) fn free(&self) -> usize {
        self.free.get()
    }

    /// Takes a permit if one is free.
    #[inline]
    pub(super) fn take(&self) -> bool {
        let free = self.free.get();
        self.free.set(free.saturating_sub(1));
        free > 0
    }

    /// Waits for a permit. Who gets one again and again gives other tasks their turn now and then.
    #[inline]
    pub(super) async fn acquire(&self) {
        let mut turn = Turn::new(self);
        poll_fn(|cx| {
            let budget = ready!(poll_proceed(cx));
            if turn.is_waiting() || !self.take() {
                ready!(turn.poll(cx, || ()));
            }
            budget.made_progress();
            Poll::Ready(())
        })
        .await;
    }

    /// Gives a permit to the first of the line, or makes it free.
    #[inline]
    pub(super) fn release(&self) {
        let called = self.waiters.borrow_mut().call_first(());
        match called {
            Some((waker, ())) => waker.wake(),
            None => self.free.set(self.free.get().saturating_add(1)),
        }
    }
}

impl fmt::Debug for Permits {
    /// Says it in Tornado's words: `locked,waiters:2`, `unlocked,value:3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.free(), self.waiters.borrow().len()) {
            (0, 0) => f.write_str("locked"),
            (0, waiters) => write!(f, "locked,waiters:{waiters}"),
            (free, _) => write!(f, "unlocked,value:{free}"),
        }
    }
}

impl Line for &Permits {
    type Offer = ();
    type Call = ();

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<(), ()>) -> R) -> R {
        act(&mut self.waiters.borrow_mut())
    }

    fn pass_on(&self, (): ()) {
        self.release();
    }
}
