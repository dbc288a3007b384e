//! The protocol's handle of its connection.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use super::wakeup::Wakeup;
use super::water::{HIGH_WATER, LOW_WATER};
use crate::{BoundAddr, IoStream, PeerAddr};

/// What a [`Protocol`](super::Protocol) writes to and closes. Clones are the same connection, and
/// keep nothing alive.
///
/// Nothing here waits: what is written is queued, and goes out when the protocol's method has
/// returned. A protocol that writes much heeds
/// [`pause_writing`](super::Protocol::pause_writing).
#[derive(Clone)]
pub struct StreamTransport {
    pub(super) shared: Rc<Shared>,
}

pub(super) struct Shared {
    pub(super) wakeup: Wakeup,
    /// Written, and not handed to the stream yet.
    pub(super) outgoing: RefCell<Vec<u8>>,
    /// Octets that wait in the stream.
    pub(super) queued: Cell<usize>,
    pub(super) phase: Cell<Phase>,
    pub(super) reading: Cell<bool>,
    pub(super) low: Cell<usize>,
    pub(super) high: Cell<usize>,
    peer: Option<PeerAddr>,
    local: Option<BoundAddr>,
}

/// The life of a transport. Later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Open,
    /// Nothing more will be written; the end goes out behind what waits.
    EofAsked,
    /// The peer has been told the end, and may still send.
    EofSent,
    /// The connection ends behind what waits.
    Closing,
    /// The connection ends now.
    Aborted,
    /// `connection_lost` was called.
    Lost,
}

impl StreamTransport {
    pub(super) fn new(stream: &IoStream) -> Self {
        Self {
            shared: Rc::new(Shared {
                wakeup: Wakeup::default(),
                outgoing: RefCell::default(),
                queued: Cell::new(0),
                phase: Cell::new(Phase::Open),
                reading: Cell::new(true),
                low: Cell::new(LOW_WATER),
                high: Cell::new(HIGH_WATER),
                peer: stream.peer_addr().ok(),
                local: stream.local_addr().ok(),
            }),
        }
    }

    /// Queues octets for the peer. On a transport that is closing, or after
    /// [`write_eof`](Self::write_eof), they are dropped.
    pub fn write(&self, bytes: &[u8]) {
        if self.shared.phase.get() != Phase::Open {
            tracing::debug!("dropped a write to a transport that is closing");
            return;
        }
        if !bytes.is_empty() {
            self.shared.outgoing.borrow_mut().extend_from_slice(bytes);
            self.shared.wakeup.wake();
        }
    }

    /// Closes the direction to the peer behind what waits; what the peer sends still comes.
    pub fn write_eof(&self) {
        self.advance(Phase::EofAsked);
    }

    /// Closes the connection when what waits is written. No octets come any more, and
    /// `connection_lost` follows.
    pub fn close(&self) {
        self.advance(Phase::Closing);
    }

    /// Closes the connection now; what waits is dropped. `connection_lost` follows.
    pub fn abort(&self) {
        self.advance(Phase::Aborted);
    }

    /// Tells whether the transport is closed or about to be.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.phase.get() >= Phase::Closing
    }

    /// Stops `data_received` until [`resume_reading`](Self::resume_reading): the peer is held back
    /// when the system's buffers are full.
    pub fn pause_reading(&self) {
        self.set_reading(false);
    }

    /// Lets octets come again.
    pub fn resume_reading(&self) {
        self.set_reading(true);
    }

    /// Tells whether octets are let in.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.shared.reading.get() && !self.is_closing()
    }

    /// Sets above how many waiting octets the protocol is asked to pause, and at how many to go on.
    /// A `low` above `high` is taken for `high`. Default: 16 KiB and 64 KiB.
    pub fn set_write_buffer_limits(&self, low: usize, high: usize) {
        self.shared.low.set(low.min(high));
        self.shared.high.set(high);
        self.shared.wakeup.wake();
    }

    /// Returns how many octets wait for the system.
    #[must_use]
    pub fn write_buffer_size(&self) -> usize {
        self.shared.queued.get() + self.shared.outgoing.borrow().len()
    }

    /// Returns the address of the other end, as [`IoStream::peer_addr`]; `None` for a pipe. asyncio's
    /// `get_extra_info("peername")`.
    #[must_use]
    pub fn peer_addr(&self) -> Option<PeerAddr> {
        self.shared.peer
    }

    /// Returns the address of this end, as [`IoStream::local_addr`]; `None` for a pipe. asyncio's
    /// `get_extra_info("sockname")`.
    #[must_use]
    pub fn local_addr(&self) -> Option<BoundAddr> {
        self.shared.local.clone()
    }

    fn set_reading(&self, reading: bool) {
        self.shared.reading.set(reading);
        self.shared.wakeup.wake();
    }

    pub(super) fn advance(&self, phase: Phase) {
        if self.shared.phase.get() < phase {
            self.shared.phase.set(phase);
            self.shared.wakeup.wake();
        }
    }
}

impl fmt::Debug for StreamTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTransport")
            .field("phase", &self.shared.phase)
            .field("reading", &self.shared.reading)
            .field("write_buffer_size", &self.write_buffer_size())
            .finish_non_exhaustive()
    }
}
