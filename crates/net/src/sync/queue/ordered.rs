//! The queue itself.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};

use tokio::task::coop::poll_proceed;

use super::places::{Getters, Putting, wake};
use super::state::State;
use super::{Backlog, Items, QueueEmpty, QueueFull, TaskDoneTooOften};
use crate::TimedOut;
use crate::sync::Event;
use crate::sync::turn::Turn;
use crate::task::{Timeout, with_timeout};

/// What [`Queue`](super::Queue), [`PriorityQueue`](super::PriorityQueue) and
/// [`LifoQueue`](super::LifoQueue) have in common: all but the order.
///
/// With a `maxsize`, [`put`](Self::put) waits for room, which slows producers down to the pace of
/// the consumers. Getters are served in the order in which they came, putters too.
pub struct OrderedQueue<T, B> {
    state: RefCell<State<T, B>>,
    /// Items that were put and for which `task_done` was not called yet.
    unfinished: Cell<usize>,
    /// Set while `unfinished` is 0.
    finished: Event,
}

impl<T, B: Backlog<T>> OrderedQueue<T, B> {
    /// Makes an empty queue for at most `maxsize` items; 0 means any number.
    #[must_use]
    pub fn new(maxsize: usize) -> Self {
        let finished = Event::new();
        finished.set();
        Self {
            state: RefCell::new(State::new(maxsize)),
            unfinished: Cell::new(0),
            finished,
        }
    }

    /// Returns how many items are allowed; 0 means any number.
    #[must_use]
    pub fn maxsize(&self) -> usize {
        self.state.borrow().maxsize()
    }

    /// Returns the number of items, without those that are on their way to a waiting getter.
    #[must_use]
    pub fn qsize(&self) -> usize {
        self.state.borrow().available()
    }

