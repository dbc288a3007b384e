//! What a socket consists of, and what its handles ask of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use waterspout_net::Deadline;

use super::config::WebSocketConfig;
use super::error::SendError;
use super::group::HeldSeat;
use super::queue::{Limits, Pushed, Queue, QueueCounts};
use super::remote::{Order, Remote, RemoteSender};
use super::send::{Io, Outgoing};
use super::timers::{Timer, Timers};
use super::turn;
use crate::ws::frame::{MAX_CONTROL, OpCode};
use crate::ws::{CloseCode, CloseReason, Message, SlowConsumer};

pub(super) struct Core {
    /// Gone once the socket is closed, whoever still holds a handle.
    pub(super) io: RefCell<Option<Box<Io>>>,
    pub(super) phase: Cell<Phase>,
    /// The task waits for the peer, and not the peer for the task.
    pub(super) receiving: Cell<bool>,
    /// The task is being polled, so that it need not be woken.
    pub(super) polling: Cell<bool>,
    pub(super) timers: Cell<Timers>,
    /// Wakes the task, too.
    pub(super) deadline: Deadline,
    pub(super) more: RefCell<Option<Box<More>>>,
    pub(super) config: Rc<WebSocketConfig>,
}

/// What most sockets never need.
#[derive(Default)]
pub(super) struct More {
    pub(super) queue: Queue,
    pub(super) remote: Option<Arc<Remote>>,
    /// A waker of `recv` that is not the task's.
    pub(super) reader: Option<Waker>,
    pub(super) reason: Option<CloseReason>,
    /// Its places in groups, which it leaves when it closes.
    pub(super) seats: Vec<HeldSeat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Open,
    /// A Close frame is sent, that of the peer is awaited.
    Closing,
    /// Both have closed, or the peer does not deserve an answer: what is written is still sent.
    Ending,
    Closed,
}

/// Octets in the stream's output above which messages are queued, so that a policy can still act on
/// them.
pub(super) const DIRECT: usize = 16 * 1024;

/// Octets in the output above which nothing is read: a peer that takes no answers gets no more.
pub(super) const HIGH_WATER: usize = 64 * 1024;

/// Octets a second that a peer must take at the least.
pub(super) const MIN_RATE: u64 = 64;

impl Core {
    pub(super) fn is_open(&self) -> bool {
        self.phase.get() == Phase::Open
    }

    pub(super) fn buffered(&self) -> usize {
        let stream = self.io.borrow().as_ref().map_or(0, |io| io.stream.queued());
        let more = self.more.borrow();
        stream + more.as_ref().map_or(0, |more| more.queue.octets())
    }

    pub(super) fn queue_counts(&self) -> QueueCounts {
        let more = self.more.borrow();
        more.as_ref()
            .map_or_else(QueueCounts::default, |more| more.queue.counts())
    }

    /// Waits until a message of `len` octets may be sent, if that is the policy.
    #[inline]
    pub(super) fn poll_room(&self, cx: &Context<'_>, len: usize) -> Poll<Result<(), SendError>> {
        if !self.is_open() {
            return Poll::Ready(Err(SendError::Closed));
        }
        if self.more.borrow().is_none() {
            return Poll::Ready(Ok(()));
        }
        self.poll_queue_room(cx, len)
    }

