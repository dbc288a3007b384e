//! Why a descriptor cannot be watched.

use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::RawFd;

use crate::causes;

/// The error of a descriptor that cannot be watched, or whose handler cannot be changed.
///
/// As an [`io::Error`] it has the kind `AlreadyExists`, `NotFound`, `NotConnected` for a loop that is
/// gone, or that of the system's error.
#[derive(Debug)]
pub struct FdError {
    fd: RawFd,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    Taken,
    Unknown,
    LoopGone,
    System(io::Error),
}

impl FdError {
    /// Returns the descriptor.
    #[must_use]
    pub fn fd(&self) -> RawFd {
        self.fd
    }

    /// Tells whether the descriptor has a handler already.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self.reason, Reason::Taken)
    }

    /// Tells whether the descriptor has no handler to be changed.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.reason, Reason::Unknown)
    }

    pub(super) fn taken(fd: RawFd) -> Self {
        Self {
            fd,
            reason: Reason::Taken,
        }
    }

    pub(super) fn unknown(fd: RawFd) -> Self {
        Self {
            fd,
            reason: Reason::Unknown,
        }
    }

    pub(super) fn loop_gone(fd: RawFd) -> Self {
        Self {
            fd,
            reason: Reason::LoopGone,
        }
    }

    pub(super) fn system(fd: RawFd, error: io::Error) -> Self {
        Self {
            fd,
            reason: Reason::System(error),
        }
    }

    fn kind(&self) -> io::ErrorKind {
        match &self.reason {
            Reason::Taken => io::ErrorKind::AlreadyExists,
            Reason::Unknown => io::ErrorKind::NotFound,
            Reason::LoopGone => io::ErrorKind::NotConnected,
            Reason::System(error) => error.kind(),
        }
    }
}

impl fmt::Display for FdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl FdError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fd = self.fd;
        match &self.reason {
            Reason::Taken => write!(
                f,
                "descriptor {fd} has a handler already: change it with update_handler, or call \
                 remove_handler before the descriptor is closed and its number used again"
            ),
            Reason::Unknown => {
                write!(
                    f,
                    "descriptor {fd} has no handler: add it with add_handler first"
                )
            }
            Reason::LoopGone => write!(
                f,
                "descriptor {fd} cannot be watched: the loop is gone, keep the value that \
                 IoLoop::new returned"
            ),
            // epoll refuses what is always ready.
            Reason::System(error) if error.kind() == io::ErrorKind::PermissionDenied => write!(
                f,
                "descriptor {fd} cannot be watched: a file is always ready, read it on a thread \
                 with run_in_executor"
            ),
            Reason::System(_) => write!(
                f,
                "descriptor {fd} cannot be watched: it must be open, and of a socket, pipe, \
                 terminal or the like"
            ),
        }
    }
}

impl Error for FdError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            Reason::System(error) => Some(error),
            _ => None,
        }
    }
}

impl From<FdError> for io::Error {
    fn from(error: FdError) -> Self {
        Self::new(error.kind(), error)
    }
}
