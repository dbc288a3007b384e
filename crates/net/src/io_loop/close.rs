//! Ending a loop before the value that owns it is dropped.

use std::error::Error;
use std::fmt;
use std::io;

use super::IoLoop;

impl IoLoop {
    /// Ends the loop: every task is dropped, and with it every socket, timer and handler.
    ///
    /// Dropping the value that [`new`](Self::new) returned does the same. Sockets are closed with the
    /// tasks and handlers that own them, so there is nothing like Tornado's `all_fds`. Functions that run
    /// on threads of the default pool are waited for, unless a loop runs on this thread.
    ///
    /// # Errors
    ///
    /// [`CloseError`] if the loop is running, is closed already, or if this is not the value that owns
    /// it.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.close()?;
    /// assert!(io_loop.is_closed());
    /// assert_eq!(io_loop.close().unwrap_err().to_string(), "the loop is closed already");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) -> Result<(), CloseError> {
        if self.is_closed() {
            return Err(CloseError(Reason::Closed));
        }
        if self.is_running() {
            return Err(CloseError(Reason::Running));
        }
        let runtime = self.take_owned().ok_or(CloseError(Reason::Handle))?;
        drop(runtime);
        Ok(())
    }
}

/// The error of a loop that cannot be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseError(Reason);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    Closed,
    Running,
    Handle,
}

impl CloseError {
    /// Tells whether the loop is closed already.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0 == Reason::Closed
    }

    /// Tells whether the loop is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0 == Reason::Running
    }
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Reason::Closed => "the loop is closed already",
            Reason::Running => "the loop is running: call stop, and close it when start returns",
            Reason::Handle => {
                "a handle cannot close the loop: close the value IoLoop::new returned"
            }
        })
    }
}

impl Error for CloseError {}

impl From<CloseError> for io::Error {
    fn from(error: CloseError) -> Self {
        Self::other(error)
    }
}
