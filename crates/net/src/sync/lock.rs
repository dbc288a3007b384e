//! One at a time.

use std::cell::{RefCell, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::permits::Permits;
use crate::TimedOut;
use crate::task::{Timeout, with_timeout};

/// Lets one task at a time at a value, over awaits.
///
/// Between two awaits nothing else runs, so a `Cell` or `RefCell` needs no lock. A lock is for what
/// must not be interrupted **while** it awaits: two requests on one connection, a file that is
/// written in steps. To guard no value at all, write `Lock::new(())`.
///
/// Who came first gets it first. It is not reentrant: a task that acquires it twice waits for
/// itself.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, sync::Lock, task};
///
/// async fn append(log: &Lock<String>, word: &str) {
///     let mut log = log.acquire().await;
///     for letter in word.chars() {
///         log.push(letter);
///         task::moment().await;
///     }
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let log = Lock::new(String::new());
///     task::gather([append(&log, "one "), append(&log, "two ")]).await;
///     assert_eq!(*log.acquire().await, "one two ");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Lock<T = ()> {
    permits: Permits,
    value: RefCell<T>,
}

impl<T> Lock<T> {
    /// Makes a lock that nobody holds.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self {
            permits: Permits::new(1),
            value: RefCell::new(value),
        }
    }

    /// Tells whether somebody holds the lock.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.permits.free() == 0
    }

    /// Waits for the lock. Dropping the guard gives it to the next one.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, its place is lost. The lock, if it was given and the future has not
    /// seen that yet, goes to the next one who waits.
    pub async fn acquire(&self) -> LockGuard<'_, T> {
        self.permits.acquire().await;
        self.guard()
    }

    /// Waits for the lock, but not longer than `timeout`: a [`Duration`](std::time::Duration) from
    /// now, or an [`Instant`](std::time::Instant) of the loop's clock.
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
    /// As [`acquire`](Self::acquire).
    pub async fn acquire_timeout(
        &self,
        timeout: impl Into<Timeout>,
    ) -> Result<LockGuard<'_, T>, TimedOut> {
        with_timeout(timeout, self.acquire()).await
    }

    /// Returns the lock if nobody holds it.
    #[must_use = "a lock whose guard is dropped is released"]
    pub fn try_acquire(&self) -> Option<LockGuard<'_, T>> {
        self.permits.take().then(|| self.guard())
    }

    /// Returns the value; nobody can hold the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    fn guard(&self) -> LockGuard<'_, T> {
        let value = self.value.borrow_mut();
        LockGuard {
            value,
            _release: Release(&self.permits),
        }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lock [{:?}]", self.permits)
    }
}

/// The right to use what a [`Lock`] guards, until it is dropped.
#[must_use = "a lock whose guard is dropped is released"]
pub struct LockGuard<'a, T = ()> {
    // Dropped in this order: the next one may borrow the value as soon as it has the lock.
    value: RefMut<'a, T>,
    _release: Release<'a>,
}

struct Release<'a>(&'a Permits);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for LockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
