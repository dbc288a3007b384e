//! What the workers of a process send each other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use waterspout_http::ws::Prepared;

use super::hub_room::HubRoom;

/// A message on its way to the members on one worker.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) room: Arc<HubRoom>,
    pub(super) offset: u64,
    pub(super) message: Prepared,
    pub(super) key: Option<Arc<str>>,
    /// The member that does not get it.
    pub(super) except: Option<u64>,
}

/// The messages that wait for one worker, in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Mailbox {
    inner: Mutex<Inner>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Inner {
    deliveries: Vec<Delivery>,
    octets: usize,
    task: Option<Waker>,
    closed: bool,
}

/// What a message costs beside its octets.
const OVERHEAD: usize = size_of::<Delivery>();

impl Mailbox {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            inner: Mutex::default(),
            limit,
        }
    }

    /// Adds a message; false if there is no room, or nobody to read it.
    pub(super) fn push(&self, delivery: Delivery, wake: bool) -> bool {
        let mut inner = self.lock();
        let octets = inner.octets + delivery.message.len() + OVERHEAD;
        let fits = octets <= self.limit || inner.deliveries.is_empty();
        if inner.closed || !fits {
            return inner.closed;
        }
        inner.octets = octets;
        inner.deliveries.push(delivery);
        let task = inner.task.clone().filter(|_| wake);
        drop(inner);
        if let Some(task) = task {
            task.wake();
        }
        true
    }

    /// Takes everything.
    pub(super) fn take(&self) -> Vec<Delivery> {
        let mut inner = self.lock();
        inner.octets = 0;
        std::mem::take(&mut inner.deliveries)
    }

    /// Remembers who is to be woken, and tells whether anybody will still come to read.
    pub(super) fn watch(&self, task: &Waker) -> bool {
        let mut inner = self.lock();
        inner.task = Some(task.clone());
        !inner.closed
    }

    /// Ends the mailbox and the task that works it off.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.deliveries = Vec::new();
        let task = inner.task.take();
        drop(inner);
        if let Some(task) = task {
            task.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
