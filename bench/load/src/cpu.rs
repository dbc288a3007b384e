//! CPU time of another process, in nanoseconds, from the scheduler's own accounts.

use std::io::{Error, Result};

/// The CPU time of a process at one moment.
#[derive(Debug)]
pub(crate) struct Clock {
    pid: Option<u32>,
    nanos: u64,
}

impl Clock {
    /// Reads the time used so far by all threads of the process; always 0 without one.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub(crate) fn of(pid: Option<u32>) -> Result<Self> {
        let nanos = pid.map_or(Ok(0), nanos)?;
        Ok(Self { pid, nanos })
    }

    /// Time used since.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub(crate) fn elapsed(&self) -> Result<u64> {
        Ok(Self::of(self.pid)?.nanos - self.nanos)
    }
}

fn nanos(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let first = text
            .split_whitespace()
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        sum += first.ok_or_else(|| Error::other("schedstat has no first number"))?;
    }
    Ok(sum)
}
