//! The border to other processes and machines.

use std::fmt;
use std::io;
use std::sync::{Arc, Weak};

use super::hub::Hub;
use super::packet::{InvalidPacket, Packet};

/// Carries what is sent to rooms to other processes, on this machine or others.
///
/// The workers of one process need none. [`UnixMesh`](super::UnixMesh) joins the processes of a
/// machine; one for Redis, NATS or the like publishes each packet on a channel and hands what arrives to
/// the [`Inbox`].
///
/// What is asked of it: packets of one process arrive in their order, at the most once, and not at
/// their sender. What arrives late or not at all, members elsewhere miss.
///
/// # Examples
///
/// One that carries nothing, and counts what it is given:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use waterspout::{Backplane, Inbox, Packet, RoomHub};
///
/// struct Counting(Arc<AtomicUsize>);
///
/// impl Backplane for Counting {
///     fn start(&self, _inbox: Inbox) {}
///
///     fn publish(&self, _packet: Packet) -> std::io::Result<()> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// let count = Arc::new(AtomicUsize::new(0));
/// let hub = RoomHub::new().backplane(Counting(Arc::clone(&count)));
/// hub.send("news", "it rains")?;
/// assert_eq!(count.load(Ordering::Relaxed), 1);
/// # Ok::<(), waterspout::RoomError>(())
/// ```
pub trait Backplane: Send + Sync + 'static {
    /// Begins to carry. It is called once in a process, on the loop of the worker that uses rooms first,
    /// and may start tasks there.
    fn start(&self, inbox: Inbox);

    /// Hands a packet on to all other processes. It is called on any thread and does not wait: what
    /// cannot be sent now is kept, up to a bound.
    ///
    /// # Errors
    ///
    /// Fails if the packet is not going to arrive.
    fn publish(&self, packet: Packet) -> io::Result<()>;
}

/// Where a [`Backplane`] hands in what comes from other processes. Clones are the same; any thread may
/// use it.
#[derive(Clone)]
pub struct Inbox(Weak<Hub>);

impl Inbox {
    pub(super) fn new(hub: &Arc<Hub>) -> Self {
        Self(Arc::downgrade(hub))
    }

    /// Returns the number of this process, as its packets bear it.
    #[must_use]
    pub fn node(&self) -> u64 {
        self.0.upgrade().map_or(0, |hub| hub.node())
    }

    /// Tells whether the hub is gone, so that nothing is to be carried any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Takes the octets of a packet, and returns the number of the process that sent it. Those of this
    /// process are ignored.
    ///
    /// # Errors
    ///
    /// Fails if they are not a packet.
    pub fn receive(&self, octets: &[u8]) -> Result<u64, InvalidPacket> {
        Hub::receive(self.0.upgrade().as_ref(), octets)
    }

    /// Learns that a process has come, which is then told how many members the rooms here have.
    pub fn peer_came(&self) {
        if let Some(hub) = self.0.upgrade() {
            hub.announce_all();
        }
    }

    /// Learns that a process has gone, whose members are not counted any more.
    pub fn peer_gone(&self, node: u64) {
        if let Some(hub) = self.0.upgrade() {
            hub.forget_node(node);
        }
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}
