//! The socket: one lifecycle, as its task sees it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll};

use waterspout_net::{Deadline, IoStream, ticks};

use super::config::WebSocketConfig;
use super::error::SendError;
use super::send::{Io, Outgoing};
use super::sender::Sender;
use super::timers::{Timer, Timers};
use crate::ws::deflate::{Compressor, Inflater, Params};
use crate::ws::frame::Role;
use crate::ws::{CloseReason, Decoder, Event, Message};
use crate::{Lease, Upgraded};

use super::core::{Core, Phase};

/// A WebSocket on a connection that has left HTTP.
///
/// One task owns it: it polls for events and, whenever it has nothing to do, calls
/// [`poll_background`](Self::poll_background), which writes what was sent, pings, and keeps the
/// deadlines. At the end it polls [`poll_end`](Self::poll_end). While idle it owns no buffer.
///
/// ```text
///   Open ── close() ──> Closing ── Close of the peer ──> Ending ── all is written, peer closed ──> Closed
///     └───── Close of the peer, a violation ──────────────^                                         ^
///     └───── reset, end of the stream, deadlines ───────────────────────────────────────────────────┘
/// ```
///
/// Clones are the same socket.
#[derive(Clone)]
pub struct Socket(Rc<Core>);

impl Socket {
    /// Takes a connection over. `params` is what the handshake agreed on.
    #[must_use]
    pub fn server(
        upgraded: Upgraded,
        config: Rc<WebSocketConfig>,
        params: Option<&Params>,
    ) -> Self {
        let options = config.compression_options.unwrap_or_default();
        let deflate = params.map(|params| {
            let compressor = Compressor::new(
                &options,
                params.server_max_window_bits,
                params.server_no_context_takeover,
            );
            (compressor, Inflater::new(params.client_no_context_takeover))
        });
        let (stream, lease) = upgraded.into_parts();
        Self::new(stream, Some(lease), config, Role::Server, deflate)
    }

    /// Takes a connection over whose handshake this side has begun. `params` is what the server
    /// agreed to.
    #[must_use]
    pub fn client(stream: IoStream, config: Rc<WebSocketConfig>, params: Option<&Params>) -> Self {
        let options = config.compression_options.unwrap_or_default();
        let deflate = params.map(|params| {
            let forgets = params.client_no_context_takeover || !options.context_takeover;
            let bits = params.client_max_window_bits;
            let compressor = Compressor::new(&options, bits, forgets);
            (compressor, Inflater::new(params.server_no_context_takeover))
        });
        Self::new(stream, None, config, Role::Client, deflate)
    }

    fn new(
        stream: IoStream,
        lease: Option<Lease>,
        config: Rc<WebSocketConfig>,
        role: Role,
        deflate: Option<(Compressor, Inflater)>,
    ) -> Self {
        let mut stream = stream;
        // Its task may run only after those of many others that were opened in the same turn.
        stream.release_input();
        let (compressor, inflater) = deflate.unzip();
        let core = Core {
            io: RefCell::new(Some(Box::new(Io {
                stream,
                decoder: Decoder::new(role, config.max_message_size, inflater),
                compressor: compressor.map(Box::new),
                lease,
                taken: 0,
            }))),
            phase: Cell::new(Phase::Open),
            receiving: Cell::new(false),
            polling: Cell::new(false),
            timers: Cell::new(Timers::NONE),
            deadline: Deadline::new(),
            more: RefCell::new(None),
            config,
        };
        if let Some(interval) = core.config.ping_interval {
            core.start(Timer::Ping, ticks(interval));
        }
        Self(Rc::new(core))
    }

    /// Waits for what the peer sends next; `None` once the socket is closing on both sides, or lost.
    /// Pings are answered before they are handed on.
    pub fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_event(cx)
    }

    /// Does what is due while the task waits: writes, pings, looks at deadlines, fetches what other
    /// threads sent. The task is woken when there is more of it.
    pub fn poll_background(&self, cx: &mut Context<'_>) {
        self.0.background(cx);
        self.0.polling.set(false);
    }

    /// Says that the task runs: what is sent until
    /// [`poll_background`](Self::poll_background) wakes nobody and leaves in one write.
    #[inline]
    pub fn begin_poll(&self, cx: &Context<'_>) {
        self.0.remember_task(cx);
        self.0.polling.set(true);
    }

    /// Brings the socket to its end: closes it with 1000 if it is open, waits for the peer's part of
    /// the handshake, throws away what comes.
    pub fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        let ended = self.0.poll_end(cx);
        if ended.is_pending() {
            self.0.background(cx);
            self.0.polling.set(false);
            if self.0.phase.get() == Phase::Closed {
                return Poll::Ready(());
            }
        }
        ended
    }

    /// Waits until a message of `len` octets may be sent, if that is the policy.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`].
    #[inline]
    pub fn poll_room(&self, cx: &Context<'_>, len: usize) -> Poll<Result<(), SendError>> {
        self.0.poll_room(cx, len)
    }

    /// Sends a message once there is room for it, and takes it out of `message` then.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`].
    #[inline]
    pub fn poll_send(
        &self,
        cx: &Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError>> {
        self.0.poll_send(cx, message)
    }

    /// Sends a message now, as [`Sender::try_send`].
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`], and [`SendError::Full`].
    #[inline]
    pub fn try_send(&self, message: Message) -> Result<(), SendError> {
        self.0.send(Outgoing::Single(message), None)
    }

    /// Tells whether neither side has begun to close.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Drops the connection as it is, if it is still there.
    pub fn abort(&self) {
        self.0.lose();
    }

    /// Returns a handle that sends.
    #[must_use]
    pub fn sender(&self) -> Sender {
        Sender(Rc::clone(&self.0))
    }

    /// Returns why the socket is closed, once it is: what the peer's Close frame said, what this side
    /// found wrong, or 1006.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.more.borrow().as_ref()?.reason.clone()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("phase", &self.0.phase.get())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_socket_is_two_small_allocations() {
        let sizes = (size_of::<Core>(), size_of::<Io>());
        assert!(sizes.0 <= 80 && sizes.1 <= 208, "{sizes:?}");
    }
}
