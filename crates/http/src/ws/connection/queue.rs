//! Messages that wait for a slow peer.

use std::collections::VecDeque;
use std::task::Waker;

use super::config::SlowConsumer;
use super::send::Outgoing;

/// The queue of one socket, made when its peer is slow for the first time.
#[derive(Debug, Default)]
pub(super) struct Queue {
    messages: VecDeque<Waiting>,
    octets: usize,
    /// What it has done, once it has done anything.
    counts: Option<Box<QueueCounts>>,
    /// Tasks that wait for room.
    pub(super) wakers: Vec<Waker>,
}

/// What the queue of a socket has done so far; all 0 while its peer keeps up.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::{QueueCounts, Sender};
///
/// fn report(sender: &Sender) {
///     let QueueCounts { queued, dropped, .. } = sender.queue_counts();
///     println!("{queued} messages had to wait, {dropped} were dropped");
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueCounts {
    /// Messages that wait now.
    pub waiting: usize,
    /// Messages that had to wait, those that have left since included.
    pub queued: u64,
    /// Messages that were dropped for newer ones.
    pub dropped: u64,
    /// Messages that one with the same key has replaced.
    pub replaced: u64,
    /// Messages that found no room: with `Wait` they are the caller's again, with `Close` they ended the
    /// socket.
    pub refused: u64,
}

#[derive(Debug)]
struct Waiting {
    message: Outgoing,
    key: Option<Box<str>>,
}

/// How much a queue holds at the most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) octets: usize,
    pub(super) messages: usize,
    pub(super) policy: SlowConsumer,
}

/// What came of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    Taken,
    /// Nothing was taken: the peer is to be closed.
    Overflow,
}

/// What a waiting message costs beside its octets.
const OVERHEAD: usize = size_of::<Waiting>();

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn counts(&self) -> QueueCounts {
        QueueCounts {
            waiting: self.messages.len(),
            ..self.counts.as_deref().copied().unwrap_or_default()
        }
    }

    fn count(&mut self) -> &mut QueueCounts {
        self.counts.get_or_insert_default()
    }

    /// Tells whether a message of `len` octets may be queued; the first always may.
    pub(super) fn has_room(&self, len: usize, limits: Limits) -> bool {
        let octets = self.octets.saturating_add(len + OVERHEAD);
        self.is_empty() || octets <= limits.octets && self.messages.len() < limits.messages
    }

    pub(super) fn push(&mut self, message: Outgoing, key: Option<&str>, limits: Limits) -> Pushed {
        if limits.policy == SlowConsumer::Coalesce
            && let Some(key) = key
            && let Some(at) = self.find(key)
        {
            self.count().replaced += 1;
            let octets = self.octets - self.messages[at].message.len() + message.len();
            if octets <= limits.octets || self.messages.len() == 1 {
                self.octets = octets;
                self.messages[at].message = message;
                return Pushed::Taken;
            }
            // It is too long for that place, and waits like any other.
            self.take(at);
        }
        while !self.has_room(message.len(), limits) {
            match limits.policy {
                SlowConsumer::DropOldest | SlowConsumer::Coalesce => {
                    self.pop();
                    self.count().dropped += 1;
                }
                SlowConsumer::Close | SlowConsumer::Wait => {
                    self.count().refused += 1;
                    return Pushed::Overflow;
                }
            }
        }
        self.count().queued += 1;
        self.octets += message.len() + OVERHEAD;
        let key = key.filter(|_| limits.policy == SlowConsumer::Coalesce);
        self.messages.push_back(Waiting {
            message,
            key: key.map(Into::into),
        });
        Pushed::Taken
    }

    pub(super) fn pop(&mut self) -> Option<Outgoing> {
        self.take(0)
    }

    fn take(&mut self, at: usize) -> Option<Outgoing> {
        let message = self.messages.remove(at)?.message;
        self.octets -= message.len() + OVERHEAD;
        if self.messages.is_empty() {
            self.messages = VecDeque::new();
        }
        Some(message)
    }

    pub(super) fn clear(&mut self) {
        self.messages = VecDeque::new();
        self.octets = 0;
    }

    fn find(&self, key: &str) -> Option<usize> {
        let mut waiting = self.messages.iter();
        waiting.position(|waiting| waiting.key.as_deref() == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Prepared;

    fn limits(policy: SlowConsumer) -> Limits {
        Limits {
            octets: 1000,
            messages: 3,
            policy,
        }
    }

    fn texts(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.pop())
            .map(|message| match message {
                Outgoing::Single(message) => message.to_string(),
                Outgoing::Shared(prepared) => prepared.to_message().to_string(),
            })
            .collect()
    }

    fn fill(policy: SlowConsumer, keys: &[Option<&str>]) -> (Queue, Pushed) {
        let mut queue = Queue::default();
        let mut last = Pushed::Taken;
        for (number, key) in keys.iter().enumerate() {
            let message = Outgoing::Single(number.to_string().into());
            last = queue.push(message, *key, limits(policy));
        }
        (queue, last)
    }

    #[test]
    fn a_full_queue_drops_its_oldest_message() {
        let (mut queue, last) = fill(SlowConsumer::DropOldest, &[None; 5]);
        let counts = queue.counts();
        assert_eq!((last, counts.dropped), (Pushed::Taken, 2));
        assert_eq!((counts.waiting, counts.queued), (3, 5));
        assert_eq!(texts(&mut queue), ["2", "3", "4"]);
        assert_eq!(queue.octets(), 0);
    }

    #[test]
    fn a_key_takes_the_place_of_the_same_key() {
        let keys = [Some("a"), Some("b"), Some("a"), None, Some("b")];
        let (mut queue, _) = fill(SlowConsumer::Coalesce, &keys);
        assert_eq!(texts(&mut queue), ["2", "4", "3"]);
        let counts = queue.counts();
        assert_eq!((counts.replaced, counts.queued, counts.waiting), (2, 3, 0));
    }

    #[test]
    fn other_policies_refuse_what_has_no_room() {
        for policy in [SlowConsumer::Close, SlowConsumer::Wait] {
            let (queue, last) = fill(policy, &[None; 4]);
            assert_eq!(last, Pushed::Overflow);
            let counts = queue.counts();
            assert_eq!((counts.waiting, counts.refused), (3, 1));
        }
    }

    #[test]
    fn a_key_whose_messages_grow_stays_within_the_limit() {
        let limits = limits(SlowConsumer::Coalesce);
        let mut queue = Queue::default();
        let mut push = |key: &str, len| {
            let message = Outgoing::Single(key.repeat(len).into());
            assert_eq!(queue.push(message, Some(key), limits), Pushed::Taken);
            assert!(queue.octets() <= limits.octets, "{}", queue.octets());
        };
        for len in [10, 500, 800] {
            ["a", "b"].into_iter().for_each(|key| push(key, len));
        }
        assert_eq!(texts(&mut queue), ["b".repeat(800)]);
        let counts = queue.counts();
        assert_eq!((counts.replaced, counts.dropped), (2, 3));
    }

    #[test]
    fn octets_are_a_limit_too_but_never_for_the_first_message() {
        let mut queue = Queue::default();
        let limits = limits(SlowConsumer::DropOldest);
        queue.push(Outgoing::Shared(Prepared::new(vec![0; 5000])), None, limits);
        assert!(!queue.has_room(1, limits));
        queue.push(Outgoing::Single(vec![0; 10].into()), None, limits);
        assert_eq!(queue.pop().unwrap().len(), 10);
        assert!(queue.is_empty());
    }
}
