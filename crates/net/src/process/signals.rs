//! The signals that a supervisor lives by, received one after the other without handlers.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// The signals that are passed on to the workers.
pub(super) const FORWARDED: [Signal; 4] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
];

/// Blocks the supervisor's signals and hands them out. Dropping it restores what was blocked before.
#[derive(Debug)]
pub(super) struct Signals {
    previous: SigSet,
    source: Source,
}

/// A signal, and whether the workers have it too.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) signal: Signal,
    /// It came from the terminal, which sends to the whole group of processes.
    pub(super) by_terminal: bool,
}

impl Signals {
    pub(super) fn block() -> nix::Result<Self> {
        let mut set = SigSet::from_iter(FORWARDED);
        set.add(Signal::SIGCHLD);
        let previous = set.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        match Source::new(set) {
            Ok(source) => Ok(Self { previous, source }),
            Err(errno) => {
                previous.thread_set_mask()?;
                Err(errno)
            }
        }
    }

    /// Waits for the next signal.
    pub(super) fn wait(&self) -> nix::Result<Received> {
        self.source.wait()
    }

    /// Lets the signals through again that were let through before, in a worker.
    pub(super) fn restore(&self) {
        // Cannot fail: the mask is one that the kernel has given.
        _ = self.previous.thread_set_mask();
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.restore();
    }
}

use source::Source;

#[cfg(target_os = "linux")]
mod source {
    use nix::errno::Errno;
    use nix::libc::SI_KERNEL;
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::{SfdFlags, SignalFd};

    use super::Received;

    /// A descriptor, since it tells who has sent a signal.
    #[derive(Debug)]
    pub(super) struct Source(SignalFd);

    impl Source {
        pub(super) fn new(set: SigSet) -> nix::Result<Self> {
            SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC).map(Self)
        }

        pub(super) fn wait(&self) -> nix::Result<Received> {
            loop {
                match self.0.read_signal() {
                    Ok(Some(info)) => {
                        let number = i32::try_from(info.ssi_signo).map_err(|_| Errno::EINVAL)?;
                        let signal = Signal::try_from(number)?;
                        return Ok(Received {
                            signal,
                            by_terminal: info.ssi_code == SI_KERNEL,
                        });
                    }
                    Ok(None) | Err(Errno::EINTR) => {}
                    Err(errno) => return Err(errno),
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod source {
    use nix::sys::signal::SigSet;

    use super::Received;

    /// The set itself. Who has sent a signal is not told here.
    #[derive(Debug)]
    pub(super) struct Source(SigSet);

    impl Source {
        pub(super) fn new(set: SigSet) -> nix::Result<Self> {
            Ok(Self(set))
        }

        pub(super) fn wait(&self) -> nix::Result<Received> {
            Ok(Received {
                signal: self.0.wait()?,
                by_terminal: false,
            })
        }
    }
}
