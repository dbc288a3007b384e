//! The places of those who wait at a queue.

use std::task::{Context, Poll, Waker, ready};

use super::{Backlog, OrderedQueue, QueueFull};
use crate::sync::turn::{Line, Turn};
use crate::sync::wait_list::WaitList;

/// The line of those who wait for an item.
pub(super) struct Getters<'a, T, B: Backlog<T>>(pub(super) &'a OrderedQueue<T, B>);

impl<T, B: Backlog<T>> Line for Getters<'_, T, B> {
    type Offer = ();
    type Call = ();

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<(), ()>) -> R) -> R {
        act(&mut self.0.state().borrow_mut().getters)
    }

    fn pass_on(&self, (): ()) {
        let next = self.0.state().borrow_mut().pass_on();
        wake(next);
    }
}

/// The line of those who wait for room.
struct Putters<'a, T, B: Backlog<T>>(&'a OrderedQueue<T, B>);

impl<T, B: Backlog<T>> Line for Putters<'_, T, B> {
    type Offer = T;
    type Call = ();

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<T, ()>) -> R) -> R {
        act(&mut self.0.state().borrow_mut().putters)
    }

    fn pass_on(&self, (): ()) {
        // The item is in the queue: the turn was used.
    }
}

/// An item on its way in. While it waits, the queue has it.
pub(super) struct Putting<'a, T, B: Backlog<T>> {
    item: Option<T>,
    turn: Turn<Putters<'a, T, B>>,
}

impl<'a, T, B: Backlog<T>> Putting<'a, T, B> {
    #[inline]
    pub(super) fn new(queue: &'a OrderedQueue<T, B>, item: T) -> Self {
        Self {
            item: Some(item),
            turn: Turn::new(Putters(queue)),
        }
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        // No budget of tokio here: with a limit nobody can put for ever while nobody gets.
        if let Some(item) = self.item.take() {
            if let Err(full) = self.turn.line().0.put_nowait(item) {
                return self.turn.poll(cx, || full.into_inner());
            }
        } else {
            ready!(
                self.turn
                    .poll(cx, || unreachable!("the item was left here before"))
            );
        }
        Poll::Ready(())
    }

    /// Returns the item, unless it went in just now.
    pub(super) fn give_up(mut self) -> Result<(), QueueFull<T>> {
        let maxsize = self.turn.line().0.maxsize();
        match self.item.take().or_else(|| self.turn.give_up()) {
            Some(item) => Err(QueueFull::new(item, maxsize)),
            None => Ok(()),
        }
    }
}

/// Wakes who was called, when nothing is borrowed any more.
#[inline]
pub(super) fn wake(waiter: Option<Waker>) {
    if let Some(waker) = waiter {
        waker.wake();
    }
}
