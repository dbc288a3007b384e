//! Reading messages.

use std::io;

use bytes::Bytes;
use memchr::memmem;

use super::stream::Ended;
use super::{IoStream, StreamConfig, StreamError};

impl IoStream {
    /// Reads exactly `count` octets.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] if the stream ends first; what came stays buffered.
    /// [`StreamError::UnsatisfiableRead`] if `count` is more than `max_buffer_size`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_bytes(&mut self, count: usize) -> Result<Bytes, StreamError> {
        if count > self.max_buffer_size() {
            return Err(StreamError::UnsatisfiableRead {
                limit: self.max_buffer_size(),
            });
        }
        while self.buffered().len() < count {
            self.fill_more().await?;
        }
        Ok(self.take(count))
    }

    /// Reads at least one and at most `max` octets: what is there. Tornado's
    /// `read_bytes(partial=True)`.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] if the stream has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_partial(&mut self, max: usize) -> Result<Bytes, StreamError> {
        if self.buffered().is_empty() && max > 0 {
            self.fill_more().await?;
        }
        Ok(self.take(max.min(self.buffered().len())))
    }

    /// Reads up to and including `delimiter`, which must end within `max_bytes`.
    ///
    /// # Errors
    ///
    /// [`StreamError::UnsatisfiableRead`] if the delimiter does not end within the limit, even if it
    /// has come already; [`StreamError::Closed`] if the stream ends first. What came stays buffered.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until(
        &mut self,
        delimiter: &[u8],
        max_bytes: usize,
    ) -> Result<Bytes, StreamError> {
        let limit = max_bytes.min(self.max_buffer_size());
        let finder = memmem::Finder::new(delimiter);
        let mut searched = 0usize;
        loop {
            // The delimiter may straddle what was searched before and what came since.
            let from = searched.saturating_sub(delimiter.len().saturating_sub(1));
            if let Some(at) = finder.find(&self.buffered()[from..]) {
                let end = from + at + delimiter.len();
                if end > limit {
                    return Err(StreamError::UnsatisfiableRead { limit });
                }
                return Ok(self.take(end));
            }
            searched = self.buffered().len();
            if searched >= limit {
                return Err(StreamError::UnsatisfiableRead { limit });
            }
            self.fill_more().await?;
        }
    }

    /// Reads until the peer closes its direction.
    ///
    /// # Errors
    ///
    /// [`StreamError::UnsatisfiableRead`] if more than `max_buffer_size` octets come;
    /// [`StreamError::Closed`] with the real error if the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until_close(&mut self) -> Result<Bytes, StreamError> {
        let limit = self.max_buffer_size();
        while self
            .fill()
            .await
            .map_err(|error| StreamError::Closed(Some(error)))?
            > 0
        {
            if self.buffered().len() > limit {
                return Err(StreamError::UnsatisfiableRead { limit });
            }
        }
        Ok(self.take(self.buffered().len()))
    }

    fn take(&mut self, count: usize) -> Bytes {
        let taken = Bytes::copy_from_slice(&self.buffered()[..count]);
        self.consume(count);
        self.release_input();
        taken
    }

    async fn fill_more(&mut self) -> Result<(), StreamError> {
        match self.fill().await {
            Ok(0) => Err(StreamError::Closed(None)),
            Ok(_) => Ok(()),
            Err(error) => Err(self.broken(error)),
        }
    }

    pub(super) fn broken(&mut self, error: io::Error) -> StreamError {
        self.ended = Ended::Closed;
        StreamError::Closed(Some(error))
    }

    fn max_buffer_size(&self) -> usize {
        self.limits(|config| config.max_buffer_size)
    }

    pub(super) fn limits(&self, pick: impl FnOnce(&StreamConfig) -> usize) -> usize {
        match &self.config {
            Some(config) => pick(config),
            None => pick(&StreamConfig::default()),
        }
    }
}
