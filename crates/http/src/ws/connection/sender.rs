//! Handles that send from anywhere on the loop.

use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use super::core::Core;
use super::error::SendError;
use super::queue::QueueCounts;
use super::remote::RemoteSender;
use super::send::Outgoing;
use crate::ws::{CloseCode, Message, Prepared};

/// Sends on a WebSocket from other tasks of its loop.
///
/// Clones send on the same socket. A handle does not keep the connection open; once it is closed,
/// sending fails.
#[derive(Clone)]
pub struct Sender(pub(super) Rc<Core>);

impl Sender {
    /// Sends a message; with the policy [`Wait`](super::SlowConsumer::Wait), waits until there is room
    /// for it. The octets leave when the handlers of this turn of the loop have run.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not when the future is dropped.
    pub async fn send(&self, message: impl Into<Message>) -> Result<(), SendError> {
        let mut message = Some(message.into());
        poll_fn(|cx| self.0.poll_send(cx, &mut message)).await
    }

    /// Sends a message now.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`], and [`SendError::Full`] where [`send`](Self::send) would wait.
    pub fn try_send(&self, message: impl Into<Message>) -> Result<(), SendError> {
        self.0.send(Outgoing::Single(message.into()), None)
    }

    /// Sends a message now whose frame is made already: one of many receivers, or one of the past.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn try_send_prepared(&self, message: &Prepared) -> Result<(), SendError> {
        self.0.send(Outgoing::Shared(message.clone()), None)
    }

    /// Sends a message now, in place of one with the same key that waits, if the policy is
    /// [`Coalesce`](super::SlowConsumer::Coalesce).
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn send_keyed(&self, key: &str, message: impl Into<Message>) -> Result<(), SendError> {
        self.0.send(Outgoing::Single(message.into()), Some(key))
    }

    /// Waits until a message of `len` octets has room, if the policy is to wait for it.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is reserved.
    pub async fn ready(&self, len: usize) -> Result<(), SendError> {
        poll_fn(|cx| self.0.poll_room(cx, len)).await
    }

    /// Sends a ping.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`], and [`SendError::PingTooLong`] for more than 125 octets.
    pub fn ping(&self, payload: &[u8]) -> Result<(), SendError> {
        self.0.ping(payload)
    }

    /// Begins the closing handshake, after what was sent. A code that must not be sent becomes a Close
    /// frame without one. Does nothing if it has begun.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.0.close(code, reason);
    }

    /// Returns the octets that were sent and not taken by the system.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.0.buffered()
    }

    /// Returns how many messages the queue's policy has dropped or replaced.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let counts = self.queue_counts();
        counts.dropped + counts.replaced
    }

    /// Returns what the queue of this socket has done so far.
    #[must_use]
    pub fn queue_counts(&self) -> QueueCounts {
        self.0.queue_counts()
    }

    /// Tells whether nothing can be sent any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.0.is_open()
    }

    /// Returns a handle for other threads.
    #[must_use]
    pub fn remote(&self) -> RemoteSender {
        self.0.remote()
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("buffered", &self.buffered())
            .finish_non_exhaustive()
    }
}
