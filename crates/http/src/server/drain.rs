//! Stopping without losing anything.

/// What came of a drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy at the deadline and were cut off.
    pub aborted: usize,
}

impl Drained {
    /// Tells whether every request was answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.aborted == 0
    }
}
