//! Why a child program could not be started, and how one failed.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::process::Command;

use nix::sys::signal::Signal;

use crate::causes;

/// The error of a child program whose exit code is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalledProcessError {
    returncode: i32,
}

impl CalledProcessError {
    pub(super) fn new(returncode: i32) -> Self {
        Self { returncode }
    }

    /// Returns the exit code, or the number of the signal that killed the child with a minus.
    #[must_use]
    pub fn returncode(&self) -> i32 {
        self.returncode
    }
}

impl fmt::Display for CalledProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.returncode >= 0 {
            return write!(f, "child process ended with exit code {}", self.returncode);
        }
        match Signal::try_from(-self.returncode) {
            Ok(signal) => write!(f, "child process was killed by {signal}"),
            Err(_) => write!(f, "child process was killed by signal {}", -self.returncode),
        }
    }
}

impl Error for CalledProcessError {}

impl From<CalledProcessError> for io::Error {
    fn from(error: CalledProcessError) -> Self {
        Self::other(error)
    }
}

/// Wraps the system's error so that it names the program and says what to do.
pub(super) fn cannot_start(command: &Command, error: io::Error) -> io::Error {
    let directory = command.get_current_dir().filter(|path| !path.is_dir());
    let advice = match (error.kind(), directory) {
        (_, Some(path)) => format!(": its working directory {} is not there", path.display()),
        (ErrorKind::NotFound, _) => {
            ": no such program; install it, or give the path to it".to_owned()
        }
        (ErrorKind::PermissionDenied, _) => {
            ": not allowed; make the file executable for this user".to_owned()
        }
        _ => String::new(),
    };
    let program = command.get_program().to_string_lossy().into_owned();
    io::Error::new(
        error.kind(),
        StartError {
            program,
            advice,
            error,
        },
    )
}

#[derive(Debug)]
struct StartError {
    program: String,
    advice: String,
    error: io::Error,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl StartError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start `{}`{}", self.program, self.advice)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
