//! The handle of a protocol over a child program.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;

use super::wakeup::Wakeup;
use crate::process::ChildHandle;

/// What a [`SubprocessProtocol`](super::SubprocessProtocol) writes to its child with and ends it.
/// Clones are the same child, and keep nothing alive.
#[derive(Clone)]
pub struct SubprocessTransport {
    pub(super) shared: Rc<Shared>,
}

pub(super) struct Shared {
    pub(super) wakeup: Wakeup,
    pub(super) child: ChildHandle,
    pub(super) outgoing: RefCell<Vec<u8>>,
    /// Octets that wait in the pipe's stream.
    pub(super) queued: Cell<usize>,
    pub(super) input: Cell<Input>,
    pub(super) closing: Cell<bool>,
}

/// The standard input of the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Open,
    /// It ends behind what waits.
    Ending,
    Closed,
}

impl SubprocessTransport {
    pub(super) fn new(child: ChildHandle, input: Input) -> Self {
        Self {
            shared: Rc::new(Shared {
                wakeup: Wakeup::default(),
                child,
                outgoing: RefCell::default(),
                queued: Cell::new(0),
                input: Cell::new(input),
                closing: Cell::new(false),
            }),
        }
    }

    /// Queues octets for the child's standard input; they are dropped if it is closed or no pipe. A
    /// protocol that writes much heeds [`pause_writing`](super::SubprocessProtocol::pause_writing).
    pub fn write(&self, bytes: &[u8]) {
        if self.shared.input.get() == Input::Open {
            self.shared.outgoing.borrow_mut().extend_from_slice(bytes);
            self.shared.wakeup.wake();
        }
    }

    /// Ends the child's standard input behind what waits.
    pub fn write_eof(&self) {
        if self.shared.input.get() == Input::Open {
            self.shared.input.set(Input::Ending);
            self.shared.wakeup.wake();
        }
    }

    /// Kills the child if it runs and closes its pipes; what waits, and what was not read yet, is dropped.
    /// `connection_lost` follows when the child has ended, also where a child of the child holds a pipe
    /// open.
    pub fn close(&self) {
        self.shared.closing.set(true);
        self.shared.wakeup.wake();
    }

    /// Returns how many octets wait for the child to read them.
    #[must_use]
    pub fn write_buffer_size(&self) -> usize {
        self.shared.queued.get() + self.shared.outgoing.borrow().len()
    }

    /// Returns the process number of the child.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.shared.child.pid()
    }

    /// Returns how the child ended, or `None` while it runs; as
    /// [`Subprocess::returncode`](crate::Subprocess::returncode).
    #[must_use]
    pub fn returncode(&self) -> Option<i32> {
        self.shared.child.returncode()
    }

    /// Sends a signal to the child; nothing if it has ended.
    ///
    /// # Errors
    ///
    /// As [`Subprocess::send_signal`](crate::Subprocess::send_signal).
    pub fn send_signal(&self, signal: i32) -> io::Result<()> {
        self.shared.child.send_signal(signal)
    }

    /// Sends SIGTERM, which asks the child to end.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn terminate(&self) -> io::Result<()> {
        self.shared.child.send(nix::sys::signal::Signal::SIGTERM)
    }

    /// Sends SIGKILL, which ends the child.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn kill(&self) -> io::Result<()> {
        self.shared.child.send(nix::sys::signal::Signal::SIGKILL)
    }
}

impl fmt::Debug for SubprocessTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubprocessTransport")
            .field("child", &self.shared.child)
            .field("input", &self.shared.input)
            .finish_non_exhaustive()
    }
}
