//! What the loop's thread notes for the watcher, at the price of a few stores.

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::io_loop::state::LoopState;

/// Names whose address was noted lately, so that most polls need no lock.
const KNOWN: usize = 64;

thread_local! {
    /// The loop of this thread has a watchdog.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static BEAT: RefCell<Option<Rc<Beat>>> = const { RefCell::new(None) };
}

/// What the loop's thread holds.
pub(in crate::io_loop) struct Beat {
    shared: Arc<Shared>,
    known: [Cell<usize>; KNOWN],
}

/// What both threads see. Only the loop's thread writes, so a change is a load and a store.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Address of the name of what is being polled; 0 between.
    running: AtomicUsize,
    /// Counts begun and ended polls.
    turns: AtomicU64,
    /// Counts starts and ends of the loop: odd while it runs.
    runs: AtomicU64,
    /// The number that the system gives to the thread of the loop; 0 where that is not known.
    thread: AtomicI32,
    names: Mutex<HashMap<usize, &'static str>>,
}

impl Beat {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            shared: Arc::default(),
            known: [const { Cell::new(0) }; KNOWN],
        })
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn begin(&self, name: &'static str) -> usize {
        let address = name.as_ptr().addr();
        let known = &self.known[(address >> 4) % KNOWN];
        if known.replace(address) != address {
            self.shared.remember(address, name);
        }
        self.shared.turn_to(address)
    }
}

impl Shared {
    fn turn_to(&self, address: usize) -> usize {
        let before = self.running.load(Ordering::Relaxed);
        self.running.store(address, Ordering::Relaxed);
        bump(&self.turns);
        before
    }

    #[cold]
    fn remember(&self, address: usize, name: &'static str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(address, name);
    }

    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// Returns the number of the run, or `None` while the loop does not run.
    pub(super) fn run(&self) -> Option<u64> {
        let run = self.runs.load(Ordering::Acquire);
        (run % 2 == 1).then_some(run)
    }

    /// Returns the number of the loop's thread.
    pub(super) fn thread(&self) -> i32 {
        self.thread.load(Ordering::Relaxed)
    }

    /// Returns the name of what is being polled.
    pub(super) fn name(&self) -> Option<&'static str> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&self.running.load(Ordering::Relaxed)).copied()
    }
}

/// Adds one, where there is one writer only.
fn bump(count: &AtomicU64) {
    count.store(count.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// Tells whether the loop of this thread has a stall watchdog, so that names given by
/// [`blame`](super::blame) are of use. It costs a few instructions.
#[inline]
#[must_use]
pub fn is_watched() -> bool {
    WATCHED.get()
}

/// Notes that what is called `name` is being polled until the guard is dropped.
#[inline]
pub(in crate::io_loop) fn begin(name: &'static str) -> Turn {
    Turn {
        before: if WATCHED.get() {
            begin_watched(name)
        } else {
            None
        },
    }
}

#[cold]
#[inline(never)]
fn begin_watched(name: &'static str) -> Option<usize> {
    BEAT.with_borrow(|beat| beat.as_ref().map(|beat| beat.begin(name)))
}

/// Names again what was polled before.
pub(in crate::io_loop) struct Turn {
    before: Option<usize>,
}

impl Drop for Turn {
    #[inline]
    fn drop(&mut self) {
        if let Some(before) = self.before {
            end_watched(before);
        }
    }
}

#[cold]
#[inline(never)]
fn end_watched(before: usize) {
    BEAT.with_borrow(|beat| {
        if let Some(beat) = beat {
            beat.shared.turn_to(before);
        }
    });
}

/// Says that a loop runs on this thread until the guard is dropped.
pub(in crate::io_loop) fn enter(state: &Rc<LoopState>) -> Run {
    let beat = state.beat().borrow().clone();
    if let Some(beat) = &beat {
        watch(beat);
    }
    Run {
        state: Rc::clone(state),
    }
}

/// Says that the loop runs no more.
#[derive(Debug)]
pub(in crate::io_loop) struct Run {
    state: Rc<LoopState>,
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(beat) = &*self.state.beat().borrow() {
            unwatch(beat);
        }
    }
}

/// Begins to note what runs on this thread.
pub(super) fn watch(beat: &Rc<Beat>) {
    #[cfg(target_os = "linux")]
    beat.shared
        .thread
        .store(nix::unistd::gettid().as_raw(), Ordering::Relaxed);
    bump(&beat.shared.runs);
    let before = BEAT.replace(Some(Rc::clone(beat)));
    WATCHED.set(true);
    drop(before);
}

/// Ends what [`watch`] began, if it is this beat that is noted.
pub(super) fn unwatch(beat: &Rc<Beat>) {
    let ours = BEAT.with_borrow(|now| now.as_ref().is_some_and(|now| Rc::ptr_eq(now, beat)));
    if ours {
        bump(&beat.shared.runs);
        WATCHED.set(false);
        drop(BEAT.take());
    }
}

pin_project! {
    /// A future whose polls are noted under the name of its type.
    pub(in crate::io_loop) struct Named<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Named<F> {
    pub(in crate::io_loop) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _turn = begin(type_name::<F>());
        self.project().future.poll(cx)
    }
}

impl std::fmt::Debug for Beat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beat")
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}
