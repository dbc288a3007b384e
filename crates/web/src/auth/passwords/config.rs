/// What hashing a password costs, and how many are hashed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordConfig {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) threads: usize,
    pub(super) max_waiting: usize,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            threads: 1,
            max_waiting: 64,
        }
    }
}

impl PasswordConfig {
    /// Sets the memory of a hash, in KiB; values below 8 count as 8. Default: 19456.
    #[must_use]
    pub fn memory_kib(mut self, kib: u32) -> Self {
        self.memory_kib = kib.max(8);
        self
    }

    /// Sets how often the memory is gone through; 0 counts as 1. Default: 2.
    #[must_use]
    pub fn passes(mut self, passes: u32) -> Self {
        self.passes = passes.max(1);
        self
    }

    /// Sets how many hashes are computed at once in a worker; 0 counts as 1. Default: 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets how many hashes may wait or be computed in a worker; more are a 503. Default: 64.
    #[must_use]
    pub fn max_waiting(mut self, hashes: usize) -> Self {
        self.max_waiting = hashes;
        self
    }
}
