//! The futures that wait at one primitive, in the order in which they began to.

use std::mem;
use std::task::Waker;

/// The end of a chain.
const NONE: usize = usize::MAX;

/// Free nodes that an empty list may keep; after a peak of more it gives its memory back.
const KEEP: usize = 64;

/// A queue of waiters in one block of memory: a doubly linked list of indices.
///
/// A waiter leaves its waker and an offer `O`. Being called takes it out of the queue; its node
/// then holds the call `C` until the future sees it, or is dropped and passes the call on.
///
/// Wakers and offers are never dropped inside, but handed out: dropping one may run code of others,
/// which may come back here while the list is borrowed.
#[derive(Debug)]
pub(super) struct WaitList<O, C> {
    nodes: Vec<Node<O, C>>,
    /// The first free node; they are chained by `next`.
    free: usize,
    first: usize,
    last: usize,
    waiting: usize,
    /// Nodes that are not free.
    used: usize,
}

#[derive(Debug)]
struct Node<O, C> {
    previous: usize,
    next: usize,
    state: State<O, C>,
}

#[derive(Debug)]
enum State<O, C> {
    Free,
    Waiting(Waker, O),
    Called(C),
}

/// What a waiter finds when it looks.
pub(super) enum Look<C> {
    /// Its turn has come, and its node is free again.
    Called(C),
    /// It waits on. A waker that was replaced is handed out.
    Waiting(Option<Waker>),
}

/// What a waiter leaves behind that goes away.
pub(super) enum Left<O, C> {
    /// It was still waiting.
    Waiting(Waker, O),
    /// Its turn had come, and it has not seen that.
    Called(C),
}

impl<O, C> WaitList<O, C> {
    pub(super) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: NONE,
            first: NONE,
            last: NONE,
            waiting: 0,
            used: 0,
        }
    }

    /// Returns how many wait and have not been called.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// Adds a waiter at the end.
    pub(super) fn push(&mut self, waker: Waker, offer: O) -> usize {
        let node = Node {
            previous: self.last,
            next: NONE,
            state: State::Waiting(waker, offer),
        };
        let key = self.store(node);
        match self.nodes.get_mut(self.last) {
            Some(last) => last.next = key,
            None => self.first = key,
        }
        self.last = key;
        self.waiting += 1;
        key
    }

    /// Calls the waiter that has waited longest.
    #[inline]
    pub(super) fn call_first(&mut self, call: C) -> Option<(Waker, O)> {
        if self.first == NONE {
            return None;
        }
        let key = self.first;
        self.unlink(key);
        match mem::replace(&mut self.nodes[key].state, State::Called(call)) {
            State::Waiting(waker, offer) => Some((waker, offer)),
            State::Free | State::Called(_) => unreachable!("what is linked waits"),
        }
    }

    /// Looks whether a waiter was called; if not, `waker` is the one to wake.
    pub(super) fn look(&mut self, key: usize, waker: &Waker) -> Look<C> {
        match &mut self.nodes[key].state {
            State::Waiting(old, _) if old.will_wake(waker) => Look::Waiting(None),
            State::Waiting(old, _) => Look::Waiting(Some(mem::replace(old, waker.clone()))),
            State::Called(_) | State::Free => match self.clear(key) {
                State::Called(call) => Look::Called(call),
                State::Free | State::Waiting(..) => unreachable!("a key is used until it is seen"),
            },
        }
    }

    /// Removes a waiter that does not wait any longer.
    pub(super) fn leave(&mut self, key: usize) -> Left<O, C> {
        if matches!(self.nodes[key].state, State::Waiting(..)) {
            self.unlink(key);
        }
        match self.clear(key) {
            State::Waiting(waker, offer) => Left::Waiting(waker, offer),
            State::Called(call) => Left::Called(call),
            State::Free => unreachable!("a key is used until it leaves"),
        }
    }

    fn store(&mut self, node: Node<O, C>) -> usize {
        self.used += 1;
        let Some(free) = self.nodes.get_mut(self.free) else {
            self.nodes.push(node);
            return self.nodes.len() - 1;
        };
        let key = self.free;
        self.free = free.next;
        *free = node;
        key
    }

    /// Takes a waiter out of the queue; its node stays.
    fn unlink(&mut self, key: usize) {
        let Node { previous, next, .. } = self.nodes[key];
        match self.nodes.get_mut(previous) {
            Some(node) => node.next = next,
            None => self.first = next,
        }
        match self.nodes.get_mut(next) {
            Some(node) => node.previous = previous,
            None => self.last = previous,
        }
        self.waiting -= 1;
    }

    /// Frees a node that is not linked.
    fn clear(&mut self, key: usize) -> State<O, C> {
        let state = mem::replace(&mut self.nodes[key].state, State::Free);
        self.nodes[key].next = self.free;
        self.free = key;
        self.used -= 1;
        if self.used == 0 && self.nodes.len() > KEEP {
            self.nodes = Vec::new();
            self.free = NONE;
        }
        state
    }
}

impl<C> WaitList<(), C> {
    /// Calls up to `most` waiters that wait now, each with what `call` makes of its number.
    pub(super) fn call_many(&mut self, most: usize, call: impl Fn(usize) -> C) -> Vec<Waker> {
        let calls = (0..most.min(self.waiting)).map(call);
        calls
            .filter_map(|call| Some(self.call_first(call)?.0))
            .collect()
    }
}

/// Wakes waiters in their order. Call this when nothing is borrowed.
pub(super) fn wake_all(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::task::Waker;

    use super::{KEEP, Left, Look, WaitList};

    #[test]
    fn gives_its_memory_back_after_a_peak() {
        let mut list = WaitList::<(), ()>::new();
        let keys: Vec<_> = (0..=KEEP)
            .map(|_| list.push(Waker::noop().clone(), ()))
            .collect();
        for key in keys {
            list.leave(key);
        }
        assert_eq!((list.len(), list.nodes.capacity()), (0, 0));
    }

    proptest! {
        /// Whatever happens in whatever order, those who wait are called first come, first served.
        #[test]
        fn behaves_like_a_plain_queue(steps in prop::collection::vec((0..4_u8, any::<usize>()), 0..400)) {
            let mut list = WaitList::<u32, u32>::new();
            let (mut waiting, mut called) = (VecDeque::new(), Vec::new());
            for (number, (step, choice)) in (0..).zip(steps) {
                match step {
                    0 | 1 => waiting.push_back((list.push(Waker::noop().clone(), number), number)),
                    2 => {
                        let offer = list.call_first(number).map(|(_, offer)| offer);
                        let first = waiting.pop_front();
                        prop_assert_eq!(offer, first.map(|(_, offer)| offer));
                        called.extend(first.map(|(key, _)| (key, number)));
                    }
                    _ if !waiting.is_empty() && choice % 2 == 0 => {
                        let (key, number) = waiting.remove(choice % waiting.len()).unwrap();
                        prop_assert!(matches!(list.look(key, Waker::noop()), Look::Waiting(_)));
                        prop_assert!(matches!(list.leave(key), Left::Waiting(_, offer) if offer == number));
                    }
                    _ if !called.is_empty() => {
                        let (key, number) = called.swap_remove(choice % called.len());
                        prop_assert!(matches!(list.look(key, Waker::noop()), Look::Called(call) if call == number));
                    }
                    _ => {}
                }
                prop_assert_eq!(list.len(), waiting.len());
            }
        }
    }
}
