//! Deadlines of connections: one coarse timer wheel per loop.
//!
//! Moving a deadline is a store of an integer. The wheel finds out lazily, when the slot of the old
//! deadline comes round, that it has moved, and queues it anew. So a connection may set a deadline
//! several times per request, and no timer of the runtime is touched.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::clock::TICK;
use super::state::LoopState;

/// Slots of the wheel: 51.2 seconds. A later deadline is queued as far ahead as the wheel reaches.
const SLOTS: usize = 512;
const HORIZON: u32 = 511;
const NEVER: u32 = u32::MAX;

/// A deadline of one task, with the resolution of [`TICK`]: it never fires early, and at most two
/// ticks late on a loop that is not blocked.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{Deadline, IoLoop};
///
/// IoLoop::new()?.run_sync(async {
///     let deadline = Deadline::new();
///     deadline.set(Duration::from_millis(50));
///     deadline.expired().await;
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Deadline {
    state: Rc<LoopState>,
    index: usize,
}

impl Deadline {
    /// Makes a deadline on the running loop, not set yet.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    pub fn new() -> Self {
        Self::on(LoopState::current())
    }

    pub(crate) fn on(state: Rc<LoopState>) -> Self {
        let index = state.deadlines().insert();
        Self { state, index }
    }

    /// Sets the deadline to `after` from now, in place of what was set before.
    #[inline]
    pub fn set(&self, after: Duration) {
        self.set_ticks(ticks(after));
    }

    /// Sets the deadline to a number of ticks from now, as [`ticks`] counts them.
    #[inline]
    pub fn set_ticks(&self, after: u32) {
        let now = self.state.clock().now();
        self.state
            .deadlines()
            .set(self.index, now, now.saturating_add(after).min(NEVER - 1));
    }

    /// Returns the ticks that are left until the deadline; 0 if it has passed.
    #[must_use]
    pub fn remaining_ticks(&self) -> u32 {
        let now = self.state.clock().now();
        self.state.deadlines().at(self.index).saturating_sub(now)
    }

    /// Takes the deadline back.
    #[inline]
    pub fn clear(&self) {
        self.state.deadlines().clear(self.index);
    }

    /// Tells whether the deadline has passed.
    #[inline]
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.state.deadlines().is_expired(self.index)
    }

    /// Polls for the deadline. The task is woken when it passes.
    #[inline]
    pub fn poll_expired(&self, cx: &Context<'_>) -> Poll<()> {
        self.state.deadlines().poll(self.index, cx.waker())
    }

    /// Has the deadline wake this task, whether it is set or not, and tells whether it woke another
    /// one before. A connection whose task can be woken by others too keeps its waker here and
    /// nowhere else.
    #[inline]
    pub fn keep_waker(&self, waker: &Waker) -> bool {
        self.state.deadlines().keep_waker(self.index, waker)
    }

    /// Tells whether this is the task that the deadline wakes.
    #[inline]
    #[must_use]
    pub fn wakes(&self, waker: &Waker) -> bool {
        self.state.deadlines().wakes(self.index, waker)
    }

    /// Returns what wakes the task that polled last, unless the deadline has woken it.
    #[must_use]
    pub fn waker(&self) -> Option<Waker> {
        self.state.deadlines().waker(self.index)
    }

    /// Waits until the deadline has passed; for ever if it is not set.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the deadline stays as it is.
    pub async fn expired(&self) {
        std::future::poll_fn(|cx| self.poll_expired(cx)).await;
    }
}

impl Default for Deadline {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.state.deadlines().remove(self.index);
    }
}

/// Counts the ticks that a deadline of `duration` takes, rounded up and one more, since the
/// current tick has partly gone by. Made for configurations that are read once.
#[must_use]
pub fn ticks(duration: Duration) -> u32 {
    let ticks = duration.as_millis().div_ceil(TICK.as_millis()) + 1;
    u32::try_from(ticks).unwrap_or(NEVER / 2)
}

#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    wheel: RefCell<Wheel>,
}

#[derive(Debug, Default)]
struct Wheel {
    entries: Vec<Entry>,
    free: Vec<usize>,
    slots: Vec<Vec<usize>>,
    /// The last tick whose slot was emptied.
    passed: u32,
}

#[derive(Debug)]
struct Entry {
    /// The tick at which it expires, or [`NEVER`].
    at: u32,
    /// The tick in whose slot it is queued, at most `at`, or [`NEVER`].
    queued: u32,
    waker: Option<Waker>,
}

