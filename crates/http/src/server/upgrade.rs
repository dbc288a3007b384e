//! Leaving HTTP: a connection that goes on with another protocol.

use std::fmt;
use std::rc::Rc;

use waterspout_net::IoStream;

/// A connection that has left HTTP: the 101 is written, and what the client sent after its request is
/// in the stream's input. See [`Exchange::upgrade`](crate::Exchange::upgrade).
///
/// It still counts among the connections of its server until it is dropped, so that a drain waits
/// for it.
#[derive(Debug)]
pub struct Upgraded {
    pub(crate) stream: IoStream,
    pub(crate) lease: Lease,
}

impl Upgraded {
    /// Splits it into the stream and the place among the connections of the server.
    #[must_use]
    pub fn into_parts(self) -> (IoStream, Lease) {
        (self.stream, self.lease)
    }
}

/// How far the server that a connection came from has come in stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It serves.
    Serving,
    /// What is idle closes, what is busy finishes.
    Draining,
    /// Every connection closes at once.
    Aborting,
}

/// The server of a connection, as an upgraded connection knows it.
pub(crate) trait Owner {
    fn stage(&self) -> Stage;
    fn entered(&self);
    fn left(&self);
}

/// A place among the connections of a server. When the server's [`stage`](Self::stage) changes, every
/// task that has polled a [`Deadline`](waterspout_net::Deadline) is woken.
pub struct Lease(Rc<dyn Owner>);

impl Lease {
    pub(crate) fn new(owner: Rc<dyn Owner>) -> Self {
        owner.entered();
        Self(owner)
    }

    /// Returns how far the server has come in stopping.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.0.stage()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.left();
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("stage", &self.stage())
            .finish()
    }
}

/// What goes on with an upgraded connection.
pub(crate) struct OnUpgrade(Box<dyn FnOnce(Upgraded)>);

impl OnUpgrade {
    pub(crate) fn new(go_on: impl FnOnce(Upgraded) + 'static) -> Self {
        Self(Box::new(go_on))
    }

    pub(crate) fn call(self, upgraded: Upgraded) {
        (self.0)(upgraded);
    }
}

impl fmt::Debug for OnUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnUpgrade").finish_non_exhaustive()
    }
}
