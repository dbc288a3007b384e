//! A semaphore that never has more permits than it began with.

use std::error::Error;
use std::fmt;

use super::semaphore::{Permit, Semaphore};
use crate::TimedOut;
use crate::task::Timeout;

/// A [`Semaphore`] that refuses to have more permits than it began with.
///
/// For resources with a fixed number, where one permit too many is a mistake in the program.
///
/// # Examples
///
/// ```
/// use waterspout_net::sync::BoundedSemaphore;
///
/// let connections = BoundedSemaphore::new(1);
/// connections.try_acquire().expect("one is free").forget();
/// assert!(connections.release().is_ok());
/// assert!(connections.release().is_err());
/// ```
pub struct BoundedSemaphore {
    semaphore: Semaphore,
    initial: usize,
}

impl BoundedSemaphore {
    /// Makes a semaphore with so many permits, now and at the most.
    #[must_use]
    pub const fn new(value: usize) -> Self {
        Self {
            semaphore: Semaphore::new(value),
            initial: value,
        }
    }

    /// Returns how many permits are free.
    #[must_use]
    pub fn value(&self) -> usize {
        self.semaphore.value()
    }

    /// Waits for a permit, as [`Semaphore::acquire`].
    ///
    /// # Cancel safety
    ///
    /// As [`Semaphore::acquire`].
    pub async fn acquire(&self) -> Permit<'_> {
        self.semaphore.acquire().await
    }

    /// Waits for a permit, but not longer than `timeout`, as [`Semaphore::acquire_timeout`].
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
    /// As [`Semaphore::acquire`].
    pub async fn acquire_timeout(
        &self,
        timeout: impl Into<Timeout>,
    ) -> Result<Permit<'_>, TimedOut> {
        self.semaphore.acquire_timeout(timeout).await
    }

    /// Returns a permit if one is free.
    #[must_use = "a permit that is dropped is given back"]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.semaphore.try_acquire()
    }

    /// Gives back a permit that was kept by [`Permit::forget`].
    ///
    /// # Errors
    ///
    /// [`ReleasedTooOften`] if none was kept so: all are free, or held by those who give them back.
    pub fn release(&self) -> Result<(), ReleasedTooOften> {
        if self.semaphore.remember() {
            return Ok(());
        }
        Err(ReleasedTooOften {
            value: self.initial,
        })
    }
}

impl Default for BoundedSemaphore {
    /// Makes a semaphore with one permit.
    fn default() -> Self {
        Self::new(1)
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bounded{:?}", self.semaphore)
    }
}

/// The error of giving back more permits than were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleasedTooOften {
    value: usize,
}

impl fmt::Display for ReleasedTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "semaphore released too many times: each of its {} permits is free, or comes back when \
             it is dropped; call release once for each that was kept by forget",
            self.value
        )
    }
}

impl Error for ReleasedTooOften {}
