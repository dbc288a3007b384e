//! Taking item after item.

use std::fmt;

use super::{Backlog, OrderedQueue};

/// The items of a queue, one after the other, from [`OrderedQueue::items`].
pub struct Items<'a, T, B> {
    queue: &'a OrderedQueue<T, B>,
}

impl<'a, T, B: Backlog<T>> Items<'a, T, B> {
    pub(super) fn new(queue: &'a OrderedQueue<T, B>) -> Self {
        Self { queue }
    }

    /// Waits for the next item. It is never `None`: a queue has no end.
    ///
    /// # Cancel safety
    ///
    /// As [`OrderedQueue::get`].
    pub async fn next(&mut self) -> Option<T> {
        Some(self.queue.get().await)
    }
}

impl<T, B> fmt::Debug for Items<'_, T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
