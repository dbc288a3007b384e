//! Octets in and out: events for the task, messages of the queue and of other threads.

use std::task::{Context, Poll, Waker, ready};

use waterspout_net::ticks;

use super::remote::Order;
use super::send::{Io, Outgoing};
use super::timers::Timer;
use crate::Stage;
use crate::ws::frame::OpCode;
use crate::ws::{CloseReason, Event, SlowConsumer};

use super::core::{Core, DIRECT, HIGH_WATER, Phase};

impl Core {
    /// The commonest turn first: an open socket, to which a plain message comes as a whole. All else is
    /// [`poll_any_event`](Self::poll_any_event)'s, so that this stays small.
    pub(super) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiving.set(false);
        let mut guard = self.io.borrow_mut();
        if let Some(io) = guard.as_mut().filter(|_| self.is_open()) {
            if io.stream.buffered().is_empty() && !ready!(self.poll_octets(io, cx)) {
                drop(guard);
                self.lose();
                return Poll::Ready(None);
            }
            if io.stream.queued() <= HIGH_WATER
                && let Some(message) = io.decode_plain()
            {
                return Poll::Ready(Some(Event::Message(message)));
            }
        }
        drop(guard);
        self.poll_any_event(cx)
    }

    #[inline(never)]
    fn poll_any_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            let mut guard = self.io.borrow_mut();
            let Some(io) = guard.as_mut().filter(|_| self.phase.get() < Phase::Ending) else {
                return Poll::Ready(None);
            };
            if !io.stream.buffered().is_empty() {
                if io.stream.queued() > HIGH_WATER {
                    if !ready!(self.poll_output(io, cx)) {
                        drop(guard);
                        self.lose();
                        return Poll::Ready(None);
                    }
                    // What is buffered may be whole, so that the peer has nothing more to send.
                    continue;
                }
                match io.decode() {
                    Ok(Some(Event::Message(message))) if self.is_open() => {
                        return Poll::Ready(Some(Event::Message(message)));
                    }
                    Ok(Some(event)) => match self.received(io, event) {
                        Some(event) => return Poll::Ready(Some(event)),
                        None => continue,
                    },
                    Ok(None) => {}
                    Err(violation) => {
                        self.fail(io, violation);
                        return Poll::Ready(None);
                    }
                }
            }
            if !ready!(self.poll_octets(io, cx)) {
                drop(guard);
                self.lose();
                return Poll::Ready(None);
            }
        }
    }

    /// Nothing whole is buffered: what was sent goes out, and then this waits for octets. False if the
    /// connection is lost.
    #[inline(always)]
    fn poll_octets(&self, io: &mut Io, cx: &mut Context<'_>) -> Poll<bool> {
        if io.has_output() && !ready!(self.poll_output(io, cx)) {
            return Poll::Ready(false);
        }
        match io.stream.poll_fill(cx) {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.heard();
                Poll::Ready(true)
            }
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending => {
                self.receiving.set(true);
                self.remember_reader(cx);
                Poll::Pending
            }
        }
    }

    /// Writes, until so little is left that more may be read. False if the connection is lost.
    #[inline(always)]
    fn poll_output(&self, io: &mut Io, cx: &mut Context<'_>) -> Poll<bool> {
        if let Poll::Ready(Err(_)) = self.flush(io, cx) {
            return Poll::Ready(false);
        }
        if io.stream.queued() > HIGH_WATER {
            self.remember_reader(cx);
            return Poll::Pending;
        }
        Poll::Ready(true)
    }

    /// Acts on an event and tells whether the handler is to see it.
    pub(super) fn received(&self, io: &mut Io, event: Event) -> Option<Event> {
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
    pub(super) fn flush(&self, io: &mut Io, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = io.poll_flush(cx)?;
        let stalled = flushed.is_pending() || self.timers.get().is_on(Timer::Stall);
        if !stalled && self.more.borrow().is_none() {
            return Poll::Ready(Ok(()));
        }
        self.flush_queue(io, cx, flushed)
    }

    /// Goes on with the queue after a write, and starts or stops the clock of a peer that takes nothing.
    #[inline(never)]
    fn flush_queue(
        &self,
        io: &mut Io,
        cx: &mut Context<'_>,
        mut flushed: Poll<()>,
    ) -> Poll<std::io::Result<()>> {
        while io.stream.queued() < DIRECT && self.refill(io) {
            flushed = io.poll_flush(cx)?;
        }
        let mut timers = self.timers.get();
        if flushed.is_ready() {
            if timers.is_on(Timer::Stall) {
                timers.stop(Timer::Stall);
                self.timers.set(timers);
                if self.phase.get() == Phase::Closing {
                    // Only now can the peer answer the Close frame.
                    self.start(Timer::Close, ticks(self.config.close_timeout));
                }
            }
        } else if !timers.is_on(Timer::Stall) {
            io.taken = 0;
            self.start(Timer::Stall, ticks(self.config.write_timeout));
        }
        flushed.map(Ok)
    }

    /// Moves queued messages to the stream, and wakes who waits for room.
    pub(super) fn refill(&self, io: &mut Io) -> bool {
        let mut more = self.more.borrow_mut();
        let Some(more) = more.as_mut().filter(|more| !more.queue.is_empty()) else {
            return false;
        };
        while io.stream.queued() < DIRECT
            && let Some(message) = more.queue.pop()
        {
            io.write_outgoing(message);
        }
        more.queue.wakers.drain(..).for_each(Waker::wake);
        true
    }

    /// Looks whether there is anything to do, which is rare.
    #[inline(always)]
    pub(super) fn background(&self, cx: &mut Context<'_>) {
        let io = self.io.borrow();
        let is_quiet = io
            .as_ref()
            .is_some_and(|io| !io.has_output() && io.stage() == Stage::Serving);
        drop(io);
        if !is_quiet || self.more.borrow().is_some() || self.deadline.is_expired() {
            self.work_off(cx);
        }
    }

    #[inline(never)]
    fn work_off(&self, cx: &mut Context<'_>) {
        self.look_at_stage();
        // `begin_poll` has told the deadline whom to wake.
        if self.deadline.is_expired() {
            self.ring(cx);
            if self.deadline.poll_expired(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
        if self.send_on(cx).is_err() {
            self.lose();
        }
    }

    /// Fetches what other threads have sent and writes, until there is no more of it, or no room.
    fn send_on(&self, cx: &mut Context<'_>) -> std::io::Result<()> {
        loop {
            let more_waits = self.fetch();
            let mut io = self.io.borrow_mut();
            let Some(io) = io.as_mut().filter(|io| io.has_output()) else {
                return Ok(());
            };
            let was_full = io.stream.queued() > HIGH_WATER;
            let flushed = self.flush(io, cx)?;
            if was_full && io.stream.queued() <= HIGH_WATER {
                self.wake_reader();
            }
            if flushed.is_pending() || !more_waits {
                return Ok(());
            }
        }
    }

    /// Takes what other threads have sent; true if messages stay there until they have room.
    fn fetch(&self) -> bool {
        let Some(remote) = self.remote_orders() else {
            return false;
        };
        // What comes meanwhile is for the next turn: threads may send as fast as this fetches.
        for _ in 0..remote.waiting() {
            match remote.next(|len| self.takes(len)) {
                Poll::Pending => return true,
                Poll::Ready(None) => return false,
                Poll::Ready(Some(Order::Send(message))) => {
                    if let Err(error) = self.send(Outgoing::Single(message), None) {
                        tracing::debug!("a message of another thread is lost: {error}");
                    }
                }
                Poll::Ready(Some(Order::Close(reason))) => {
                    // What was sent after it is late.
                    drop(remote.shut());
                    self.close(reason.code, &reason.text);
                }
            }
        }
        false
    }

    /// Tells whether the queue takes a message, or its policy knows what to do.
    fn takes(&self, len: usize) -> bool {
        let more = self.more.borrow();
        let queue = more.as_ref().map(|more| &more.queue);
        self.config.slow_consumer != SlowConsumer::Wait
            || queue.is_none_or(|queue| queue.has_room(len, self.limits()))
    }
}
