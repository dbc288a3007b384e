//! What the connections of one server on one loop share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use waterspout_net::{Aging, LoopState, Shelf, ticks};

use super::ServerConfig;
use super::exchange::Inner;
use super::pace::PaceRule;
pub(crate) use super::upgrade::Stage;
use super::upgrade::{OnUpgrade, Owner};
use crate::forwarded::TrustedDownstream;
use crate::h1::encode::Preamble;
use crate::h1::parse::HeadLimits;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: HeadLimits,
    pub(crate) max_body_size: u64,
    pub(crate) decompress_request: bool,
    pub(crate) keep_alive: bool,
    pub(crate) xheaders: Option<TrustedDownstream>,
    server_name: Box<[u8]>,
    preamble: RefCell<Preamble>,
    /// The second that the preamble is of.
    preamble_second: Cell<u64>,
    pub(crate) idle_ticks: u32,
    pub(crate) handshake_ticks: u32,
    pub(crate) head_pace: PaceRule,
    pub(crate) body_pace: PaceRule,
    pub(crate) write_pace: PaceRule,
    pub(crate) linger_pace: PaceRule,
    pub(crate) loop_state: Rc<LoopState>,
    max_connections: usize,
    stage: Cell<Stage>,
    live: Cell<usize>,
    /// The tasks that wait until fewer connections are live: acceptors and the drain.
    waiting: RefCell<Vec<Waker>>,
    free: Shelf<Box<Inner>>,
    /// What a connection that leaves HTTP goes on with, from the driver to the connection's task
    /// within one poll.
    handover: RefCell<Option<OnUpgrade>>,
}

impl Shared {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let files = || waterspout_net::open_files_limit() / 10 * 9;
        Self {
            limits: HeadLimits {
                head: config.max_header_size,
                fields: config.max_headers,
                target: config.max_uri_size,
            },
            max_body_size: config.max_body_size,
            decompress_request: config.decompress_request,
            keep_alive: config.keep_alive,
            xheaders: config.xheaders.clone(),
            server_name: config.server_name.as_bytes().into(),
            preamble: RefCell::default(),
            preamble_second: Cell::new(u64::MAX),
            idle_ticks: ticks(config.idle_timeout),
            handshake_ticks: ticks(config.handshake_timeout),
            head_pace: PaceRule::total(config.head_timeout),
            body_pace: PaceRule::rate(config.body_timeout, config.min_body_rate),
            write_pace: PaceRule::rate(config.write_timeout, config.min_write_rate),
            linger_pace: PaceRule::total(config.linger_timeout),
            loop_state: LoopState::current(),
            max_connections: config.max_connections.unwrap_or_else(files).max(1),
            stage: Cell::new(Stage::Serving),
            live: Cell::new(0),
            waiting: RefCell::default(),
            free: Shelf::default(),
            handover: RefCell::new(None),
        }
    }

    #[inline]
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Moves on to a later stage and has every connection look at it.
    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.set(stage.max(self.stage.get()));
        self.loop_state.wake_deadlines();
        self.wake_waiting();
    }

    /// Calls `read` with what the head of every response begins with in this second.
    #[inline]
    pub(crate) fn with_preamble<T>(&self, read: impl FnOnce(&Preamble) -> T) -> T {
        let second = self.loop_state.unix_seconds();
        if self.preamble_second.get() != second {
            self.renew_preamble(second);
        }
        read(&self.preamble.borrow())
    }

    #[cold]
    fn renew_preamble(&self, second: u64) {
        let preamble = self
            .loop_state
            .with_date(|date| Preamble::new(&self.server_name, date));
        *self.preamble.borrow_mut() = preamble;
        self.preamble_second.set(second);
    }

    pub(crate) fn live(&self) -> usize {
        self.live.get()
    }

    pub(crate) fn opened(&self) {
        self.live.set(self.live.get() + 1);
    }

    pub(crate) fn closed(&self) {
        self.live.set(self.live.get() - 1);
        self.wake_waiting();
    }

    pub(crate) fn hand_over(&self, next: OnUpgrade) {
        self.handover.replace(Some(next));
    }

    pub(crate) fn take_handover(&self) -> Option<OnUpgrade> {
        self.handover.take()
    }

    fn wake_waiting(&self) {
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until another connection may be accepted.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        self.poll_until(cx, self.live.get() < self.max_connections)
    }

    /// Waits until no connection is left.
    pub(crate) fn poll_empty(&self, cx: &Context<'_>) -> Poll<()> {
        self.poll_until(cx, self.live.get() == 0)
    }

    fn poll_until(&self, cx: &Context<'_>, reached: bool) -> Poll<()> {
        if reached {
            return Poll::Ready(());
        }
        self.waiting.borrow_mut().push(cx.waker().clone());
        Poll::Pending
    }

    #[inline]
    pub(crate) fn take_exchange(&self) -> Box<Inner> {
        self.free
            .take()
            .unwrap_or_else(|| Box::new(Inner::new(self)))
    }

    #[inline]
    pub(crate) fn give_exchange(&self, exchange: Box<Inner>) {
        self.free.give(exchange);
    }
}

impl Aging for Shared {
    fn age(&self) -> bool {
        self.free.age()
    }
}

impl Owner for Shared {
    fn stage(&self) -> Stage {
        self.stage()
    }

    fn entered(&self) {
        self.opened();
    }

    fn left(&self) {
        self.closed();
    }
}
