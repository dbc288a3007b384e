//! An open WebSocket, as its user sees it.

use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use serde::Serialize;
use waterspout_net::IoLoop;

use super::driver::{Driver, Shared};
use super::request::Callbacks;
use crate::Headers;
use crate::ws::{CloseCode, Message, SendError, Sender, Socket};

/// An open WebSocket: Tornado's `WebSocketClientConnection`.
///
/// A task of the loop answers pings, sends its own, and reads one message ahead; nothing more is read
/// until [`recv`](Self::recv) has taken it. Dropping the connection closes it with 1000; the task
/// finishes the closing handshake.
pub struct WebSocketClientConnection {
    socket: Socket,
    sender: Sender,
    shared: Rc<Shared>,
    headers: Headers,
    subprotocol: Option<String>,
}

impl WebSocketClientConnection {
    pub(super) fn start(
        socket: Socket,
        headers: Headers,
        subprotocol: Option<String>,
        callbacks: Callbacks,
    ) -> Self {
        let shared = Rc::new(Shared::default());
        let driver = Driver::new(socket.clone(), Rc::clone(&shared), callbacks);
        IoLoop::current().spawn_callback(driver);
        Self {
            sender: socket.sender(),
            socket,
            shared,
            headers,
            subprotocol,
        }
    }

    /// Waits for the next message; `None` once the WebSocket is closed, by whichever side and for
    /// whatever reason: see [`close_code`](Self::close_code). Tornado's `read_message`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no message is lost.
    pub async fn recv(&mut self) -> Option<Message> {
        poll_fn(|cx| self.shared.poll_message(cx)).await
    }

    /// Sends a message: text from a string, binary from octets. If the queue is full, waits until
    /// there is room. Tornado's `write_message`.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), SendError> {
        self.sender.send(message).await
    }

    /// Sends a value as JSON text.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`SendError::NotJson`] for a value that JSON cannot hold.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not.
    pub async fn send_json<T: Serialize>(&mut self, value: &T) -> Result<(), SendError> {
        let text = serde_json::to_string(value).map_err(|_| SendError::NotJson)?;
        self.send(text).await
    }

    /// Sends a ping with up to 125 octets.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`], and [`SendError::PingTooLong`].
    pub fn ping(&mut self, payload: impl AsRef<[u8]>) -> Result<(), SendError> {
        self.sender.ping(payload.as_ref())
    }

    /// Begins the closing handshake, after what was sent. [`recv`](Self::recv) returns `None` when the
    /// server has closed too, or after `close_timeout`.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.sender.close(code, reason);
    }

    /// Returns a handle that sends from other tasks of the loop, and from other threads by
    /// [`remote`](Sender::remote).
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Returns the octets that were sent and not taken by the system.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.sender.buffered()
    }

    /// Returns the code of the end, once it has come: the server's, that of this side if it found
    /// something wrong, 1005 for a Close frame without a code, 1006 for no Close frame at all.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        self.socket.close_reason().map(|reason| reason.code)
    }

    /// Returns the reason that goes with [`close_code`](Self::close_code).
    #[must_use]
    pub fn close_reason(&self) -> Option<String> {
        self.socket.close_reason().map(|reason| reason.text)
    }

    /// Returns the fields of the server's answer.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the subprotocol that the server chose.
    #[must_use]
    pub fn selected_subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }
}

impl Drop for WebSocketClientConnection {
    fn drop(&mut self) {
        self.sender.close(CloseCode::NORMAL, "");
    }
}

impl fmt::Debug for WebSocketClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketClientConnection")
            .field("socket", &self.socket)
            .field("subprotocol", &self.subprotocol)
            .finish_non_exhaustive()
    }
}
