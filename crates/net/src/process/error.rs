//! Why worker processes could not be started or kept.

use std::error::Error;
use std::fmt;
use std::io;

use nix::errno::Errno;

use crate::causes;

/// Why [`fork_processes`](super::fork_processes) refused or gave up.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, fork_processes};
///
/// let _io_loop = IoLoop::new()?;
/// let error = fork_processes(4, 0).unwrap_err();
/// assert!(error.is_too_late());
/// assert!(error.to_string().contains("fork before IoLoop::new"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ForkError {
    reason: Reason,
}

#[derive(Debug)]
pub(super) enum Reason {
    /// A loop exists or has existed in this process.
    LoopWasMade,
    /// More than one thread runs in this process.
    Threads(usize),
    /// This process is a worker itself.
    Nested(usize),
    /// SIGCHLD is ignored, so that the system throws away how children ended.
    ChildSignalIgnored,
    /// The workers crashed more often than was allowed.
    TooManyRestarts(u32),
    /// The system refused.
    System { task: &'static str, errno: Errno },
}

impl ForkError {
    /// Tells whether it was too late to fork, since a loop was made or other threads run.
    #[must_use]
    pub fn is_too_late(&self) -> bool {
        matches!(self.reason, Reason::LoopWasMade | Reason::Threads(_))
    }

    /// Tells whether the workers crashed more often than was allowed.
    #[must_use]
    pub fn is_too_many_restarts(&self) -> bool {
        matches!(self.reason, Reason::TooManyRestarts(_))
    }
}

impl From<Reason> for ForkError {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl fmt::Display for ForkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl ForkError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::LoopWasMade => f.write_str(
                "cannot fork: an IoLoop was made in this process; fork before IoLoop::new, and make \
                 a loop in each worker",
            ),
            Reason::Threads(count) => write!(
                f,
                "cannot fork: {count} threads run in this process; fork first thing in main, \
                 before anything starts a thread",
            ),
            Reason::Nested(id) => write!(
                f,
                "cannot fork: this process is worker {id} itself; fork once, in the first process",
            ),
            Reason::ChildSignalIgnored => f.write_str(
                "cannot fork: SIGCHLD is ignored, so crashed workers would go unseen; give it its \
                 default action back before this program starts",
            ),
            Reason::TooManyRestarts(max) => write!(
                f,
                "gave up after {max} restarts of worker processes; the log says how each ended",
            ),
            Reason::System { task, .. } => write!(f, "cannot {task}"),
        }
    }
}

impl Error for ForkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            Reason::System { errno, .. } => Some(errno),
            _ => None,
        }
    }
}

impl From<ForkError> for io::Error {
    fn from(error: ForkError) -> Self {
        Self::other(error)
    }
}
