//! Callbacks from other threads: one queue per loop, and one task that calls them.
//!
//! A task per callback would cost an allocation of the task's size and a place in the runtime's list
//! of tasks each. Here a callback is one box, and a loop that is woken for one takes all that came
//! meanwhile.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::yield_now;

/// A function that brings its own name and stops its own panic.
pub(super) type Callback = Box<dyn FnOnce() + Send>;

/// Callbacks that are called before others have their turn: as many as the runtime runs tasks before
/// it looks at sockets and timers.
const AT_ONCE: usize = 61;

/// Places for callbacks that an empty queue keeps; after a peak of more it gives its memory back.
const KEEP: usize = 1024;

/// What other threads have for one loop to call, in the order in which they asked.
#[derive(Default)]
pub(super) struct Mailbox {
    posts: Mutex<Posts>,
}

#[derive(Default)]
struct Posts {
    waiting: VecDeque<Callback>,
    receiver: Receiver,
}

/// The task of the loop that calls what is posted.
#[derive(Default)]
enum Receiver {
    /// Nothing was posted yet, so there is none.
    #[default]
    Unborn,
    /// It looks into the queue again before it sleeps.
    Awake,
    Asleep(Waker),
    /// The loop is gone, and what is posted is dropped.
    Gone,
}

impl Mailbox {
    /// Has the loop call `callback`, or drops it if the loop is gone.
    pub(super) fn post(self: &Arc<Self>, runtime: &Handle, callback: Callback) {
        let mut posts = self.lock();
        if matches!(posts.receiver, Receiver::Gone) {
            // What a callback does when it is dropped may come back here.
            drop(posts);
            return;
        }
        posts.waiting.push_back(callback);
        let receiver = mem::replace(&mut posts.receiver, Receiver::Awake);
        drop(posts);
        match receiver {
            Receiver::Asleep(waker) => waker.wake(),
            Receiver::Awake | Receiver::Gone => {}
            Receiver::Unborn => {
                let mailbox = Arc::clone(self);
                runtime.spawn(Receive { mailbox });
            }
        }
    }

    /// Calls what is there now, and nothing that is posted meanwhile.
    pub(super) fn call_waiting(&self) {
        let waiting = self.lock().waiting.len();
        for _ in 0..waiting {
            // The lock is free again before the callback runs: it may add others.
            let Some(callback) = self.take() else {
                return;
            };
            callback();
        }
    }

    fn take(&self) -> Option<Callback> {
        self.lock().waiting.pop_front()
    }

    /// Takes the oldest callback; without one, notes who is to be woken for the next.
    fn next(&self, waker: &Waker) -> Option<Callback> {
        let mut posts = self.lock();
        if let Some(callback) = posts.waiting.pop_front() {
            return Some(callback);
        }
        posts.receiver = Receiver::Asleep(waker.clone());
        if posts.waiting.capacity() > KEEP {
            posts.waiting = VecDeque::new();
        }
        None
    }

    /// Drops what waits and what is still to come.
    fn close(&self) {
        let mut posts = self.lock();
        posts.receiver = Receiver::Gone;
        let waiting = mem::take(&mut posts.waiting);
        drop(posts);
        drop(waiting);
    }

    /// Nothing of others runs under the lock, so nothing panics there.
    fn lock(&self) -> MutexGuard<'_, Posts> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("waiting", &self.lock().waiting.len())
            .finish_non_exhaustive()
    }
}

/// The receiver; when it is dropped, its loop is gone.
struct Receive {
    mailbox: Arc<Mailbox>,
}

impl Future for Receive {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..AT_ONCE {
            let Some(callback) = self.mailbox.next(cx.waker()) else {
                return Poll::Pending;
            };
            callback();
        }
        // Asks for another turn, after the runtime has looked at sockets and timers.
        _ = pin!(yield_now()).poll(cx);
        Poll::Pending
    }
}

impl Drop for Receive {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}
