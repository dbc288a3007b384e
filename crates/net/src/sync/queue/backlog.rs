//! In which order a queue gives its items.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Where a queue keeps its items, and so the order in which it gives them.
///
/// Implemented for `VecDeque<T>` (the oldest first), `Vec<T>` (the newest first) and
/// `BinaryHeap<Reverse<T>>` (the smallest first), and for nothing else.
pub trait Backlog<T>: Default + sealed::Sealed {
    /// Adds an item.
    #[doc(hidden)]
    fn push_item(&mut self, item: T);

    /// Removes the item whose turn it is.
    #[doc(hidden)]
    fn pop_item(&mut self) -> Option<T>;

    /// Returns the number of items.
    #[doc(hidden)]
    fn count(&self) -> usize;
}

impl<T> Backlog<T> for VecDeque<T> {
    #[inline]
    fn push_item(&mut self, item: T) {
        self.push_back(item);
    }

    #[inline]
    fn pop_item(&mut self) -> Option<T> {
        self.pop_front()
    }

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }
}

impl<T> Backlog<T> for Vec<T> {
    fn push_item(&mut self, item: T) {
        self.push(item);
    }

    fn pop_item(&mut self) -> Option<T> {
        self.pop()
    }

    fn count(&self) -> usize {
        self.len()
    }
}

impl<T: Ord> Backlog<T> for BinaryHeap<Reverse<T>> {
    fn push_item(&mut self, item: T) {
        self.push(Reverse(item));
    }

    fn pop_item(&mut self) -> Option<T> {
        self.pop().map(|Reverse(item)| item)
    }

    fn count(&self) -> usize {
        self.len()
    }
}

mod sealed {
    use std::cmp::Reverse;
    use std::collections::{BinaryHeap, VecDeque};

    #[expect(unnameable_types, reason = "that is how a trait is sealed")]
    pub trait Sealed {}

    impl<T> Sealed for VecDeque<T> {}
    impl<T> Sealed for Vec<T> {}
    impl<T> Sealed for BinaryHeap<Reverse<T>> {}
}
