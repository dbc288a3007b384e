//! One future's place in a line of waiters.

use std::cell::RefCell;
use std::task::{Context, Poll};

use super::wait_list::{Left, Look, WaitList};

/// A line of waiters, as seen from one of them.
pub(super) trait Line {
    /// What a waiter brings.
    type Offer;
    /// What it is called with.
    type Call;

    /// Lets `act` look at the waiters.
    fn with<R>(&self, act: impl FnOnce(&mut WaitList<Self::Offer, Self::Call>) -> R) -> R;

    /// Takes back the call of a waiter that was dropped before it saw it: the next one's turn.
    fn pass_on(&self, call: Self::Call);
}

/// A line whose waiters bring nothing and stand alone in their cell.
pub(super) type Plain<C> = RefCell<WaitList<(), C>>;

/// A place in a line, taken at the first poll and given up when dropped.
#[derive(Debug)]
pub(super) struct Turn<L: Line> {
    line: L,
    key: Option<usize>,
}

impl<L: Line> Turn<L> {
    #[inline]
    pub(super) fn new(line: L) -> Self {
        Self { line, key: None }
    }

    pub(super) fn line(&self) -> &L {
        &self.line
    }

    /// Tells whether the place was taken, and the turn has not come yet.
    #[inline]
    pub(super) fn is_waiting(&self) -> bool {
        self.key.is_some()
    }

    /// Waits for the turn; the first call takes a place at the end and brings `offer`.
    pub(super) fn poll(
        &mut self,
        cx: &Context<'_>,
        offer: impl FnOnce() -> L::Offer,
    ) -> Poll<L::Call> {
        let waker = cx.waker();
        let Some(key) = self.key else {
            let (waker, offer) = (waker.clone(), offer());
            self.key = Some(self.line.with(|list| list.push(waker, offer)));
            return Poll::Pending;
        };
        match self.line.with(|list| list.look(key, waker)) {
            Look::Called(call) => {
                self.key = None;
                Poll::Ready(call)
            }
            Look::Waiting(_replaced) => Poll::Pending,
        }
    }

    /// Gives the place up, and passes on the turn if it had come. Returns the offer if it had not.
    #[cold]
    pub(super) fn give_up(&mut self) -> Option<L::Offer> {
        let key = self.key.take()?;
        match self.line.with(|list| list.leave(key)) {
            Left::Waiting(_waker, offer) => Some(offer),
            Left::Called(call) => {
                self.line.pass_on(call);
                None
            }
        }
    }
}

impl<L: Line> Drop for Turn<L> {
    #[inline]
    fn drop(&mut self) {
        if self.key.is_some() {
            self.give_up();
        }
    }
}
