//! Things of one loop that are used again instead of being made anew.

use std::cell::{Cell, RefCell};
use std::fmt;

/// Free things kept at the most.
const MAX_FREE: usize = 512;

/// A stack of free things that remembers how low it got: what stays below that was not needed.
///
/// The thing given back last lies on top: on a loop whose handlers do not wait, the same one is
/// taken and given all the time, and the stack is never touched.
pub struct Shelf<T> {
    top: Cell<Option<T>>,
    free: RefCell<Vec<T>>,
    low: Cell<usize>,
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("free", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            top: Cell::new(None),
            free: RefCell::new(Vec::new()),
            low: Cell::new(0),
        }
    }
}

impl<T> Shelf<T> {
    /// Takes the thing that was given last, or `None` if none is free.
    #[inline]
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.top.take().or_else(|| self.pop())
    }

    /// Puts a thing on the shelf; drops it if the shelf is full.
    #[inline]
    pub fn give(&self, thing: T) {
        if let Some(below) = self.top.replace(Some(thing)) {
            self.push(below);
        }
    }

    #[inline(never)]
    fn pop(&self) -> Option<T> {
        let mut free = self.free.borrow_mut();
        let taken = free.pop();
        self.low.set(self.low.get().min(free.len()));
        taken
    }

    #[inline(never)]
    fn push(&self, thing: T) {
        let mut free = self.free.borrow_mut();
        if free.len() < MAX_FREE {
            free.push(thing);
        }
    }

    /// Tells whether nothing is free.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many things are free.
    #[must_use]
    pub fn len(&self) -> usize {
        let top = self.top.take();
        let len = self.free.borrow().len() + usize::from(top.is_some());
        self.top.set(top);
        len
    }
}

/// Something that keeps things for reuse and gives them up when they are not needed.
pub trait Aging {
    /// Drops half of what was not needed since the last call. Tells whether anything is kept still.
    fn age(&self) -> bool;
}

impl<T> Aging for Shelf<T> {
    fn age(&self) -> bool {
        // An idle loop gives up the thing on top as well.
        if let Some(top) = self.top.take() {
            self.push(top);
        }
        let mut free = self.free.borrow_mut();
        let unused = self.low.get().min(free.len());
        let keep = free.len() - unused.div_ceil(2);
        let dropped = free.split_off(keep);
        free.shrink_to(keep.max(16));
        self.low.set(keep);
        drop(free);
        // What a thing does when it is dropped may come back here.
        drop(dropped);
        keep > 0
    }
}
