//! Waiting until so many have come.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::task::Poll;

use super::turn::{Line, Plain, Turn};
use super::wait_list::{WaitList, wake_all};

/// Lets tasks go on when so many of them have come, again and again.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, sync::Barrier, task};
///
/// IoLoop::new()?.run_sync(async {
///     let start = Barrier::new(3);
///     let places = task::gather([start.wait(), start.wait(), start.wait()]).await;
///     assert_eq!(places, [0, 1, 2]);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Barrier {
    parties: usize,
    waiters: Plain<usize>,
}

impl Barrier {
    /// Makes a barrier for so many tasks; 0 is taken for 1.
    #[must_use]
    pub const fn new(parties: usize) -> Self {
        Self {
            parties: if parties == 0 { 1 } else { parties },
            waiters: RefCell::new(WaitList::new()),
        }
    }

    /// Returns how many tasks must come.
    #[must_use]
    pub fn parties(&self) -> usize {
        self.parties
    }

    /// Returns how many have come and wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiters.borrow().len()
    }

    /// Waits until all have come, and returns a number that is different for each: 0 for the first
    /// to come, `parties - 1` for the last.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped while it waits has not come: somebody else must.
    pub async fn wait(&self) -> usize {
        let mut turn = Turn::new(self);
        poll_fn(|cx| {
            if turn.is_waiting() || self.waiting() + 1 < self.parties {
                return turn.poll(cx, || ());
            }
            let wakers = self
                .waiters
                .borrow_mut()
                .call_many(usize::MAX, |place| place);
            wake_all(wakers);
            Poll::Ready(self.parties - 1)
        })
        .await
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("parties", &self.parties)
            .field("waiting", &self.waiting())
            .finish()
    }
}

impl Line for &Barrier {
    type Offer = ();
    type Call = usize;

    fn with<R>(&self, act: impl FnOnce(&mut WaitList<(), usize>) -> R) -> R {
        act(&mut self.waiters.borrow_mut())
    }

    fn pass_on(&self, _place: usize) {
        // It had come, and the others have gone on.
    }
}
