//! Handles that send from other threads.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

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
    orders: Vec<Order>,
    octets: usize,
    task: Option<Waker>,
    open: bool,
}

pub(super) enum Order {
    Send(Message),
    Close(CloseReason),
}

impl Remote {
    pub(super) fn new(limit: usize, task: Option<Waker>) -> Self {
        Self {
            mailbox: Mutex::new(Mailbox {
                orders: Vec::new(),
                octets: 0,
                task,
                open: true,
            }),
            limit,
        }
    }

    /// Takes what has come.
    pub(super) fn fetch(&self) -> Vec<Order> {
        let mut mailbox = self.lock();
        mailbox.octets = 0;
        std::mem::take(&mut mailbox.orders)
    }

    pub(super) fn set_task(&self, task: &Waker) {
        self.lock().task = Some(task.clone());
    }

    pub(super) fn shut(&self) {
        let mut mailbox = self.lock();
        mailbox.open = false;
        mailbox.orders = Vec::new();
        mailbox.task = None;
    }

    fn order(&self, order: Order) -> Result<(), SendError> {
        let len = match &order {
            Order::Send(message) => message.len() + size_of::<Order>(),
            Order::Close(_) => 0,
        };
        let mut mailbox = self.lock();
        if !mailbox.open {
            return Err(SendError::Closed);
        }
        if mailbox.octets > 0 && mailbox.octets.saturating_add(len) > self.limit {
            return Err(SendError::Full);
        }
        mailbox.octets += len;
        mailbox.orders.push(order);
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
    /// Sends a message: the loop fetches it in its next turn, and the queue's policy applies there. A
    /// message that finds the queue full with the policy to wait is lost; bound what you send.
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
