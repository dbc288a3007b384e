//! Timers, faults and the end: everything that moves the lifecycle on.

use std::task::{Context, Poll, Waker, ready};

use waterspout_net::ticks;

use super::send::Io;
use super::timers::{Timer, Timers};
use super::turn;
use crate::Stage;
use crate::ws::{CloseCode, CloseReason, Violation};

use super::core::{Core, MIN_RATE, Phase};

/// Octets that a look for a late pong leaves unread at the most, beside those of that look.
const UNREAD: usize = 4 * 1024;

impl Core {
    pub(super) fn look_at_stage(&self) {
        let stage = self.io.borrow().as_ref().map(|io| io.stage());
        match stage.unwrap_or(Stage::Serving) {
            Stage::Aborting => self.lose(),
            Stage::Draining => self.close(CloseCode::GOING_AWAY, "server is stopping"),
            Stage::Serving => {}
        }
    }

    /// Does what the timers that are due ask for.
    #[cold]
    pub(super) fn ring(&self, cx: &mut Context<'_>) {
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
        if close && !self.still_sends() || stall && !self.keeps_taking() {
            return self.reset();
        }
        if pong {
            self.pong_is_late(cx);
        }
        if ping && self.is_open() {
            self.ping_again();
        }
    }

    pub(super) fn ping_again(&self) {
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

    pub(super) fn pong_is_late(&self, cx: &mut Context<'_>) {
        let mut io = self.io.borrow_mut();
        let Some(io) = io.as_mut().filter(|_| self.is_open()) else {
            return;
        };
        // The pong may lie unread while the handler is busy.
        if !self.receiving.get() || io.stream.buffered().len() > UNREAD {
            if let Some(timeout) = self.config.ping_timeout {
                self.start(Timer::Pong, ticks(timeout));
            }
            return;
        }
        // So it may where the handler has waited for a message, among other things, and has gone on with
        // one of these.
        if let Poll::Ready(Ok(1..)) = io.stream.poll_fill(cx) {
            self.wake_reader();
            return self.wake_task();
        }
        self.finish_with(io, CloseReason::new(CloseCode::NORMAL, "ping timed out"));
    }

    /// Whether what was sent before the Close frame is still on its way: then the peer cannot have
    /// answered, and is given time again. How little it may take is the stall timer's matter.
    fn still_sends(&self) -> bool {
        let sends = self.phase.get() == Phase::Closing
            && self
                .io
                .borrow()
                .as_ref()
                .is_some_and(|io| !io.stream.is_flushed());
        if sends {
            self.start(Timer::Close, ticks(self.config.close_timeout));
        }
        sends
    }

    /// Whether a slow peer has taken enough to be given another window of time.
    pub(super) fn keeps_taking(&self) -> bool {
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
    pub(super) fn heard(&self) {
        let mut timers = self.timers.get();
        if timers.is_on(Timer::Pong) {
            timers.stop(Timer::Pong);
            self.timers.set(timers);
        }
    }

    pub(super) fn fail(&self, io: &mut Io, violation: Violation) {
        tracing::debug!("WebSocket is closed: {violation}");
        self.finish_with(io, CloseReason::new(violation.code(), violation.reason()));
    }

    /// Says goodbye without waiting for an answer.
    pub(super) fn finish_with(&self, io: &mut Io, reason: CloseReason) {
        if self.is_open() {
            io.write_close(&reason);
        }
        self.note(reason);
        self.enter(Phase::Ending);
    }

    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
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
    pub(super) fn poll_last_octets(&self, cx: &mut Context<'_>) -> Poll<()> {
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
    pub(super) fn lose(&self) {
        self.note(CloseReason::new(CloseCode::ABNORMAL, ""));
        self.shut();
    }

    /// Ends a connection whose peer does not do its part.
    pub(super) fn reset(&self) {
        if let Some(io) = self.io.borrow().as_ref()
            && let Err(error) = io.stream.reset_on_close()
        {
            tracing::debug!("a connection could not be reset: {error}");
        }
        self.lose();
    }

    /// Drops the stream; handles may live on.
    pub(super) fn shut(&self) {
        self.enter(Phase::Closed);
        let mut timers = self.timers.get();
        timers.clone_from(&Timers::NONE);
        self.timers.set(timers);
        self.deadline.clear();
        let io = self.io.take();
        drop(io);
    }

    pub(super) fn enter(&self, phase: Phase) {
        if phase <= self.phase.get() {
            return;
        }
        self.phase.set(phase);
        if phase < Phase::Closed && !self.timers.get().is_on(Timer::Close) {
            self.start(Timer::Close, ticks(self.config.close_timeout));
        }
        // Whoever waits for room or for a message sees it.
        if let Some(more) = self.more.borrow_mut().as_mut() {
            turn::leave(&mut more.seats);
            if phase > Phase::Closing {
                more.queue.clear();
            }
            more.queue.wakers.drain(..).for_each(Waker::wake);
            if let Some(reader) = more.reader.take() {
                reader.wake();
            }
            if let Some(remote) = &more.remote {
                drop(remote.shut());
            }
        }
        if phase > Phase::Closing {
            self.wake_task();
        }
    }
}
