//! Why work on a thread has no result.

use std::error::Error;
use std::fmt;
use std::io;

/// The error of a function that gave no result: it panicked, or its executor did not run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutorError {
    /// The message of the panic.
    panic: Option<String>,
}

impl ExecutorError {
    /// Tells whether the function panicked; otherwise it was never run.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.panic.is_some()
    }

    pub(super) fn panicked(message: &str) -> Self {
        Self {
            panic: Some(message.to_owned()),
        }
    }

    pub(super) fn not_run() -> Self {
        Self { panic: None }
    }
}

impl fmt::Display for ExecutorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.panic {
            Some(message) => write!(f, "panic in executor: {message}"),
            None => f.write_str(
                "the executor did not run the function: it was shut down, or the loop is gone",
            ),
        }
    }
}

impl Error for ExecutorError {}

impl From<ExecutorError> for io::Error {
    fn from(error: ExecutorError) -> Self {
        Self::other(error)
    }
}
