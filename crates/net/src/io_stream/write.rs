//! Writing and closing.

use std::future::poll_fn;

use super::stream::Ended;
use super::{IoStream, StreamError};

impl IoStream {
    /// Writes all of `bytes`; completes when the kernel has taken them and all that waited before.
    ///
    /// # Errors
    ///
    /// [`StreamError::BufferFull`] if more than `max_write_buffer_size` octets would wait: nothing
    /// is taken then. [`StreamError::Closed`] if the stream is closed or breaks.
    ///
    /// # Cancel safety
    ///
    /// Not atomic: the octets are enqueued at the first poll, and the next write or
    /// [`flush`](Self::flush) carries them on if this future is dropped before it completes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        let limit = self.limits(|config| config.max_write_buffer_size);
        if self.ended == Ended::Closed {
            return Err(StreamError::Closed(None));
        }
        if self.queued().saturating_add(bytes.len()) > limit {
            return Err(StreamError::BufferFull { limit });
        }
        self.enqueue(bytes);
        self.flush().await
    }

    /// Waits until the kernel has taken everything that was enqueued.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] with the real error if the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what is not written yet still waits.
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        let flushed = poll_fn(|cx| self.poll_flush(cx, &mut 0)).await;
        flushed.map_err(|error| {
            self.output.discard(self.state.buffers());
            self.broken(error)
        })
    }

    /// Writes what waits, then closes the direction to the peer. What the peer sends can still be
    /// read.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] with the real error if the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn shutdown(&mut self) -> Result<(), StreamError> {
        poll_fn(|cx| self.poll_shutdown(cx))
            .await
            .map_err(|error| self.broken(error))
    }

    /// Closes the stream after what waits has been written. What was read before stays readable;
    /// closing twice is allowed and changes nothing.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the stream may be left open.
    pub async fn close(&mut self) {
        if self.ended == Ended::Closed {
            return;
        }
        // A peer that is gone already needs no farewell.
        if self.shutdown().await.is_ok() {
            self.ended = Ended::Closed;
        }
    }

    /// Tells whether this side has closed the stream, or found it broken.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.ended == Ended::Closed
    }

    /// Tells whether octets wait to be written.
    #[must_use]
    pub fn writing(&self) -> bool {
        !self.is_flushed()
    }
}
