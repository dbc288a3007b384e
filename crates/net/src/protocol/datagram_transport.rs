//! The handle of a protocol over datagrams.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;

use super::wakeup::Wakeup;

/// What a [`DatagramProtocol`](super::DatagramProtocol) sends with and closes. Clones are the same
/// endpoint, and keep nothing alive.
#[derive(Clone)]
pub struct DatagramTransport {
    pub(super) shared: Rc<Shared>,
}

pub(super) struct Shared {
    pub(super) wakeup: Wakeup,
    pub(super) outgoing: RefCell<VecDeque<(Bytes, Option<SocketAddr>)>>,
    /// Octets of those.
    pub(super) queued: Cell<usize>,
    pub(super) phase: Cell<Phase>,
    pub(super) local: SocketAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Open,
    /// It ends when what waits is sent.
    Closing,
    Aborted,
    Lost,
}

impl DatagramTransport {
    pub(super) fn new(local: SocketAddr) -> Self {
        Self {
            shared: Rc::new(Shared {
                wakeup: Wakeup::default(),
                outgoing: RefCell::default(),
                queued: Cell::new(0),
                phase: Cell::new(Phase::Open),
                local,
            }),
        }
    }

    /// Queues a datagram; without `remote` it goes to the address that the endpoint is connected
    /// to. What cannot be sent is reported to `error_received`. On a transport that is closing it is
    /// dropped.
    pub fn send_to(&self, datagram: &[u8], remote: Option<SocketAddr>) {
        if self.is_closing() {
            return;
        }
        let queued = self.shared.queued.get() + datagram.len();
        self.shared.queued.set(queued);
        self.shared
            .outgoing
            .borrow_mut()
            .push_back((Bytes::copy_from_slice(datagram), remote));
        self.shared.wakeup.wake();
    }

    /// Closes the endpoint when what waits is sent.
    pub fn close(&self) {
        self.advance(Phase::Closing);
    }

    /// Closes the endpoint now.
    pub fn abort(&self) {
        self.advance(Phase::Aborted);
    }

    /// Tells whether the endpoint is closed or about to be.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.phase.get() >= Phase::Closing
    }

    /// Returns the address that the endpoint is bound to.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Returns how many octets wait for the system.
    #[must_use]
    pub fn write_buffer_size(&self) -> usize {
        self.shared.queued.get()
    }

    fn advance(&self, phase: Phase) {
        if self.shared.phase.get() < phase {
            self.shared.phase.set(phase);
            self.shared.wakeup.wake();
        }
    }
}

impl fmt::Debug for DatagramTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatagramTransport")
            .field("local", &self.shared.local)
            .field("phase", &self.shared.phase)
            .finish_non_exhaustive()
    }
}
