//! The socket: one lifecycle, and what moves it on.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use waterspout_net::{Deadline, ticks};

use super::config::WebSocketConfig;
use super::error::SendError;
use super::queue::{Limits, Pushed, Queue};
use super::remote::{Order, Remote, RemoteSender};
use super::send::Io;
use super::sender::Sender;
use super::timers::{Timer, Timers};
use crate::ws::deflate::{Compressor, Inflater, Params};
use crate::ws::frame::{MAX_CONTROL, OpCode, Role};
use crate::ws::{CloseCode, CloseReason, Decoder, Event, Message, SlowConsumer, Violation};
use crate::{Lease, Stage, Upgraded};

/// A WebSocket on a connection that has left HTTP, this side being the server.
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

pub(super) struct Core {
    /// Gone once the socket is closed, whoever still holds a handle.
    io: RefCell<Option<Io>>,
    phase: Cell<Phase>,
    /// The task waits for the peer, and not the peer for the task.
    receiving: Cell<bool>,
    /// The task is being polled, so that it need not be woken.
    polling: Cell<bool>,
    timers: Cell<Timers>,
    deadline: Deadline,
    task: RefCell<Option<Waker>>,
    more: RefCell<Option<Box<More>>>,
    config: Rc<WebSocketConfig>,
    lease: RefCell<Option<Lease>>,
}

/// What most sockets never need.
#[derive(Default)]
struct More {
    queue: Queue,
    remote: Option<Arc<Remote>>,
    /// A waker of `recv` that is not the task's.
    reader: Option<Waker>,
    reason: Option<CloseReason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// A Close frame is sent, that of the peer is awaited.
    Closing,
    /// Both have closed, or the peer does not deserve an answer: what is written is still sent.
    Ending,
    Closed,
}

/// Octets in the stream's output above which messages are queued, so that a policy can still act on
/// them.
const DIRECT: usize = 16 * 1024;

/// Octets in the output above which nothing is read: a peer that takes no answers gets no more.
const HIGH_WATER: usize = 64 * 1024;

/// Octets a second that a peer must take at the least.
const MIN_RATE: u64 = 64;