    /// Tells whether there is nothing to get.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.qsize() == 0
    }

    /// Tells whether there is no room; never true without a limit.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.state.borrow().is_full()
    }

    /// Puts an item, and waits for room before.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped while it waits, the item is dropped with it. It may have been taken
    /// in already though the future has not run since; then it stays. To keep an item that found no
    /// room, use [`put_timeout`](Self::put_timeout).
    #[inline]
    pub fn put(&self, item: T) -> impl Future<Output = ()> {
        let mut putting = Putting::new(self, item);
        poll_fn(move |cx| putting.poll(cx))
    }

    /// Puts an item, and waits for room before, but not longer than `timeout`: a
    /// [`Duration`](std::time::Duration) from now, or an [`Instant`](std::time::Instant) of the
    /// loop's clock.
    ///
    /// # Errors
    ///
    /// [`QueueFull`] with the item if the time is over first.
    ///
    /// # Panics
    ///
    /// Panics outside a loop, which has the timer.
    ///
    /// # Cancel safety
    ///
    /// As [`put`](Self::put).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::{IoLoop, sync::Queue};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let queue = Queue::new(1);
    ///     queue.put("first").await;
    ///     let full = queue.put_timeout("second", Duration::from_millis(2)).await.unwrap_err();
    ///     assert_eq!(full.into_inner(), "second");
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn put_timeout(
        &self,
        item: T,
        timeout: impl Into<Timeout>,
    ) -> Result<(), QueueFull<T>> {
        let mut putting = Putting::new(self, item);
        let outcome = with_timeout(timeout, poll_fn(|cx| putting.poll(cx))).await;
        match outcome {
            Ok(()) => Ok(()),
            Err(_) => putting.give_up(),
        }
    }

    /// Puts an item if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`QueueFull`] with the item if there is none.
    #[inline]
    pub fn put_nowait(&self, item: T) -> Result<(), QueueFull<T>> {
        let getter = {
            let mut state = self.state.borrow_mut();
            if state.is_full() {
                return Err(QueueFull::new(item, state.maxsize()));
            }
            state.insert(item)
        };
        self.count_in();
        wake(getter);
        Ok(())
    }

    /// Takes an item, and waits for one before.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, its place is lost and no item is: one that was on its way to it goes
    /// to the next one who waits, or stays in the queue.
    #[inline]
    pub fn get(&self) -> impl Future<Output = T> {
        // No async function: its states cost more than an item that is there.
        let mut turn = Turn::new(Getters(self));
        poll_fn(move |cx| {
            let budget = ready!(poll_proceed(cx));
            let item = ready!(self.poll_get(&mut turn, cx));
            budget.made_progress();
            Poll::Ready(item)
        })
    }

    /// Takes an item, and waits for one before, but not longer than `timeout`: a
    /// [`Duration`](std::time::Duration) from now, or an [`Instant`](std::time::Instant) of the
    /// loop's clock.
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
    /// As [`get`](Self::get).
    pub async fn get_timeout(&self, timeout: impl Into<Timeout>) -> Result<T, TimedOut> {
        with_timeout(timeout, self.get()).await
    }

    /// Takes an item if there is one now.
    ///
    /// # Errors
    ///
    /// [`QueueEmpty`] if there is none.
    #[inline]
    pub fn get_nowait(&self) -> Result<T, QueueEmpty> {
        let removed = self.state.borrow_mut().remove();
        let (item, putter) = removed.ok_or(QueueEmpty)?;
        if putter.is_some() {
            self.count_in();
            wake(putter);
        }
        Ok(item)
    }

    /// Returns the items as they come, for a loop without end.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, sync::Queue};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let queue = Queue::new(0);
    ///     for line in ["one", "two", "end"] {
    ///         queue.put(line).await;
    ///     }
    ///     let mut lines = queue.items();
    ///     while let Some(line) = lines.next().await {
    ///         println!("{line}");
    ///         if line == "end" {
    ///             break;
    ///         }
    ///     }
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn items(&self) -> Items<'_, T, B> {
        Items::new(self)
    }

    /// Says that the work on one item is finished. When it is on all of them, [`join`](Self::join)
    /// goes on.
    ///
    /// # Errors
    ///
    /// [`TaskDoneTooOften`] if it was said for all items before.
    pub fn task_done(&self) -> Result<(), TaskDoneTooOften> {
        let left = self
            .unfinished
            .get()
            .checked_sub(1)
            .ok_or(TaskDoneTooOften)?;
        self.unfinished.set(left);
        if left == 0 {
            self.finished.set();
        }
        Ok(())
    }

    /// Waits until the work on all items is finished: until [`task_done`](Self::task_done) was called
    /// for each that was put. Completes at once if none was.
    ///
    /// # Cancel safety
    ///
    /// Nothing happens when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use waterspout_net::{IoLoop, sync::Queue};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let jobs = Rc::new(Queue::new(0));
    ///     let inbox = Rc::clone(&jobs);
    ///     IoLoop::current().spawn_callback(async move {
    ///         loop {
    ///             println!("working on {}", inbox.get().await);
    ///             inbox.task_done().expect("once for each item");
    ///         }
    ///     });
    ///     for job in 1..=3 {
    ///         jobs.put(job).await;
    ///     }
    ///     jobs.join().await;
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn join(&self) {
        self.finished.wait().await;
    }

    /// Does what [`join`](Self::join) does, but not longer than `timeout`: a
    /// [`Duration`](std::time::Duration) from now, or an [`Instant`](std::time::Instant) of the
    /// loop's clock.
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
    /// Nothing happens when the future is dropped.
    pub async fn join_timeout(&self, timeout: impl Into<Timeout>) -> Result<(), TimedOut> {
        self.finished.wait_timeout(timeout).await
    }

    pub(super) fn state(&self) -> &RefCell<State<T, B>> {
        &self.state
    }

    #[inline]
    fn poll_get(&self, turn: &mut Turn<Getters<'_, T, B>>, cx: &Context<'_>) -> Poll<T> {
        if !turn.is_waiting()
            && let Ok(item) = self.get_nowait()
        {
            return Poll::Ready(item);
        }
        ready!(turn.poll(cx, || ()));
        Poll::Ready(self.state.borrow_mut().remove_reserved())
    }

    /// Counts an item that was put.
    #[inline]
    fn count_in(&self) {
        self.unfinished.set(self.unfinished.get() + 1);
        self.finished.clear();
    }
}

impl<T, B: Backlog<T>> Default for OrderedQueue<T, B> {
    /// Makes a queue without a limit.
    fn default() -> Self {
        Self::new(0)
    }
}

impl<T, B> fmt::Debug for OrderedQueue<T, B>
where
    B: Backlog<T> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct("Queue")
            .field("maxsize", &state.maxsize())
            .field("items", state.items())
            .field("getters", &state.getters.len())
            .field("putters", &state.putters.len())
            .field("unfinished", &self.unfinished.get())
            .finish()
    }
}
