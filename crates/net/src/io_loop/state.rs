//! What one loop owns besides the runtime: its clock, its deadlines and its buffers.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::Poll;

use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::clock::{Clock, TICK};
use super::deadline::Deadlines;
use super::executor::DefaultExecutor;
use super::fd::FdPoller;
use super::watchdog::Beat;
use super::watched_signal::WatchedSignal;
use crate::memory::{self, Peak};
use crate::pool::BufferPool;
use crate::shelf::Aging;

thread_local! {
    static CURRENT: RefCell<Option<Rc<LoopState>>> = const { RefCell::new(None) };
}

/// The resources of one loop that streams and protocol drivers share.
#[derive(Debug)]
pub struct LoopState {
    clock: Clock,
    deadlines: Deadlines,
    buffers: BufferPool,
    aging: RefCell<Vec<Weak<dyn Aging>>>,
    ticking: Cell<bool>,
    /// Made with the first handler of a descriptor.
    fds: RefCell<Option<Rc<FdPoller>>>,
    /// The tasks that wait for signals.
    signals: RefCell<HashMap<WatchedSignal, AbortHandle>>,
    executor: RefCell<Option<DefaultExecutor>>,
    /// There while the loop has a watchdog.
    beat: RefCell<Option<Rc<Beat>>>,
}

impl LoopState {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            clock: Clock::new(),
            deadlines: Deadlines::default(),
            buffers: BufferPool::default(),
            aging: RefCell::default(),
            ticking: Cell::new(false),
            fds: RefCell::default(),
            signals: RefCell::default(),
            executor: RefCell::default(),
            beat: RefCell::default(),
        })
    }

    /// Returns the resources of the loop that runs on this thread.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    pub fn current() -> Rc<Self> {
        Self::try_current().expect(
            "no IoLoop runs on this thread: call this from inside IoLoop::run_sync, \
             IoLoop::start or a task that the loop runs",
        )
    }

    /// Returns the resources of the loop that runs on this thread, or `None` without one.
    #[must_use]
    pub fn try_current() -> Option<Rc<Self>> {
        let state = CURRENT.with_borrow(Clone::clone)?;
        if !state.ticking.replace(true) {
            tokio::task::spawn_local(tick(Rc::clone(&state)));
        }
        Some(state)
    }

    /// Makes this loop the thread's current one until the guard is dropped.
    pub(crate) fn enter(self: &Rc<Self>) -> EnterGuard {
        EnterGuard {
            previous: CURRENT.replace(Some(Rc::clone(self))),
        }
    }

    /// Returns the loop's buffer pools.
    #[must_use]
    pub fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    /// Ages `keeper` once a second from now on, as long as it lives, until it keeps nothing.
    pub fn age_regularly(&self, keeper: Weak<dyn Aging>) {
        self.aging.borrow_mut().push(keeper);
    }

    /// Ages everything that is kept on this loop. Tells whether anything is kept still.
    fn age(&self) -> bool {
        let mut keeps = self.buffers.age();
        let aging = self.aging.take();
        for keeper in &aging {
            keeps |= keeper.upgrade().is_some_and(|keeper| keeper.age());
        }
        let mut added = self.aging.borrow_mut();
        let alive = aging.into_iter().filter(|keeper| keeper.strong_count() > 0);
        added.splice(..0, alive);
        keeps
    }

    /// Calls `read` with the current text of the `Date` field, at most a tenth of a second old:
    /// the 29 octets of an IMF-fixdate (RFC 9110 §5.6.7).
    #[inline]
    pub fn with_date<T>(&self, read: impl FnOnce(&[u8; 29]) -> T) -> T {
        self.clock.with_date(read)
    }

    /// Returns the seconds since 1970 that [`with_date`](Self::with_date) gives as text.
    #[inline]
    #[must_use]
    pub fn unix_seconds(&self) -> u64 {
        self.clock.second()
    }

    /// Wakes every task of the loop that has polled a [`Deadline`](crate::Deadline), so that it
    /// looks at its state again. A drain uses this to reach idle connections.
    pub fn wake_deadlines(&self) {
        self.deadlines.wake_all();
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    pub(super) fn fds(&self) -> &RefCell<Option<Rc<FdPoller>>> {
        &self.fds
    }

    pub(super) fn signals(&self) -> &RefCell<HashMap<WatchedSignal, AbortHandle>> {
        &self.signals
    }

    pub(super) fn executor(&self) -> &RefCell<Option<DefaultExecutor>> {
        &self.executor
    }

    pub(super) fn beat(&self) -> &RefCell<Option<Rc<Beat>>> {
        &self.beat
    }

    /// Drops what users gave to the loop and what is no task: it may hold handles of the loop.
    pub(super) fn clear(&self) {
        let poller = self.fds.take();
        if let Some(poller) = poller {
            poller.clear();
        }
        drop(self.executor.take());
        self.signals.borrow_mut().clear();
    }
}

/// Restores the loop that was current before.
#[derive(Debug)]
pub(crate) struct EnterGuard {
    previous: Option<Rc<LoopState>>,
}

impl Drop for EnterGuard {
    fn drop(&mut self) {
        CURRENT.set(self.previous.take());
    }
}

/// Says that the ticker is gone when its runtime drops it, so that the next one starts its own.
struct Ticking(Rc<LoopState>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.ticking.set(false);
    }
}

/// Ticks of a second, after which the pools age.
const AGE_EVERY: u32 = 10;

async fn tick(state: Rc<LoopState>) {
    let ticking = Ticking(state);
    let state = &*ticking.0;
    let mut keeper = Keeper::default();
    loop {
        sleep_until(Instant::now() + TICK).await;
        state.clock.refresh();
        let used = state.clock.take_used();
        let now = state.clock.now_unused();
        state.deadlines.advance(now);
        keeper.keep(state, now, used);
        if !used && keeper.is_done() {
            rest(state).await;
        }
    }
}

/// Keeps the loop's memory about as large as its work.
#[derive(Debug, Default)]
struct Keeper {
    age_at: u32,
    connections: Peak,
    /// A peak is over, and what it used is not returned to the system yet.
    after_peak: bool,
    /// Something is kept for reuse.
    keeps: bool,
}

impl Keeper {
    fn keep(&mut self, state: &LoopState, now: u32, used: bool) {
        // Whoever used the clock may have given something back meanwhile.
        self.keeps |= used;
        if now < self.age_at {
            return;
        }
        self.age_at = now + AGE_EVERY;
        self.keeps = state.age();
        if self.connections.is_over(state.deadlines.len()) {
            self.after_peak = true;
            memory::trim();
        } else if self.after_peak && !self.keeps {
            // Once more when nothing is kept: that was the last of the peak.
            self.after_peak = false;
            memory::trim();
        }
    }

    fn is_done(&self) -> bool {
        !self.after_peak && !self.keeps
    }
}

/// Sleeps until somebody reads the clock or the next deadline is due.
async fn rest(state: &LoopState) {
    let until = state.deadlines.next().map(|tick| state.clock.instant(tick));
    let mut alarm = std::pin::pin!(async {
        match until {
            Some(until) => sleep_until(until).await,
            None => std::future::pending().await,
        }
    });
    poll_fn(|cx| {
        if state.clock.is_fresh() {
            return Poll::Ready(());
        }
        state.clock.set_ticker(cx.waker().clone());
        alarm.as_mut().poll(cx)
    })
    .await;
}