impl Socket {
    /// Takes a connection over. `params` is what the handshake agreed on.
    #[must_use]
    pub fn server(
        upgraded: Upgraded,
        config: Rc<WebSocketConfig>,
        params: Option<&Params>,
    ) -> Self {
        let options = config.compression_options.unwrap_or_default();
        let inflater = params.map(|params| Inflater::new(params.client_no_context_takeover));
        let compressor = params.map(|params| {
            let bits = params.server_max_window_bits;
            Box::new(Compressor::new(
                &options,
                bits,
                params.server_no_context_takeover,
            ))
        });
        let (stream, lease) = upgraded.into_parts();
        let core = Core {
            io: RefCell::new(Some(Io {
                stream,
                decoder: Decoder::new(Role::Server, config.max_message_size, inflater),
                compressor,
                taken: 0,
            })),
            phase: Cell::new(Phase::Open),
            receiving: Cell::new(false),
            polling: Cell::new(false),
            timers: Cell::new(Timers::NONE),
            deadline: Deadline::new(),
            task: RefCell::new(None),
            more: RefCell::new(None),
            config,
            lease: RefCell::new(Some(lease)),
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
        self.0.remember_task(cx);
        self.0.background(cx);
        self.0.polling.set(false);
    }

    /// Says that the task runs: what is sent until
    /// [`poll_background`](Self::poll_background) wakes nobody and leaves in one write.
    #[inline]
    pub fn begin_poll(&self) {
        self.0.polling.set(true);
    }

    /// Brings the socket to its end: closes it with 1000 if it is open, waits for the peer's part of
    /// the handshake, throws away what comes.
    pub fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.remember_task(cx);
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

impl Core {
    pub(super) fn is_open(&self) -> bool {
        self.phase.get() == Phase::Open
    }

    pub(super) fn buffered(&self) -> usize {
        let stream = self.io.borrow().as_ref().map_or(0, |io| io.stream.queued());
        let more = self.more.borrow();
        stream + more.as_ref().map_or(0, |more| more.queue.octets())
    }

    pub(super) fn dropped(&self) -> u64 {
        self.more
            .borrow()
            .as_ref()
            .map_or(0, |more| more.queue.dropped)
    }

    /// Waits until a message of `len` octets may be sent, if that is the policy.
    pub(super) fn poll_room(&self, cx: &Context<'_>, len: usize) -> Poll<Result<(), SendError>> {
        if !self.is_open() {
            return Poll::Ready(Err(SendError::Closed));
        }
        let mut more = self.more.borrow_mut();
        match more.as_mut() {
            Some(more)
                if self.config.slow_consumer == SlowConsumer::Wait
                    && !more.queue.has_room(len, self.limits()) =>
            {
                more.queue.wakers.push(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    pub(super) fn send(&self, message: Message, key: Option<&str>) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        let mut io = self.io.borrow_mut();
        let io = io.as_mut().ok_or(SendError::Closed)?;
        if io.stream.queued() < DIRECT && self.queue_is_empty() {
            io.write_message(message);
            self.wake();
            return Ok(());
        }
        let pushed =
            self.more
                .borrow_mut()
                .get_or_insert_default()
                .queue
                .push(message, key, self.limits());
        match pushed {
            Pushed::Taken => Ok(()),
            Pushed::Overflow if self.config.slow_consumer == SlowConsumer::Wait => {
                Err(SendError::Full)
            }
            Pushed::Overflow => {
                let reason = CloseReason::new(CloseCode::TRY_AGAIN_LATER, "peer is too slow");
                self.finish_with(io, reason);
                self.wake();
                Err(SendError::Closed)
            }
        }
    }

    pub(super) fn ping(&self, payload: &[u8]) -> Result<(), SendError> {
        if payload.len() > MAX_CONTROL {
            return Err(SendError::PingTooLong);
        }
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        if let Some(io) = self.io.borrow_mut().as_mut() {
            io.write_frame(OpCode::Ping, false, payload);
            self.wake();
        }
        Ok(())
    }

    pub(super) fn close(&self, code: CloseCode, reason: &str) {
        if !self.is_open() {
            return;
        }
        if let Some(io) = self.io.borrow_mut().as_mut() {
            // What was sent before stays before it.
            if let Some(more) = self.more.borrow_mut().as_mut() {
                while let Some(message) = more.queue.pop() {
                    io.write_message(message);
                }
            }
            io.write_close(&CloseReason::new(code, reason));
        }
        self.enter(Phase::Closing);
        self.wake();
    }

    pub(super) fn remote(&self) -> RemoteSender {
        let mut more = self.more.borrow_mut();
        let more = more.get_or_insert_default();
        let remote = more.remote.get_or_insert_with(|| {
            let task = self.task.borrow().clone();
            Arc::new(Remote::new(self.config.max_queue_size, task))
        });
        if !self.is_open() {
            remote.shut();
        }
        RemoteSender(Arc::clone(remote))
    }

    #[inline]
    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiving.set(false);
        loop {
            let mut guard = self.io.borrow_mut();
            let Some(io) = guard.as_mut().filter(|_| self.phase.get() < Phase::Ending) else {
                return Poll::Ready(None);
            };
            if io.stream.queued() <= HIGH_WATER {
                match io.decode() {
                    Ok(step) => {
                        if let Some(event) = step.event {
                            match self.received(io, event) {
                                Some(event) => return Poll::Ready(Some(event)),
                                None => continue,
                            }
                        }
                    }
                    Err(violation) => {
                        self.fail(io, violation);
                        return Poll::Ready(None);
                    }
                }
            }
            // Nothing whole is buffered: what was sent goes out before this waits.
            if let Poll::Ready(Err(_)) = self.flush(io, cx) {
                drop(guard);
                self.lose();
                return Poll::Ready(None);
            }
            if io.stream.queued() > HIGH_WATER {
                self.remember_reader(cx);
                return Poll::Pending;
            }
            match io.stream.poll_fill(cx) {
                Poll::Ready(Ok(count)) if count > 0 => self.heard(),
                Poll::Ready(_) => {
                    drop(guard);
                    self.lose();
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    self.receiving.set(true);
                    self.remember_reader(cx);
                    return Poll::Pending;
                }
            }
        }
    }

    /// Acts on an event and tells whether the handler is to see it.
    #[inline]
    fn received(&self, io: &mut Io, event: Event) -> Option<Event> {
        match event {
            Event::Close(reason) => {
                if self.is_open() {
                    let echo = CloseReason::new(reason.code, "");
                    io.write_close(&echo);
                }
                self.note(reason);
                self.enter(Phase::Ending);
                None
            }
            // RFC 6455 §5.5.1: nothing is looked at any more after a Close frame was sent.
            _ if !self.is_open() => None,
            Event::Ping(payload) => {
                io.write_frame(OpCode::Pong, false, &payload);
                Some(Event::Ping(payload))
            }
            event => Some(event),
        }
    }

    /// Writes what waits and fills up from the queue.
    #[inline]
    fn flush(&self, io: &mut Io, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        loop {
            let flushed = io.poll_flush(cx)?;
            let moved = io.stream.queued() < DIRECT && self.refill(io);
            if moved {
                continue;
            }
            let mut timers = self.timers.get();
            if flushed.is_ready() {
                if timers.is_on(Timer::Stall) {
                    timers.stop(Timer::Stall);
                    self.timers.set(timers);
                }
            } else if !timers.is_on(Timer::Stall) {
                io.taken = 0;
                self.start(Timer::Stall, ticks(self.config.write_timeout));
            }
            return flushed.map(Ok);
        }
    }

    /// Moves queued messages to the stream, and wakes who waits for room.
    fn refill(&self, io: &mut Io) -> bool {
        let mut more = self.more.borrow_mut();
        let Some(more) = more.as_mut().filter(|more| !more.queue.is_empty()) else {
            return false;
        };
        while io.stream.queued() < DIRECT
            && let Some(message) = more.queue.pop()
        {
            io.write_message(message);
        }
        more.queue.wakers.drain(..).for_each(Waker::wake);
        true
    }

    fn background(&self, cx: &mut Context<'_>) {
        self.fetch();
        self.look_at_stage();
        if self.deadline.poll_expired(cx).is_ready() {
            self.ring();
            if self.deadline.poll_expired(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
        let mut io = self.io.borrow_mut();
        let failed = match io.as_mut() {
            Some(io) => matches!(self.flush(io, cx), Poll::Ready(Err(_))),
            None => false,
        };
        drop(io);
        if failed {
            self.lose();
        }
    }

    fn fetch(&self) {
        let remote = self
            .more
            .borrow()
            .as_ref()
            .and_then(|more| more.remote.clone());
        let Some(remote) = remote else {
            return;
        };
        for order in remote.fetch() {
            match order {
                Order::Send(message) => {
                    if let Err(error) = self.send(message, None) {
                        tracing::debug!("a message of another thread is lost: {error}");
                    }
                }
                Order::Close(reason) => self.close(reason.code, &reason.text),
            }
        }
    }

    fn look_at_stage(&self) {
        let stage = self
            .lease
            .borrow()
            .as_ref()
            .map_or(Stage::Serving, Lease::stage);
        match stage {
            Stage::Aborting => self.lose(),
            Stage::Draining => self.close(CloseCode::GOING_AWAY, "server is stopping"),
            Stage::Serving => {}
        }
    }

    /// Does what the timers that are due ask for.
    #[cold]
    fn ring(&self) {
        let mut timers = self.timers.get();
        timers.settle(&self.deadline);
        let due = |timer| timers.is_due(timer);
        let (ping, pong) = (due(Timer::Ping), due(Timer::Pong));
        let (stall, close) = (due(Timer::Stall), due(Timer::Close));
        for (timer, is_due) in [
            (Timer::Ping, ping),
            (Timer::Pong, pong),
            (Timer::Stall, stall),
            (Timer::Close, close),
        ] {
            if is_due {
                timers.stop(timer);
            }
        }
        timers.arm(&self.deadline);
        self.timers.set(timers);
        if close || stall && !self.keeps_taking() {
            return self.reset();
        }
        if pong {
            self.pong_is_late();
        }
        if ping && self.is_open() {
            self.ping_again();
        }
    }

    fn ping_again(&self) {
        // A ping that still waits in the output is enough.
        let waits = self
            .io
            .borrow()
            .as_ref()
            .is_none_or(|io| !io.stream.is_flushed());
        if !waits {
            let _closed = self.ping(b"");
            if let Some(timeout) = self.config.ping_timeout
                && !self.timers.get().is_on(Timer::Pong)
            {
                self.start(Timer::Pong, ticks(timeout));
            }
        }
        if let Some(interval) = self.config.ping_interval {
            self.start(Timer::Ping, ticks(interval));
        }
    }

    fn pong_is_late(&self) {
        if !self.receiving.get() {
            // The pong may lie unread while the handler is busy.
            if let Some(timeout) = self.config.ping_timeout {
                self.start(Timer::Pong, ticks(timeout));
            }
            return;
        }
        if let Some(io) = self.io.borrow_mut().as_mut().filter(|_| self.is_open()) {
            self.finish_with(io, CloseReason::new(CloseCode::NORMAL, "ping timed out"));
        }
    }

    /// Whether a slow peer has taken enough to be given another window of time.
    fn keeps_taking(&self) -> bool {
        let mut io = self.io.borrow_mut();
        let Some(io) = io.as_mut() else {
            return false;
        };
        let quota = self.config.write_timeout.as_secs().max(1) * MIN_RATE;
        let enough = io.taken >= quota;
        io.taken = 0;
        self.start(Timer::Stall, ticks(self.config.write_timeout));
        enough
    }

    /// Any octet of the peer shows that it lives.
    #[inline]
    fn heard(&self) {
        let mut timers = self.timers.get();
        if timers.is_on(Timer::Pong) {
            timers.stop(Timer::Pong);
            self.timers.set(timers);
        }
    }

    fn fail(&self, io: &mut Io, violation: Violation) {
        tracing::debug!("WebSocket is closed: {violation}");
        self.finish_with(io, CloseReason::new(violation.code(), violation.reason()));
    }

    /// Says goodbye without waiting for an answer.
    fn finish_with(&self, io: &mut Io, reason: CloseReason) {
        if self.is_open() {
            io.write_close(&reason);
        }
        self.note(reason);
        self.enter(Phase::Ending);
    }

    fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.close(CloseCode::NORMAL, "");
        loop {
            match self.phase.get() {
                Phase::Open | Phase::Closing => {
                    let _thrown_away = ready!(self.poll_event(cx));
                }
                Phase::Ending => {
                    ready!(self.poll_last_octets(cx));
                    self.shut();
                }
                Phase::Closed => return Poll::Ready(()),
            }
        }
    }

    /// Sends what waits, closes this direction, and reads until the peer has closed: a reset could
    /// take the Close frame from it (RFC 6455 §7.1.1).
    fn poll_last_octets(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut io = self.io.borrow_mut();
        let Some(io) = io.as_mut() else {
            return Poll::Ready(());
        };
        if ready!(io.poll_flush(cx)).is_err() || ready!(io.stream.poll_shutdown(cx)).is_err() {
            return Poll::Ready(());
        }
        loop {
            let count = io.stream.buffered().len();
            io.stream.consume(count);
            match ready!(io.stream.poll_fill(cx)) {
                Ok(count) if count > 0 => {}
                _ => return Poll::Ready(()),
            }
        }
    }

    /// The connection broke.
    fn lose(&self) {
        self.note(CloseReason::new(CloseCode::ABNORMAL, ""));
        self.shut();
    }

    /// Ends a connection whose peer does not do its part.
    fn reset(&self) {
        if let Some(io) = self.io.borrow().as_ref()
            && let Err(error) = io.stream.reset_on_close()
        {
            tracing::debug!("a connection could not be reset: {error}");
        }
        self.lose();
    }

    /// Drops the stream; handles may live on.
    fn shut(&self) {
        self.enter(Phase::Closed);
        let mut timers = self.timers.get();
        timers.clone_from(&Timers::NONE);
        self.timers.set(timers);
        self.deadline.clear();
        let io = self.io.take();
        let lease = self.lease.take();
        drop((io, lease));
    }

    fn enter(&self, phase: Phase) {
        if phase <= self.phase.get() {
            return;
        }
        self.phase.set(phase);
        if phase < Phase::Closed && !self.timers.get().is_on(Timer::Close) {
            self.start(Timer::Close, ticks(self.config.close_timeout));
        }
        // Whoever waits for room or for a message sees it.
        if let Some(more) = self.more.borrow_mut().as_mut() {
            if phase > Phase::Closing {
                more.queue.clear();
            }
            more.queue.wakers.drain(..).for_each(Waker::wake);
            if let Some(reader) = more.reader.take() {
                reader.wake();
            }
            if let Some(remote) = &more.remote {
                remote.shut();
            }
        }
        if let Some(task) = self.task.borrow().as_ref()
            && phase > Phase::Closing
        {
            task.wake_by_ref();
        }
    }

    /// The first reason stays.
    fn note(&self, reason: CloseReason) {
        let mut more = self.more.borrow_mut();
        more.get_or_insert_default().reason.get_or_insert(reason);
    }

    fn queue_is_empty(&self) -> bool {
        self.more
            .borrow()
            .as_ref()
            .is_none_or(|more| more.queue.is_empty())
    }

    fn limits(&self) -> Limits {
        Limits {
            octets: self.config.max_queue_size,
            messages: self.config.max_queue_messages,
            policy: self.config.slow_consumer,
        }
    }

    fn start(&self, timer: Timer, ticks: u32) {
        let mut timers = self.timers.get();
        timers.start(timer, ticks, &self.deadline);
        self.timers.set(timers);
    }

    #[inline]
    fn wake(&self) {
        if !self.polling.get()
            && let Some(task) = self.task.borrow().as_ref()
        {
            task.wake_by_ref();
        }
    }

    #[inline]
    fn remember_task(&self, cx: &Context<'_>) {
        let known = matches!(&*self.task.borrow(), Some(task) if task.will_wake(cx.waker()));
        if !known {
            let previous = self.task.replace(Some(cx.waker().clone()));
            drop(previous);
            if let Some(more) = self.more.borrow().as_ref()
                && let Some(remote) = &more.remote
            {
                remote.set_task(cx.waker());
            }
        }
    }

    /// Keeps the waker of a `recv` that is polled by something other than the task itself.
    #[inline]
    fn remember_reader(&self, cx: &Context<'_>) {
        let is_task = matches!(&*self.task.borrow(), Some(task) if task.will_wake(cx.waker()));
        if !is_task {
            self.more.borrow_mut().get_or_insert_default().reader = Some(cx.waker().clone());
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("phase", &self.0.phase.get())
            .finish_non_exhaustive()
    }
}