impl Entry {
    #[inline]
    fn wakes(&self, waker: &Waker) -> bool {
        matches!(&self.waker, Some(known) if known.will_wake(waker))
    }
}

impl Deadlines {
    fn insert(&self) -> usize {
        let mut wheel = self.wheel.borrow_mut();
        let entry = Entry {
            at: NEVER,
            queued: NEVER,
            waker: None,
        };
        if let Some(index) = wheel.free.pop() {
            wheel.entries[index] = entry;
            return index;
        }
        wheel.entries.push(entry);
        wheel.entries.len() - 1
    }

    fn remove(&self, index: usize) {
        let mut wheel = self.wheel.borrow_mut();
        let entry = &mut wheel.entries[index];
        entry.at = NEVER;
        let waker = entry.waker.take();
        wheel.free.push(index);
        if wheel.free.len() == wheel.entries.len() {
            // Nobody is left: give the memory of the peak back.
            let passed = wheel.passed;
            *wheel = Wheel {
                passed,
                ..Wheel::default()
            };
        }
        drop(wheel);
        drop(waker);
    }

    #[inline]
    fn set(&self, index: usize, now: u32, at: u32) {
        let mut wheel = self.wheel.borrow_mut();
        let entry = &mut wheel.entries[index];
        entry.at = at;
        if at < entry.queued {
            wheel.queue(index, now);
        }
    }

    #[inline]
    fn clear(&self, index: usize) {
        self.wheel.borrow_mut().entries[index].at = NEVER;
    }

    fn at(&self, index: usize) -> u32 {
        self.wheel.borrow().entries[index].at
    }

    /// Wakes every task that has polled a deadline, whether it is set or not.
    pub(crate) fn wake_all(&self) {
        let mut wakers = Vec::new();
        for entry in &self.wheel.borrow().entries {
            wakers.extend(entry.waker.clone());
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    #[inline(always)]
    fn is_expired(&self, index: usize) -> bool {
        let wheel = self.wheel.borrow();
        wheel.entries[index].at <= wheel.passed
    }

    #[inline]
    fn poll(&self, index: usize, waker: &Waker) -> Poll<()> {
        let mut wheel = self.wheel.borrow_mut();
        let passed = wheel.passed;
        let entry = &mut wheel.entries[index];
        if entry.at <= passed {
            return Poll::Ready(());
        }
        if !entry.wakes(waker) {
            let previous = entry.waker.replace(waker.clone());
            // Dropping a waker may drop its task, and with it deadlines of this wheel.
            drop(wheel);
            drop(previous);
        }
        Poll::Pending
    }

    #[inline]
    fn keep_waker(&self, index: usize, waker: &Waker) -> bool {
        let mut wheel = self.wheel.borrow_mut();
        let entry = &mut wheel.entries[index];
        if entry.wakes(waker) {
            return false;
        }
        let previous = entry.waker.replace(waker.clone());
        // As above.
        drop(wheel);
        drop(previous);
        true
    }

    #[inline]
    fn wakes(&self, index: usize, waker: &Waker) -> bool {
        self.wheel.borrow().entries[index].wakes(waker)
    }

    fn waker(&self, index: usize) -> Option<Waker> {
        self.wheel.borrow().entries[index].waker.clone()
    }

    /// Returns how many deadlines there are, set or not: about one per connection.
    pub(crate) fn len(&self) -> usize {
        let wheel = self.wheel.borrow();
        wheel.entries.len() - wheel.free.len()
    }

    /// Empties the slots up to `now`, wakes whose deadline has passed and queues the others anew.
    pub(crate) fn advance(&self, now: u32) {
        let mut due = Vec::new();
        self.wheel.borrow_mut().advance(now, &mut due);
        due.into_iter().for_each(Waker::wake);
    }

    /// Returns the next tick at which there is something to look at.
    pub(crate) fn next(&self) -> Option<u32> {
        let wheel = self.wheel.borrow();
        (0..u32::try_from(wheel.slots.len()).unwrap_or(0))
            .map(|ahead| wheel.passed + 1 + ahead)
            .find(|tick| !wheel.slots[slot(*tick)].is_empty())
    }
}

impl Wheel {
    fn queue(&mut self, index: usize, now: u32) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Vec::new);
        }
        let entry = &mut self.entries[index];
        // Never into a slot that has been emptied for this round already.
        let earliest = self.passed + 1;
        entry.queued = entry.at.clamp(earliest, earliest.max(now) + HORIZON - 1);
        self.slots[slot(entry.queued)].push(index);
    }

    fn advance(&mut self, now: u32, due: &mut Vec<Waker>) {
        if self.slots.is_empty() {
            self.passed = now;
            return;
        }
        // After a long sleep one round empties every slot.
        let first = (self.passed + 1).max(now.saturating_sub(HORIZON));
        for tick in first..=now {
            self.passed = tick;
            for index in std::mem::take(&mut self.slots[slot(tick)]) {
                self.visit(index, tick, now, due);
            }
        }
    }

    fn visit(&mut self, index: usize, tick: u32, now: u32, due: &mut Vec<Waker>) {
        // An entry that was queued elsewhere instead, freed or taken over leaves a stale index here.
        let Some(entry) = self
            .entries
            .get_mut(index)
            .filter(|entry| entry.queued != NEVER)
        else {
            return;
        };
        if entry.queued > tick {
            if slot(entry.queued) == slot(tick) {
                // Queued for the next round, while this one is late.
                self.slots[slot(tick)].push(index);
            }
            return;
        }
        entry.queued = NEVER;
        if entry.at == NEVER {
            return;
        }
        if entry.at <= now {
            due.extend(entry.waker.take());
        } else {
            self.queue(index, now);
        }
    }
}

