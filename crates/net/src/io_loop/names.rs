//! What asyncio, and Tornado of old, call the things that a loop does.

use std::future::Future;

use super::IoLoop;

impl IoLoop {
    /// Does what [`start`](Self::start) does, under asyncio's name.
    ///
    /// # Panics
    ///
    /// As [`run_sync`](Self::run_sync).
    #[track_caller]
    pub fn run_forever(&self) {
        self.start();
    }

    /// Does what [`run_sync`](Self::run_sync) does, under asyncio's name.
    ///
    /// # Panics
    ///
    /// As [`run_sync`](Self::run_sync).
    #[track_caller]
    pub fn run_until_complete<F: Future>(&self, future: F) -> F::Output {
        self.run_sync(future)
    }

    /// Does what [`current`](Self::current) does, under the name of Tornado before version 5.
    ///
    /// There is no loop that belongs to the process: each thread has its own.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    #[track_caller]
    pub fn instance() -> Self {
        Self::current()
    }
}
