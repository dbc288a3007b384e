//! The inside of a queue: items, and the two lines of those who wait.

use std::task::Waker;

use super::Backlog;
use crate::sync::wait_list::WaitList;

/// What a queue holds. Of the two lines only one is ever occupied: getters wait when there is
/// nothing for them, putters when there is no room.
///
/// A getter that is called gets no item in its hand: one of those in `items` is reserved, and it
/// takes the one whose turn it is when it runs. So a dropped getter loses nothing, and no order is
/// disturbed. A putter, on the other hand, leaves its item here, so that a getter can have it.
#[derive(Debug)]
pub(super) struct State<T, B> {
    /// 0 for no limit.
    maxsize: usize,
    items: B,
    /// How many of `items` are for getters that were called and have not run yet.
    reserved: usize,
    pub(super) getters: WaitList<(), ()>,
    pub(super) putters: WaitList<T, ()>,
}

impl<T, B: Backlog<T>> State<T, B> {
    pub(super) fn new(maxsize: usize) -> Self {
        Self {
            maxsize,
            items: B::default(),
            reserved: 0,
            getters: WaitList::new(),
            putters: WaitList::new(),
        }
    }

    #[inline]
    pub(super) fn maxsize(&self) -> usize {
        self.maxsize
    }

    pub(super) fn items(&self) -> &B {
        &self.items
    }

    /// Returns how many items there are for those who come now.
    #[inline]
    pub(super) fn available(&self) -> usize {
        self.items.count() - self.reserved
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.maxsize > 0 && self.available() >= self.maxsize
    }

    /// Adds an item, and returns who is to be woken for it.
    #[inline]
    pub(super) fn insert(&mut self, item: T) -> Option<Waker> {
        self.items.push_item(item);
        let (waker, ()) = self.getters.call_first(())?;
        self.reserved += 1;
        Some(waker)
    }

    /// Removes an item if there is one; a waiting putter's is added first, and its waker returned.
    #[inline]
    pub(super) fn remove(&mut self) -> Option<(T, Option<Waker>)> {
        if self.available() == 0 {
            return None;
        }
        let putter = self.admit();
        let item = self.items.pop_item()?;
        Some((item, putter))
    }

    /// Lets the first putter in if this getter makes room for it.
    #[inline]
    fn admit(&mut self) -> Option<Waker> {
        if self.available() > self.maxsize {
            return None;
        }
        let (waker, item) = self.putters.call_first(())?;
        self.items.push_item(item);
        Some(waker)
    }

    /// Removes an item for a getter that was called.
    pub(super) fn remove_reserved(&mut self) -> T {
        self.reserved -= 1;
        self.items
            .pop_item()
            .expect("an item was reserved for each getter that was called")
    }

    /// Lets the next getter have what was reserved, and returns who is to be woken.
    pub(super) fn pass_on(&mut self) -> Option<Waker> {
        let next = self.getters.call_first(());
        if next.is_none() {
            self.reserved -= 1;
        }
        next.map(|(waker, ())| waker)
    }
}