    fn poll_queue_room(&self, cx: &Context<'_>, len: usize) -> Poll<Result<(), SendError>> {
        let mut more = self.more.borrow_mut();
        match more.as_mut() {
            Some(more)
                if self.config.slow_consumer == SlowConsumer::Wait
                    && !more.queue.has_room(len, self.limits()) =>
            {
                let wakers = &mut more.queue.wakers;
                if !wakers.iter().any(|known| known.will_wake(cx.waker())) {
                    wakers.push(cx.waker().clone());
                }
                Poll::Pending
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Sends a message of this socket alone, once there is room for it; the commonest case, in which
    /// nothing waits, first.
    #[inline]
    pub(super) fn poll_send(
        &self,
        cx: &Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError>> {
        turn::settle();
        if self.is_open()
            && self.more.borrow().is_none()
            && let Some(io) = self.io.borrow_mut().as_mut()
            && io.stream.queued() < DIRECT
        {
            if let Some(message) = message.take() {
                io.write_message(message);
                self.wake();
            }
            return Poll::Ready(Ok(()));
        }
        self.poll_send_queued(cx, message)
    }

    #[inline(never)]
    fn poll_send_queued(
        &self,
        cx: &Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError>> {
        let len = message.as_ref().map_or(0, Message::len);
        ready!(self.poll_room(cx, len))?;
        let message = message.take().map(Outgoing::Single);
        Poll::Ready(message.map_or(Ok(()), |message| self.send(message, None)))
    }

    pub(super) fn send(&self, message: Outgoing, key: Option<&str>) -> Result<(), SendError> {
        turn::settle();
        if !self.is_open() {
            return Err(SendError::Closed);
        }
        let mut io = self.io.borrow_mut();
        let io = io.as_mut().ok_or(SendError::Closed)?;
        if io.stream.queued() < DIRECT && self.queue_is_empty() {
            io.write_outgoing(message);
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
        turn::settle();
        if !self.is_open() {
            return;
        }
        if let Some(io) = self.io.borrow_mut().as_mut() {
            self.write_all_that_waits(io);
            io.write_close(&CloseReason::new(code, reason));
        }
        self.enter(Phase::Closing);
        self.wake();
    }

    /// What was sent before a Close frame stays before it, on other threads too.
    fn write_all_that_waits(&self, io: &mut Io) {
        if let Some(more) = self.more.borrow_mut().as_mut() {
            while let Some(message) = more.queue.pop() {
                io.write_outgoing(message);
            }
        }
        let orders = self.remote_orders().map(|remote| remote.shut());
        for order in orders.into_iter().flatten() {
            let Order::Send(message) = order else {
                return;
            };
            io.write_message(message);
        }
    }

    /// The mailbox of other threads, if some thread may send.
    pub(super) fn remote_orders(&self) -> Option<Arc<Remote>> {
        let more = self.more.borrow();
        more.as_ref().and_then(|more| more.remote.clone())
    }

    pub(super) fn remote(&self) -> RemoteSender {
        let mut more = self.more.borrow_mut();
        let more = more.get_or_insert_default();
        let remote = more.remote.get_or_insert_with(|| {
            let task = self.deadline.waker();
            Arc::new(Remote::new(self.config.max_queue_size, task))
        });
        if !self.is_open() {
            drop(remote.shut());
        }
        RemoteSender(Arc::clone(remote))
    }

    /// The first reason stays.
    pub(super) fn note(&self, reason: CloseReason) {
        let mut more = self.more.borrow_mut();
        more.get_or_insert_default().reason.get_or_insert(reason);
    }

    pub(super) fn queue_is_empty(&self) -> bool {
        self.more
            .borrow()
            .as_ref()
            .is_none_or(|more| more.queue.is_empty())
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            octets: self.config.max_queue_size,
            messages: self.config.max_queue_messages,
            policy: self.config.slow_consumer,
        }
    }

    pub(super) fn start(&self, timer: Timer, ticks: u32) {
        let mut timers = self.timers.get();
        timers.start(timer, ticks, &self.deadline);
        self.timers.set(timers);
    }

    #[inline]
    pub(super) fn wake(&self) {
        if !self.polling.get() {
            self.wake_task();
        }
    }

    pub(super) fn wake_task(&self) {
        if let Some(task) = self.deadline.waker() {
            task.wake();
        }
    }

    #[inline]
    pub(super) fn remember_task(&self, cx: &Context<'_>) {
        if self.deadline.keep_waker(cx.waker()) {
            self.tell_remote(cx.waker());
        }
    }

    #[cold]
    fn tell_remote(&self, task: &Waker) {
        if let Some(more) = self.more.borrow().as_ref()
            && let Some(remote) = &more.remote
        {
            remote.set_task(task);
        }
    }

    /// Keeps the waker of a `recv` that is polled by something other than the task itself.
    #[inline(always)]
    pub(super) fn remember_reader(&self, cx: &Context<'_>) {
        if !self.deadline.wakes(cx.waker()) {
            self.keep_reader(cx.waker());
        }
    }

    pub(super) fn wake_reader(&self) {
        let reader = self
            .more
            .borrow_mut()
            .as_mut()
            .and_then(|more| more.reader.take());
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    #[cold]
    fn keep_reader(&self, waker: &Waker) {
        self.more.borrow_mut().get_or_insert_default().reader = Some(waker.clone());
    }
}
