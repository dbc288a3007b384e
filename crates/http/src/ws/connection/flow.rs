//! Octets in and out: events for the task, messages of the queue and of other threads.

use std::task::{Context, Poll, Waker, ready};

use waterspout_net::ticks;

use super::remote::Order;
use super::send::{Io, Outgoing};
use super::timers::Timer;
use crate::Stage;
use crate::ws::frame::OpCode;
use crate::ws::{CloseReason, Event};

use super::core::{Core, DIRECT, HIGH_WATER, Phase};

impl Core {
    /// The commonest turn first: an open socket, to which a short message comes as a whole. All else is
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
                && let Some(message) = io.decode_short()
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
            if !io.stream.buffered().is_empty() && io.stream.queued() <= HIGH_WATER {
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
        if io.has_output() {
            if let Poll::Ready(Err(_)) = self.flush(io, cx) {
                return Poll::Ready(false);
            }
            if io.stream.queued() > HIGH_WATER {
                self.remember_reader(cx);
                return Poll::Pending;
            }
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
        self.fetch();
        self.look_at_stage();
        // `begin_poll` has told the deadline whom to wake.
        if self.deadline.is_expired() {
            self.ring();
            if self.deadline.poll_expired(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
        let mut io = self.io.borrow_mut();
        let failed = match io.as_mut() {
            Some(io) if io.has_output() => matches!(self.flush(io, cx), Poll::Ready(Err(_))),
            _ => false,
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
                    if let Err(error) = self.send(Outgoing::Single(message), None) {
                        tracing::debug!("a message of another thread is lost: {error}");
                    }
                }
                Order::Close(reason) => self.close(reason.code, &reason.text),
            }
        }
    }
}
