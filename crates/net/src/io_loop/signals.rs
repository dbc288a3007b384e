//! The signals that ask a server to stop.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the first SIGTERM or SIGINT since the call, and returns which it was.
///
/// To see a second one too, keep a [`ShutdownSignals`].
///
/// # Errors
///
/// The error of the system if the handlers cannot be installed.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// A signal that comes between two calls is missed; [`ShutdownSignals`] misses none.
///
/// # Examples
///
/// ```no_run
/// use waterspout_net::{IoLoop, shutdown_signal};
///
/// let signal = IoLoop::new()?.run_sync(shutdown_signal())?;
/// println!("stopped by {signal}");
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn shutdown_signal() -> io::Result<ShutdownSignal> {
    Ok(ShutdownSignals::install()?.recv().await)
}

/// Receives every SIGTERM and SIGINT from its making on.
///
/// The first asks for a graceful end; whoever presses Ctrl-C again wants the end at once. A second
/// SIGTERM means less: a service manager may send one to each process of the service, and the
/// supervisor of [`fork_processes`](crate::fork_processes) passes its own on as well. From the making on the process no longer ends by itself at these signals, also when this is dropped.
///
/// # Examples
///
/// ```
/// use nix::sys::signal::{Signal, raise};
/// use waterspout_net::{IoLoop, ShutdownSignal, ShutdownSignals};
///
/// IoLoop::new()?.run_sync(async {
///     let mut signals = ShutdownSignals::install()?;
///     raise(Signal::SIGTERM)?;
///     assert_eq!(signals.recv().await, ShutdownSignal::Terminate);
///     raise(Signal::SIGINT)?;
///     assert_eq!(signals.recv().await, ShutdownSignal::Interrupt);
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ShutdownSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl ShutdownSignals {
    /// Installs the handlers on the running loop.
    ///
    /// # Errors
    ///
    /// The error of the system if the handlers cannot be installed.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn install() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal. Of several equal ones in quick succession one may be seen.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no signal is lost.
    pub async fn recv(&mut self) -> ShutdownSignal {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Polls for the next signal.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<ShutdownSignal> {
        if self.terminate.poll_recv(cx).is_ready() {
            return Poll::Ready(ShutdownSignal::Terminate);
        }
        self.interrupt
            .poll_recv(cx)
            .map(|_| ShutdownSignal::Interrupt)
    }
}

/// A signal that asks a server to stop.
///
/// # Examples
///
/// ```
/// use waterspout_net::ShutdownSignal;
///
/// assert_eq!(ShutdownSignal::Terminate.to_string(), "SIGTERM");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShutdownSignal {
    /// SIGTERM, from a service manager or `kill`.
    Terminate,
    /// SIGINT, from Ctrl-C in a terminal.
    Interrupt,
}

impl fmt::Display for ShutdownSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        })
    }
}
