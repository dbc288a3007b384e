//! Handles that send from other threads.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::error::SendError;
use crate::ws::{CloseCode, CloseReason, Message};

/// Sends on a WebSocket from any thread. Made by [`Sender::remote`](super::Sender::remote).
#[derive(Clone)]
pub struct RemoteSender(pub(super) Arc<Remote>);

/// What other threads have sent and the loop has not fetched.
pub(super) struct Remote {
    mailbox: Mutex<Mailbox>,
    /// Octets that may lie there.
    limit: usize,
}

struct Mailbox {
    orders: VecDeque<Order>,
    octets: usize,
    task: Option<Waker>,
    open: bool,
}

pub(super) enum Order {
    Send(Message),
    Close(CloseReason),
}

impl Order {
    /// Octets that it takes of the limit.
    fn cost(&self) -> usize {
        match self {
            Self::Send(message) => message.len() + size_of::<Self>(),
            Self::Close(_) => 0,
        }
    }
}

impl Remote {
    pub(super) fn new(limit: usize, task: Option<Waker>) -> Self {
        Self {
            mailbox: Mutex::new(Mailbox {
                orders: VecDeque::new(),
                octets: 0,
                task,
                open: true,
            }),
            limit,
        }
    }

    /// Takes what came first; pending if it is a message of a length for which there is no room.
    pub(super) fn next(&self, has_room: impl FnOnce(usize) -> bool) -> Poll<Option<Order>> {
        let mut mailbox = self.lock();
        match mailbox.orders.front() {
            Some(Order::Send(message)) if !has_room(message.len()) => return Poll::Pending,
            Some(order) => mailbox.octets -= order.cost(),
            None => return Poll::Ready(None),
        }
        let order = mailbox.orders.pop_front();
        if mailbox.orders.is_empty() {
            mailbox.orders = VecDeque::new();
        }
        Poll::Ready(order)
    }

    /// Returns how many orders lie there. Who adds another one wakes the task.
    pub(super) fn waiting(&self) -> usize {
        self.lock().orders.len()
    }

    pub(super) fn set_task(&self, task: &Waker) {
        self.lock().task = Some(task.clone());
    }

    /// Takes nothing more, and returns what lies there: what that does when it is dropped may come back here.
    pub(super) fn shut(&self) -> VecDeque<Order> {
        let mut mailbox = self.lock();
        mailbox.open = false;
        mailbox.octets = 0;
        mailbox.task = None;
        std::mem::take(&mut mailbox.orders)
    }

    fn order(&self, order: Order) -> Result<(), SendError> {
        let len = order.cost();
        let mut mailbox = self.lock();
        if !mailbox.open {
            return Err(SendError::Closed);
        }
        if mailbox.octets > 0 && mailbox.octets.saturating_add(len) > self.limit {
            return Err(SendError::Full);
        }
        mailbox.octets += len;
        mailbox.orders.push_back(order);
        if let Some(task) = &mailbox.task {
            task.wake_by_ref();
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RemoteSender {
    /// Sends a message: the loop fetches it in its next turn, and the queue's policy applies there. With
    /// the policy to wait, it waits to be fetched until the queue has room for it.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`], and [`SendError::Full`] if `max_queue_size` octets wait to be fetched.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), SendError> {
        self.0.order(Order::Send(message.into()))
    }

    /// Begins the closing handshake.
    pub fn close(&self, code: CloseCode, reason: &str) {
        let _closed_already = self.0.order(Order::Close(CloseReason::new(code, reason)));
    }
}

impl fmt::Debug for RemoteSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSender").finish_non_exhaustive()
    }
}
