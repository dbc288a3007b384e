//! Numbers of signals.

use std::fmt;

use nix::sys::signal::Signal;

/// A signal, for [`IoLoop::add_signal_handler`](crate::IoLoop::add_signal_handler).
///
/// # Examples
///
/// ```
/// use waterspout_net::WatchedSignal;
///
/// assert_eq!(WatchedSignal::HANGUP.to_string(), "SIGHUP");
/// assert_eq!(WatchedSignal::from_number(15), WatchedSignal::TERMINATE);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WatchedSignal(i32);

impl WatchedSignal {
    /// SIGHUP: the terminal is gone; for servers, read the configuration anew.
    pub const HANGUP: Self = Self(Signal::SIGHUP as i32);
    /// SIGINT: Ctrl-C in a terminal.
    pub const INTERRUPT: Self = Self(Signal::SIGINT as i32);
    /// SIGQUIT: Ctrl-\ in a terminal.
    pub const QUIT: Self = Self(Signal::SIGQUIT as i32);
    /// SIGTERM: a service manager or `kill`.
    pub const TERMINATE: Self = Self(Signal::SIGTERM as i32);
    /// SIGUSR1: what the program makes of it.
    pub const USER1: Self = Self(Signal::SIGUSR1 as i32);
    /// SIGUSR2: what the program makes of it.
    pub const USER2: Self = Self(Signal::SIGUSR2 as i32);
    /// SIGCHLD: a child has ended or stopped.
    pub const CHILD: Self = Self(Signal::SIGCHLD as i32);
    /// SIGALRM: a timer of the system.
    pub const ALARM: Self = Self(Signal::SIGALRM as i32);
    /// SIGWINCH: the terminal has another size.
    pub const WINDOW_CHANGE: Self = Self(Signal::SIGWINCH as i32);

    /// Names any signal by its number.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }
}

impl fmt::Display for WatchedSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Signal::try_from(self.0) {
            Ok(signal) => f.write_str(signal.as_str()),
            Err(_) => write!(f, "signal {}", self.0),
        }
    }
}
