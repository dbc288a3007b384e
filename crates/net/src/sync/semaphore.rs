//! A number of permits.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::permits::Permits;
use crate::TimedOut;
use crate::task::{Timeout, with_timeout};

/// Lets a number of tasks in at a time: each holds a permit meanwhile.
///
/// Permits go to those who wait in the order in which they came, and nobody overtakes.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{IoLoop, sync::Semaphore};
///
/// IoLoop::new()?.run_sync(async {
///     let downloads = Semaphore::new(2);
///     let first = downloads.acquire().await;
///     let _second = downloads.acquire().await;
///     assert!(downloads.acquire_timeout(Duration::from_millis(2)).await.is_err());
///     drop(first);
///     let _third = downloads.acquire().await;
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Semaphore {
    permits: Permits,
    /// Permits that were kept for ever and not released since.
    forgotten: Cell<usize>,
}

impl Semaphore {
    /// Makes a semaphore with so many permits. With none, one must be [`release`](Self::release)d
    /// before anybody gets in.
    #[must_use]
    pub const fn new(value: usize) -> Self {
        Self {
            permits: Permits::new(value),
            forgotten: Cell::new(0),
        }
    }

    /// Returns how many permits are free.
    #[must_use]
    pub fn value(&self) -> usize {
        self.permits.free()
    }

    /// Waits for a permit. Dropping it gives it back.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, its place is lost. A permit that it was given and has not seen yet
    /// goes to the next one who waits.
    pub async fn acquire(&self) -> Permit<'_> {
        self.permits.acquire().await;
        Permit { semaphore: self }
    }

    /// Waits for a permit that can be moved into a task.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use waterspout_net::{IoLoop, sync::Semaphore};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let workers = Rc::new(Semaphore::new(10));
    ///     let permit = Rc::clone(&workers).acquire_owned().await;
    ///     IoLoop::current().spawn_callback(async move {
    ///         println!("one of ten");
    ///         drop(permit);
    ///     });
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire_owned(self: Rc<Self>) -> OwnedPermit {
        self.permits.acquire().await;
        OwnedPermit { semaphore: self }
    }

    /// Waits for a permit, but not longer than `timeout`: a [`Duration`](std::time::Duration) from
    /// now, or an [`Instant`](std::time::Instant) of the loop's clock.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if the time is over first; the number of permits is as before.
    ///
    /// # Panics
    ///
    /// Panics outside a loop, which has the timer.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    pub async fn acquire_timeout(
        &self,
        timeout: impl Into<Timeout>,
    ) -> Result<Permit<'_>, TimedOut> {
        with_timeout(timeout, self.acquire()).await
    }

    /// Returns a permit if one is free.
    #[must_use = "a permit that is dropped is given back"]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        // Not `then_some`: a permit that is made is given back when it is dropped.
        self.permits.take().then(|| Permit { semaphore: self })
    }

    /// Adds a permit, one that was kept by [`Permit::forget`] or a new one.
    pub fn release(&self) {
        self.permits.release();
    }

    /// Adds a permit that was kept by [`Permit::forget`]; tells whether there was one.
    pub(super) fn remember(&self) -> bool {
        let Some(left) = self.forgotten.get().checked_sub(1) else {
            return false;
        };
        self.forgotten.set(left);
        self.permits.release();
        true
    }
}

impl Default for Semaphore {
    /// Makes a semaphore with one permit.
    fn default() -> Self {
        Self::new(1)
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Semaphore [{:?}]", self.permits)
    }
}

/// A permit of a [`Semaphore`], given back when it is dropped.
#[must_use = "a permit that is dropped is given back"]
#[derive(Debug)]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Permit<'_> {
    /// Keeps the permit for ever, or until [`Semaphore::release`].
    pub fn forget(self) {
        let forgotten = &self.semaphore.forgotten;
        forgotten.set(forgotten.get().saturating_add(1));
        std::mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.semaphore.release();
    }
}

/// A permit of a [`Semaphore`] that borrows nothing, from [`Semaphore::acquire_owned`].
#[must_use = "a permit that is dropped is given back"]
#[derive(Debug)]
pub struct OwnedPermit {
    semaphore: Rc<Semaphore>,
}

impl Drop for OwnedPermit {
    fn drop(&mut self) {
        self.semaphore.release();
    }
}
