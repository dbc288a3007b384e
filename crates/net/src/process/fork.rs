//! The way in: what must hold before a fork, and what comes out of it.

use std::fs;

use nix::libc::SIGCHLD;
use nix::unistd::{self, ForkResult};

use super::error::{ForkError, Reason};
use super::identity::{cpu_count, task_id};
use super::supervisor::Supervisor;
use crate::io_loop::loop_was_made;

/// How many restarts Tornado allows, for [`fork_processes`].
pub const MAX_RESTARTS: u32 = 100;

/// Starts worker processes, and keeps them running as their supervisor.
///
/// `processes` 0 means one per processor. Returns at once in each worker, with its number. In the
/// first process it returns only when all workers are gone, so that `main` can return as well:
///
/// - A worker that ends with status 0 is done. One that ends otherwise, or by a signal, is started
///   anew with the same number. If it had lived for less than a second, its successor first waits,
///   100 ms and twice as long each time up to 5 s.
/// - After more than `max_restarts` restarts in all, the other workers are terminated and an error
///   is returned. [`MAX_RESTARTS`] is Tornado's number.
/// - SIGTERM, SIGINT and SIGQUIT are passed on to the workers, and none is restarted after that.
///   SIGHUP is passed on too, and workers that it ends are not restarted. What a terminal sends, it
///   sends to the workers by itself.
/// - On Linux, when the first process dies, the workers get a SIGTERM.
///
/// # Errors
///
/// If a loop was made or a second thread runs in this process ([`ForkError::is_too_late`]), if this
/// process is a worker itself, if the system refuses to fork, or after too many restarts
/// ([`ForkError::is_too_many_restarts`]).
///
/// # Examples
///
/// ```no_run
/// use waterspout_net::{ForkOutcome, IoLoop, MAX_RESTARTS, bind_sockets, fork_processes};
///
/// fn main() -> std::io::Result<()> {
///     let sockets = bind_sockets(8888, Default::default())?;
///     let ForkOutcome::Worker(id) = fork_processes(0, MAX_RESTARTS)? else {
///         return Ok(()); // The workers have served and are gone.
///     };
///     println!("worker {id} listens on {}", sockets[0].local_addr()?);
///     IoLoop::new()?.start();
///     Ok(())
/// }
/// ```
pub fn fork_processes(processes: usize, max_restarts: u32) -> Result<ForkOutcome, ForkError> {
    check_process()?;
    let processes = if processes == 0 {
        cpu_count()
    } else {
        processes
    };
    tracing::info!("starting {processes} processes");
    Supervisor::new(processes, max_restarts)?.run()
}

/// As what [`fork_processes`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the workers and their supervisor must go different ways"]
pub enum ForkOutcome {
    /// As the worker of this number, from 0.
    Worker(usize),
    /// As the supervisor, whose workers have all ended.
    Ended,
}

/// Forks. The caller has made sure that nothing runs beside it.
#[expect(unsafe_code, reason = "there is no safe way to fork")]
pub(super) fn fork() -> nix::Result<ForkResult> {
    // SAFETY: a fork of a process with a single thread leaves the child a full copy, in which no
    // lock is held by a thread that is missing. `check_process` has counted the threads, and the
    // supervisor starts none before it calls this again.
    unsafe { unistd::fork() }
}

fn check_process() -> Result<(), ForkError> {
    if loop_was_made() {
        return Err(Reason::LoopWasMade.into());
    }
    let threads = thread_count();
    if threads > 1 {
        return Err(Reason::Threads(threads).into());
    }
    if let Some(id) = task_id() {
        return Err(Reason::Nested(id).into());
    }
    if is_child_signal_ignored() {
        return Err(Reason::ChildSignalIgnored.into());
    }
    Ok(())
}

/// Counts the threads of this process, where the system has a way to.
fn thread_count() -> usize {
    fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}

/// Looks the action of SIGCHLD up, where the system has a way to.
fn is_child_signal_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (SIGCHLD - 1) & 1 == 1)
}
