//! Limits of a stream.

/// Limits of an [`IoStream`](super::IoStream).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamConfig {
    /// Octets that one read may gather in the input buffer. Default: 104,857,600 (100 MiB), as
    /// Tornado's.
    pub max_buffer_size: usize,
    /// Octets that may wait in the output buffer before a write is refused. Default: no limit, as
    /// Tornado's; memory is bounded by awaiting each write.
    pub max_write_buffer_size: usize,
}

impl StreamConfig {
    /// Sets how many octets one read may gather. Default: 100 MiB.
    #[must_use]
    pub fn max_buffer_size(mut self, octets: usize) -> Self {
        self.max_buffer_size = octets;
        self
    }

    /// Sets how many octets may wait for the socket. Default: no limit.
    #[must_use]
    pub fn max_write_buffer_size(mut self, octets: usize) -> Self {
        self.max_write_buffer_size = octets;
        self
    }
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            max_buffer_size: 100 * 1024 * 1024,
            max_write_buffer_size: usize::MAX,
        }
    }
}
