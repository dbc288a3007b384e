//! The socket as a handler sees it.

use std::fmt::{self, Display};
use std::future::poll_fn;
use std::rc::Rc;
use std::str::FromStr;
use std::task::{Context, Poll, ready};

use serde::Serialize;
use waterspout_http::ws::{CloseCode, Event, Message, SendError, Sender, Socket};

use super::seed::{Seed, bad_parameter, no_parameter};
use crate::error::Result;

/// An open WebSocket: what every WebSocket handler is given.
///
/// `S` is the state of the [`Application`](crate::Application). What is sent in one turn of the loop
/// leaves in one write.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, CloseCode, Result, WebSocket};
///
/// async fn count(ws: &mut WebSocket) -> Result {
///     let mut letters = 0;
///     while let Some(message) = ws.recv().await? {
///         letters += message.len();
///         ws.send(format!("{letters} so far")).await?;
///         if letters > 1000 {
///             ws.close(CloseCode::NORMAL, "enough");
///         }
///     }
///     Ok(())
/// }
///
/// let app = Application::new(()).websocket("/count", count);
/// # drop(app);
/// ```
pub struct WebSocket<S = ()> {
    socket: Socket,
    app: Rc<S>,
    seed: Option<Box<Seed>>,
    ended: bool,
}

impl<S> WebSocket<S> {
    pub(super) fn new(socket: Socket, app: Rc<S>, seed: Option<Box<Seed>>) -> Self {
        Self {
            socket,
            app,
            seed,
            ended: false,
        }
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Waits for the next message; `None` once the socket is closed, by whichever side and for
    /// whatever reason: see [`close_code`](Self::close_code).
    ///
    /// Pings are answered by themselves. Nothing is read while nobody waits here, so that a peer
    /// cannot send faster than its messages are worked on.
    ///
    /// # Errors
    ///
    /// Fails if it is called again after `None`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no message is lost.
    // No async function, and `send` neither: they would be calls within the handler's own poll, which
    // each message makes twice.
    #[inline]
    pub fn recv(&mut self) -> impl Future<Output = Result<Option<Message>>> {
        poll_fn(move |cx| self.poll_message(cx))
    }

    #[inline]
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        if self.ended {
            return Poll::Ready(Err(SendError::Closed.into()));
        }
        loop {
            match ready!(self.socket.poll_event(cx)) {
                Some(Event::Message(message)) => return Poll::Ready(Ok(Some(message))),
                Some(_) => {}
                None => {
                    self.ended = true;
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }

    /// Sends a message: text from a string, binary from octets. If the queue is full and the policy is
    /// to wait, waits until there is room.
    ///
    /// # Errors
    ///
    /// Fails if the socket is closed or closing.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not.
    #[inline]
    pub fn send(&mut self, message: impl Into<Message>) -> impl Future<Output = Result> {
        let mut message = Some(message.into());
        poll_fn(move |cx| Poll::Ready(Ok(ready!(self.socket.poll_send(cx, &mut message))?)))
    }

    /// Sends a value as JSON text.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be written as JSON, or as [`send`](Self::send) does.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not.
    pub async fn send_json<T: Serialize>(&mut self, value: &T) -> Result {
        let text = serde_json::to_string(value)?;
        self.send(text).await
    }

    /// Sends a ping with up to 125 octets.
    ///
    /// # Errors
    ///
    /// Fails if there are more, or if the socket is closed.
    pub fn ping(&mut self, payload: impl AsRef<[u8]>) -> Result {
        Ok(self.socket.sender().ping(payload.as_ref())?)
    }

    /// Begins the closing handshake, after what was sent. What the peer still sends is thrown away;
    /// [`recv`](Self::recv) returns `None` when it has closed too, or after `close_timeout`.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.socket.sender().close(code, reason);
    }

    /// Returns a handle that sends from other tasks of the loop, and from other threads by
    /// [`remote`](Sender::remote).
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.socket.sender()
    }

    /// Returns the octets that were sent and not taken by the system.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.socket.sender().buffered()
    }

    /// Returns the code of the end, once it has come: the peer's, that of this side if it found
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

    /// Returns the state of the application: the one of this worker.
    #[must_use]
    pub fn app(&self) -> Rc<S> {
        Rc::clone(&self.app)
    }

    /// Returns a value that the route's pattern captured, percent-decoded.
    ///
    /// # Errors
    ///
    /// Fails if the route has no such parameter or the value is not a `T`.
    pub fn path<T>(&self, name: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let seed = self.seed.as_ref().ok_or_else(|| no_parameter(name))?;
        let text = seed.capture(name)?;
        text.parse().map_err(|error| bad_parameter(name, &error))
    }

    /// Returns the last value of an argument of the query.
    ///
    /// # Errors
    ///
    /// Fails if it is not UTF-8 or there are too many arguments.
    pub fn argument(&self, name: &str) -> Result<Option<String>> {
        self.seed
            .as_ref()
            .map_or(Ok(None), |seed| seed.argument(name))
    }

    /// Returns the subprotocol that was chosen.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.seed.as_ref()?.subprotocol()
    }
}

impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
