//! Callbacks from other threads: one queue per loop, and one task that calls them.
//!
//! A task per callback would cost an allocation of the task's size and a place in the runtime's list
//! of tasks each. Here a callback is one box, which is used again for the next of its type, and a loop
//! that is woken for one takes all that came meanwhile.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::callbacks::call_guarded;

type Callback = Box<dyn Call + Send>;

/// Callbacks that are called before others have their turn: as many as the runtime runs tasks before
/// it looks at sockets and timers.
const AT_ONCE: usize = 61;

/// Boxes that wait for the next one who asks, and the size up to which they do.
const SPENT: usize = 64;
const SPENT_SIZE: usize = 256;

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
    /// What was called already. Who asks for the same function again finds its box here: memory that
    /// is freed by another thread than took it costs an allocator three times as much.
    spent: Vec<Callback>,
    receiver: Receiver,
}

impl Posts {
    /// Adds a callback, in the box of one of its type that was called.
    fn push<F: FnOnce() + Send + 'static>(&mut self, callback: F) {
        let spent = self.spent.pop().map(|spent| spent as Box<dyn Any + Send>);
        let boxed = match spent.map(<Box<dyn Any + Send>>::downcast::<Once<F>>) {
            Some(Ok(mut boxed)) => {
                boxed.0 = Some(callback);
                boxed
            }
            _ => Box::new(Once(Some(callback))),
        };
        self.waiting.push_back(boxed);
    }
}

/// A function that is called once, in a box that outlives it.
trait Call: Any {
    fn call(&mut self);
}

struct Once<F>(Option<F>);

impl<F: FnOnce() + 'static> Call for Once<F> {
    fn call(&mut self) {
        if let Some(callback) = self.0.take() {
            call_guarded(callback);
        }
    }
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
    pub(super) fn post<F>(self: &Arc<Self>, runtime: &Handle, callback: F)
    where
        F: FnOnce() + Send + 'static,
    {
        let mut posts = self.lock();
        if matches!(posts.receiver, Receiver::Gone) {
            // What a callback does when it is dropped may come back here.
            drop(posts);
            drop(callback);
            return;
        }
        posts.push(callback);
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
            let Some(mut callback) = self.take() else {
                return;
            };
            callback.call();
        }
    }

    fn take(&self) -> Option<Callback> {
        self.lock().waiting.pop_front()
    }

    /// Takes the oldest callback; without one, notes who is to be woken for the next. `spent` is the
    /// one before, if it was called.
    fn next(&self, spent: Option<Callback>, waker: &Waker) -> Option<Callback> {
        let mut posts = self.lock();
        if let Some(spent) = spent
            && posts.spent.len() < SPENT
            && size_of_val(&*spent) <= SPENT_SIZE
        {
            posts.spent.push(spent);
        }
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
        let mut spent = None;
        for _ in 0..AT_ONCE {
            let Some(mut callback) = self.mailbox.next(spent, cx.waker()) else {
                return Poll::Pending;
            };
            callback.call();
            spent = Some(callback);
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
