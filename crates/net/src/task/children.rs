//! Several futures inside one, polled only when they were woken.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Futures that are driven together.
///
/// Each has a waker of its own. A waker may be called from any thread, so what wakers share is behind
/// an `Arc` and a mutex, unlike everything else here.
pub(super) struct Children<F> {
    /// `None` for those that are done.
    futures: Vec<Option<Child<F>>>,
    woken: Arc<Woken>,
    left: usize,
}

struct Child<F> {
    future: Pin<Box<F>>,
    waker: Waker,
}

impl<F: Future> Children<F> {
    /// Takes futures, which are all polled once in their order to begin with.
    pub(super) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let woken = Arc::new(Woken::default());
        let child = |(index, future)| {
            let whose = OneOf {
                index,
                all: Arc::clone(&woken),
            };
            Some(Child {
                future: Box::pin(future),
                waker: Waker::from(Arc::new(whose)),
            })
        };
        let futures: Vec<_> = futures.into_iter().enumerate().map(child).collect();
        let left = futures.len();
        woken.fill(left);
        Self {
            futures,
            woken,
            left,
        }
    }

    /// Returns how many are not done yet.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Waits until one more is done: its place in the order, and what it returned. `None` after the
    /// last one.
    pub(super) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<(usize, F::Output)>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.woken.wake_instead(cx.waker());
        // Children that wake themselves again and again must not keep the loop.
        for _ in 0..self.futures.len() {
            let Some(index) = self.woken.next() else {
                return Poll::Pending;
            };
            if let Poll::Ready(output) = self.poll_child(index) {
                return Poll::Ready(Some((index, output)));
            }
        }
        if self.woken.is_any() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn poll_child(&mut self, index: usize) -> Poll<F::Output> {
        let place = &mut self.futures[index];
        // A waker of one that is done may still be called.
        let Some(child) = place else {
            return Poll::Pending;
        };
        let polled = child
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&child.waker));
        if polled.is_ready() {
            *place = None;
            self.left -= 1;
        }
        polled
    }
}

impl<F> fmt::Debug for Children<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Children")
            .field("all", &self.futures.len())
            .field("left", &self.left)
            .finish()
    }
}

/// Which children were woken, in that order.
#[derive(Default)]
struct Woken {
    state: Mutex<WokenState>,
}

#[derive(Default)]
struct WokenState {
    queue: VecDeque<usize>,
    queued: Vec<bool>,
    /// Who drives the children, while it waits.
    parent: Option<Waker>,
}

impl Woken {
    fn lock(&self) -> MutexGuard<'_, WokenState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, children: usize) {
        let mut state = self.lock();
        state.queue.extend(0..children);
        state.queued.resize(children, true);
    }

    fn wake_instead(&self, waker: &Waker) {
        let mut state = self.lock();
        if !state
            .parent
            .as_ref()
            .is_some_and(|old| old.will_wake(waker))
        {
            let replaced = state.parent.replace(waker.clone());
            drop(state);
            drop(replaced);
        }
    }

    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        let index = state.queue.pop_front()?;
        state.queued[index] = false;
        Some(index)
    }

    fn is_any(&self) -> bool {
        !self.lock().queue.is_empty()
    }

    fn wake(&self, index: usize) {
        let mut state = self.lock();
        if mem::replace(&mut state.queued[index], true) {
            return;
        }
        state.queue.push_back(index);
        let parent = state.parent.take();
        drop(state);
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

/// The waker of one child.
struct OneOf {
    index: usize,
    all: Arc<Woken>,
}

impl Wake for OneOf {
    fn wake(self: Arc<Self>) {
        self.all.wake(self.index);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.all.wake(self.index);
    }
}
