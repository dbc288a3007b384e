//! The calls that users make.

use std::os::fd::{AsRawFd, RawFd};

use super::poller::{Role, Slot};
use super::{FdError, FdEvents};
use crate::io_loop::IoLoop;

impl IoLoop {
    /// Calls `handler` whenever the descriptor is ready for one of `events`, or in error.
    ///
    /// The handler is called again as long as the descriptor is ready, so it need not read all there
    /// is; it gets the descriptor and what that is ready for. One that panics is logged and stays.
    /// The descriptor should be non-blocking. It stays the caller's: call
    /// [`remove_handler`](Self::remove_handler) before it is closed, or let the handler own the socket
    /// and remove itself.
    ///
    /// For new code an async task with an [`IoStream`](crate::IoStream), a
    /// [`Listener`](crate::Listener) or tokio's `AsyncFd` is the simpler form.
    ///
    /// # Errors
    ///
    /// [`FdError`] if the descriptor has a handler, reader or writer already, or cannot be watched: it
    /// is not open, or it is a file, which is always ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use std::os::fd::AsRawFd;
    /// use std::os::unix::net::UnixStream;
    /// use waterspout_net::{FdEvents, IoLoop};
    ///
    /// let (mut near, mut far) = UnixStream::pair()?;
    /// near.set_nonblocking(true)?;
    /// let io_loop = IoLoop::new()?;
    /// io_loop.add_handler(&near.as_raw_fd(), FdEvents::READ, move |fd, events| {
    ///     assert!(events.contains(FdEvents::READ));
    ///     let mut octets = [0; 16];
    ///     assert_eq!(near.read(&mut octets).unwrap(), 5);
    ///     IoLoop::current().remove_handler(&fd);
    ///     IoLoop::current().stop();
    /// })?;
    /// far.write_all(b"hello")?;
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_handler<F>(
        &self,
        fd: &impl AsRawFd,
        events: FdEvents,
        handler: F,
    ) -> Result<(), FdError>
    where
        F: FnMut(RawFd, FdEvents) + 'static,
    {
        self.register_fd(fd.as_raw_fd(), Slot::new(Role::Handler, events, handler))
    }

    /// Changes what the handler of a descriptor waits for.
    ///
    /// With [`FdEvents::NONE`] it is called for errors only.
    ///
    /// # Errors
    ///
    /// [`FdError`] if the descriptor has no handler, or was closed.
    pub fn update_handler(&self, fd: &impl AsRawFd, events: FdEvents) -> Result<(), FdError> {
        self.update_fd(fd.as_raw_fd(), events)
    }

    /// Takes the handler of a descriptor out, and tells whether there was one.
    ///
    /// It is not called any more, also if it is due in this very pass.
    pub fn remove_handler(&self, fd: &impl AsRawFd) -> bool {
        self.unregister_fd(fd.as_raw_fd(), Role::Handler)
    }

    /// Calls `callback` whenever the descriptor can be read, in place of the reader it had.
    ///
    /// A reader and a writer may stand side by side; a descriptor in error calls both. Otherwise as
    /// [`add_handler`](Self::add_handler).
    ///
    /// # Errors
    ///
    /// [`FdError`] if the descriptor has a handler, or cannot be watched.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::unix::net::UnixStream;
    /// use waterspout_net::IoLoop;
    ///
    /// let (near, far) = UnixStream::pair()?;
    /// let io_loop = IoLoop::new()?;
    /// io_loop.add_reader(&near, || IoLoop::current().stop())?;
    /// drop(far); // the end can be read, too
    /// io_loop.start();
    /// assert!(io_loop.remove_reader(&near));
    /// assert!(!io_loop.remove_reader(&near));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_reader<F>(&self, fd: &impl AsRawFd, mut callback: F) -> Result<(), FdError>
    where
        F: FnMut() + 'static,
    {
        let slot = Slot::new(Role::Reader, FdEvents::READ, move |_, _| callback());
        self.register_fd(fd.as_raw_fd(), slot)
    }

    /// Calls `callback` whenever the descriptor can be written, in place of the writer it had.
    ///
    /// A socket can be written nearly always: remove the writer as soon as nothing is left to write.
    ///
    /// # Errors
    ///
    /// As [`add_reader`](Self::add_reader).
    pub fn add_writer<F>(&self, fd: &impl AsRawFd, mut callback: F) -> Result<(), FdError>
    where
        F: FnMut() + 'static,
    {
        let slot = Slot::new(Role::Writer, FdEvents::WRITE, move |_, _| callback());
        self.register_fd(fd.as_raw_fd(), slot)
    }

    /// Takes the reader of a descriptor out, and tells whether there was one.
    pub fn remove_reader(&self, fd: &impl AsRawFd) -> bool {
        self.unregister_fd(fd.as_raw_fd(), Role::Reader)
    }

    /// Takes the writer of a descriptor out, and tells whether there was one.
    pub fn remove_writer(&self, fd: &impl AsRawFd) -> bool {
        self.unregister_fd(fd.as_raw_fd(), Role::Writer)
    }
}
