//! Starts workers, and watches over them until all have ended.

use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, getpid, getppid};

use super::error::{ForkError, Reason};
use super::fork::{ForkOutcome, fork};
use super::identity::set_task_id;
use super::signals::{FORWARDED, Received, Signals};

/// A worker that lives for less than this has crashed fast.
const FAST: Duration = Duration::from_secs(1);

/// How long the successor of a worker that crashed fast waits, and how long after many such.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Supervisor {
    workers: Vec<Worker>,
    signals: Signals,
    restarts: u32,
    max_restarts: u32,
    phase: Phase,
}

/// One worker and its successors.
#[derive(Debug)]
struct Worker {
    /// `None` before it is started and after it has ended for good.
    pid: Option<Pid>,
    /// When it began its work, after the wait.
    began: Instant,
    /// How long the next one waits if this one crashes fast.
    wait: Duration,
    /// A SIGHUP was passed on to it.
    hung_up: bool,
}

#[derive(Debug)]
enum Phase {
    /// Whoever crashes is started anew.
    Serving,
    /// Asked to end: waits for the workers.
    Stopping,
    /// Gave up: waits for the workers, then returns the error.
    Failed(ForkError),
}

impl Supervisor {
    pub(super) fn new(processes: usize, max_restarts: u32) -> Result<Self, ForkError> {
        let signals = Signals::block().map_err(system("block signals"))?;
        let worker = || Worker {
            pid: None,
            began: Instant::now(),
            wait: FIRST_WAIT,
            hung_up: false,
        };
        Ok(Self {
            workers: (0..processes).map(|_| worker()).collect(),
            signals,
            restarts: 0,
            max_restarts,
            phase: Phase::Serving,
        })
    }

    /// Returns in each worker at once, in the supervisor at the end.
    pub(super) fn run(mut self) -> Result<ForkOutcome, ForkError> {
        for id in 0..self.workers.len() {
            if self.start(id, Duration::ZERO) {
                return Ok(ForkOutcome::Worker(id));
            }
        }
        while self.workers.iter().any(|worker| worker.pid.is_some()) {
            match self.signals.wait() {
                Ok(received) if received.signal == Signal::SIGCHLD => {
                    if let Some(id) = self.reap() {
                        return Ok(ForkOutcome::Worker(id));
                    }
                }
                Ok(received) => self.forward(&received),
                Err(errno) => return Err(system("wait for signals")(errno)),
            }
        }
        match self.phase {
            Phase::Failed(error) => Err(error),
            Phase::Serving | Phase::Stopping => Ok(ForkOutcome::Ended),
        }
    }

    /// Forks worker `id`, which then waits before it begins. Returns `true` in the worker.
    fn start(&mut self, id: usize, wait: Duration) -> bool {
        // Else what is buffered would be written by both.
        _ = io::stdout().flush();
        let supervisor = getpid();
        match fork() {
            Ok(ForkResult::Parent { child }) => {
                let worker = &mut self.workers[id];
                worker.pid = Some(child);
                worker.began = Instant::now() + wait;
                worker.hung_up = false;
                false
            }
            Ok(ForkResult::Child) => {
                set_task_id(id);
                follow(supervisor);
                // From here on a signal ends this process, also while it waits.
                self.signals.restore();
                thread::sleep(wait);
                true
            }
            Err(errno) => {
                self.fail(system("start a worker process")(errno));
                false
            }
        }
    }

    /// Looks which workers have ended. Returns the number in a worker that was started instead.
    fn reap(&mut self) -> Option<usize> {
        for id in 0..self.workers.len() {
            let Some(pid) = self.workers[id].pid else {
                continue;
            };
            // Only our own: the process may have other children that somebody else waits for.
            let status = waitpid(pid, Some(WaitPidFlag::WNOHANG));
            if matches!(status, Ok(WaitStatus::StillAlive)) {
                continue;
            }
            self.workers[id].pid = None;
            if self.must_restart(id, pid, status) && self.restart(id) {
                return Some(id);
            }
        }
        None
    }

    /// Logs how a worker ended, and tells whether another must take its place.
    fn must_restart(&self, id: usize, pid: Pid, status: nix::Result<WaitStatus>) -> bool {
        match status {
            Ok(WaitStatus::Exited(_, 0)) => {
                tracing::info!("worker {id} (pid {pid}) exited normally");
                return false;
            }
            Ok(WaitStatus::Exited(_, code)) => {
                tracing::warn!("worker {id} (pid {pid}) exited with status {code}");
            }
            Ok(WaitStatus::Signaled(_, Signal::SIGHUP, _)) if self.workers[id].hung_up => {
                return false;
            }
            Ok(WaitStatus::Signaled(_, signal, _)) => {
                tracing::warn!("worker {id} (pid {pid}) was ended by {signal}");
            }
            other => tracing::warn!("worker {id} (pid {pid}) was lost: {other:?}"),
        }
        matches!(self.phase, Phase::Serving)
    }

    /// Starts a successor, or gives up. Returns `true` in the successor.
    fn restart(&mut self, id: usize) -> bool {
        if self.restarts >= self.max_restarts {
            self.fail(Reason::TooManyRestarts(self.max_restarts).into());
            return false;
        }
        self.restarts += 1;
        let worker = &mut self.workers[id];
        let wait = if worker.began.elapsed() < FAST {
            let doubled = (worker.wait * 2).min(LONGEST_WAIT);
            std::mem::replace(&mut worker.wait, doubled)
        } else {
            worker.wait = FIRST_WAIT;
            Duration::ZERO
        };
        tracing::warn!("restarting worker {id} in {wait:?}");
        self.start(id, wait)
    }

    fn forward(&mut self, received: &Received) {
        debug_assert!(FORWARDED.contains(&received.signal));
        if !received.by_terminal {
            self.send(received.signal);
        }
        if received.signal == Signal::SIGHUP {
            self.workers
                .iter_mut()
                .for_each(|worker| worker.hung_up = true);
        } else if matches!(self.phase, Phase::Serving) {
            tracing::info!(
                "received {}, waiting for the workers to end",
                received.signal
            );
            self.phase = Phase::Stopping;
        }
    }

    /// Terminates the other workers, so that none is left without a supervisor.
    fn fail(&mut self, error: ForkError) {
        if matches!(self.phase, Phase::Serving) {
            tracing::error!("{error:#}");
            self.phase = Phase::Failed(error);
            self.send(Signal::SIGTERM);
        }
    }

    fn send(&self, signal: Signal) {
        for pid in self.workers.iter().filter_map(|worker| worker.pid) {
            // One that has just ended is found by `reap`.
            _ = kill(pid, signal);
        }
    }
}

/// Makes this process end when the supervisor does.
fn follow(supervisor: Pid) {
    #[cfg(target_os = "linux")]
    if let Err(errno) = nix::sys::prctl::set_pdeathsig(Signal::SIGTERM) {
        tracing::warn!("worker would outlive its supervisor: {errno}");
    }
    if getppid() != supervisor {
        // It died before it could be followed.
        process::exit(1);
    }
}

fn system(task: &'static str) -> impl FnOnce(Errno) -> ForkError {
    move |errno| Reason::System { task, errno }.into()
}
