//! Making the poller with the first callback, and the rules of what goes beside what.

use std::os::fd::RawFd;
use std::rc::Rc;

use super::poller::{FdPoller, Role, Slot};
use super::{FdError, FdEvents};
use crate::io_loop::IoLoop;
use crate::io_loop::callbacks::Guarded;

impl IoLoop {
    /// Registers a callback. A handler stands alone; a reader or writer replaces the one before it.
    pub(super) fn register_fd(&self, fd: RawFd, slot: Rc<Slot>) -> Result<(), FdError> {
        let poller = self.poller(fd)?;
        let excluded: &[Role] = match slot.role {
            Role::Handler => &[Role::Handler, Role::Reader, Role::Writer],
            Role::Reader | Role::Writer => &[Role::Handler],
        };
        if poller.find(fd, excluded).is_some() {
            return Err(FdError::taken(fd));
        }
        if slot.role != Role::Handler {
            poller.remove(fd, slot.role);
        }
        poller
            .add(fd, slot)
            .map_err(|error| FdError::system(fd, error))
    }

    pub(super) fn update_fd(&self, fd: RawFd, events: FdEvents) -> Result<(), FdError> {
        let poller = self.poller(fd)?;
        let Some(slot) = poller.find(fd, &[Role::Handler]) else {
            return Err(FdError::unknown(fd));
        };
        slot.events.set(events);
        poller.rearm(fd).map_err(|error| FdError::system(fd, error))
    }

    pub(super) fn unregister_fd(&self, fd: RawFd, role: Role) -> bool {
        let poller = self.state().fds().borrow().clone();
        poller.is_some_and(|poller| poller.remove(fd, role))
    }

    /// Returns the poller, made and started with the first callback.
    fn poller(&self, fd: RawFd) -> Result<Rc<FdPoller>, FdError> {
        let runtime = self.runtime().ok_or_else(|| FdError::loop_gone(fd))?;
        let mut place = self.state().fds().borrow_mut();
        if let Some(poller) = &*place {
            return Ok(Rc::clone(poller));
        }
        let _context = runtime.get().enter();
        let (poller, running) = FdPoller::new().map_err(|error| FdError::system(fd, error))?;
        self.spawn(Guarded::task(running));
        *place = Some(Rc::clone(&poller));
        Ok(poller)
    }
}
