//! Which worker this is, and how many there should be.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

/// Stands for a process that is no worker.
const NONE: usize = usize::MAX;

static TASK_ID: AtomicUsize = AtomicUsize::new(NONE);

/// Returns the number of this worker process, from 0, or `None` in a process that
/// [`fork_processes`](super::fork_processes) did not make.
///
/// A worker that takes the place of a crashed one has the same number.
///
/// # Examples
///
/// ```
/// assert_eq!(waterspout_net::task_id(), None);
/// ```
#[must_use]
pub fn task_id() -> Option<usize> {
    Some(TASK_ID.load(Ordering::Relaxed)).filter(|id| *id != NONE)
}

pub(super) fn set_task_id(id: usize) {
    TASK_ID.store(id, Ordering::Relaxed);
}

/// Returns the number of processors that this process may use, at least 1. The limits of a
/// container count.
///
/// # Examples
///
/// ```
/// assert!(waterspout_net::cpu_count() >= 1);
/// ```
#[must_use]
pub fn cpu_count() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}
