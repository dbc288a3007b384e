//! Why a queue said no.

use std::error::Error;
use std::fmt;

/// The error of putting into a queue that is full and stays so; it holds the item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueFull<T> {
    item: T,
    maxsize: usize,
}

impl<T> QueueFull<T> {
    pub(super) fn new(item: T, maxsize: usize) -> Self {
        Self { item, maxsize }
    }

    /// Returns the item that was not put.
    pub fn into_inner(self) -> T {
        self.item
    }
}

impl<T> fmt::Debug for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueFull")
            .field("maxsize", &self.maxsize)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Display for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "queue is full (maxsize {}): wait for room with put, or take items faster",
            self.maxsize
        )
    }
}

impl<T> Error for QueueFull<T> {}

/// The error of taking from an empty queue without waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueEmpty;

impl fmt::Display for QueueEmpty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("queue is empty: wait for an item with get")
    }
}

impl Error for QueueEmpty {}

/// The error of [`task_done`](super::OrderedQueue::task_done) for an item that was never put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskDoneTooOften;

impl fmt::Display for TaskDoneTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task_done called too many times: call it once for each item that was put")
    }
}

impl Error for TaskDoneTooOften {}