fn slot(tick: u32) -> usize {
    tick as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expired_at(set: u32, passed: u32) -> u32 {
        let deadlines = Deadlines::default();
        deadlines.advance(passed);
        let index = deadlines.insert();
        deadlines.set(index, passed, set);
        (passed + 1..set + 10)
            .find(|now| {
                deadlines.advance(*now);
                deadlines.is_expired(index)
            })
            .unwrap()
    }

    #[test]
    fn expires_at_its_tick_within_and_beyond_the_horizon() {
        for set in [8, 100, 511, 512, 513, 5000] {
            assert_eq!(expired_at(set, 7), set);
        }
    }

    #[test]
    fn a_deadline_moved_later_does_not_fire_at_its_old_tick() {
        let deadlines = Deadlines::default();
        let index = deadlines.insert();
        deadlines.set(index, 0, 10);
        deadlines.set(index, 0, 20);
        deadlines.advance(15);
        assert!(!deadlines.is_expired(index));
        deadlines.advance(20);
        assert!(deadlines.is_expired(index));
    }

    #[test]
    fn a_deadline_moved_earlier_fires_at_its_new_tick() {
        let deadlines = Deadlines::default();
        let index = deadlines.insert();
        deadlines.set(index, 0, 400);
        deadlines.set(index, 0, 3);
        deadlines.advance(3);
        assert!(deadlines.is_expired(index));
    }

    #[test]
    fn a_deadline_taken_back_never_fires_and_can_be_set_again() {
        let deadlines = Deadlines::default();
        let index = deadlines.insert();
        deadlines.set(index, 0, 5);
        deadlines.clear(index);
        deadlines.advance(10);
        assert!(!deadlines.is_expired(index));
        deadlines.set(index, 10, 12);
        deadlines.advance(12);
        assert!(deadlines.is_expired(index));
    }

    #[test]
    fn a_sleep_longer_than_the_wheel_loses_no_deadline() {
        let deadlines = Deadlines::default();
        let indexes: Vec<_> = (1..600)
            .map(|at| {
                let index = deadlines.insert();
                deadlines.set(index, 0, at);
                index
            })
            .collect();
        deadlines.advance(2000);
        assert!(indexes.iter().all(|index| deadlines.is_expired(*index)));
    }

    #[test]
    fn a_deadline_set_while_the_wheel_lags_behind_the_clock_is_kept() {
        for ahead in 1..600 {
            let deadlines = Deadlines::default();
            deadlines.advance(3);
            let (index, now) = (deadlines.insert(), 10_000);
            deadlines.set(index, now, now + ahead);
            for tick in now + 1..now + ahead {
                deadlines.advance(tick);
                assert!(!deadlines.is_expired(index));
            }
            deadlines.advance(now + ahead);
            assert!(deadlines.is_expired(index));
        }
    }

    #[test]
    fn forgets_its_memory_when_the_last_deadline_goes() {
        let deadlines = Deadlines::default();
        let indexes: Vec<_> = (0..1000).map(|_| deadlines.insert()).collect();
        indexes.iter().for_each(|index| deadlines.set(*index, 0, 3));
        indexes
            .into_iter()
            .for_each(|index| deadlines.remove(index));
        assert_eq!(deadlines.wheel.borrow().entries.capacity(), 0);
        assert_eq!(deadlines.next(), None);
    }
}
