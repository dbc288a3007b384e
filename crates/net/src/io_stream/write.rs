//! Writing and closing.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};

use super::stream::Ended;
use super::{IoStream, StreamError};

impl IoStream {
    /// Writes all of `bytes`; completes when the kernel has taken them and all that waited before.
    ///
    /// # Errors
    ///
    /// [`StreamError::BufferFull`] if more than `max_write_buffer_size` octets would wait: nothing
    /// is taken then. [`StreamError::Closed`] if the stream is closed or breaks; what the peer sent
    /// before that can still be read.
    ///
    /// # Cancel safety
    ///
    /// Not atomic: at the first poll the kernel takes what it can and the rest is enqueued, and the
    /// next write or [`flush`](Self::flush) carries it on if this future is dropped before it
    /// completes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        self.admit(bytes.len())?;
        let mut bytes = Some(bytes);
        poll_fn(|cx| {
            if let Some(bytes) = bytes.take() {
                let sent = self.send_now(cx, bytes)?;
                if sent > 0 && sent == bytes.len() {
                    return Poll::Ready(Ok(()));
                }
                self.enqueue(&bytes[sent..]);
            }
            self.poll_flush(cx, &mut 0)
        })
        .await
        .map_err(|error| StreamError::Closed(Some(error)))
    }

    /// Writes all of `bytes`, of which large ones are not copied. As [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    pub async fn write_bytes(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.admit(bytes.len())?;
        let mut bytes = Some(bytes);
        poll_fn(|cx| {
            if let Some(mut bytes) = bytes.take() {
                let sent = self.send_now(cx, &bytes)?;
                if sent > 0 && sent == bytes.len() {
                    return Poll::Ready(Ok(()));
                }
                bytes.advance(sent);
                self.enqueue_bytes(bytes);
            }
            self.poll_flush(cx, &mut 0)
        })
        .await
        .map_err(|error| StreamError::Closed(Some(error)))
    }

    /// Hands octets to the socket from where they are, if none wait before them, and returns how many
    /// it took. So what goes out at once, which is nearly all, is not copied.
    #[inline]
    fn send_now(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> io::Result<usize> {
        // Encryption copies anyway, and holds back what must be flushed.
        if bytes.is_empty() || !self.is_flushed() || self.is_tls() {
            return Ok(0);
        }
        match self.transport.poll_write(cx, bytes) {
            Poll::Ready(Ok(sent)) => Ok(sent),
            Poll::Ready(Err(error)) => Err(self.write_failed(error)),
            Poll::Pending => Ok(0),
        }
    }

    /// Writes octets at once, past the output buffer, and returns how many the kernel took: none if
    /// something waits before them, or if the stream is encrypted. The rest is the caller's, who
    /// enqueues it and has the stream flushed.
    ///
    /// It is for those who send the same octets over many streams.
    ///
    /// # Errors
    ///
    /// The error of the socket.
    #[inline]
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_flushed() || self.ended == Ended::Closed {
            return Ok(0);
        }
        let tried = self.transport.try_write(bytes);
        tried.map_err(|error| self.write_failed(error))
    }

    /// Tells whether so many octets more may wait.
    #[inline]
    pub(super) fn admit(&self, count: usize) -> Result<(), StreamError> {
        if let Some(refusal) = self.write_refusal() {
            return Err(refusal);
        }
        let limit = self.limits(|config| config.max_write_buffer_size);
        if self.queued().saturating_add(count) > limit {
            return Err(StreamError::BufferFull { limit });
        }
        Ok(())
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
        poll_fn(|cx| self.poll_flush(cx, &mut 0))
            .await
            .map_err(|error| StreamError::Closed(Some(error)))
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
            .map_err(|error| StreamError::Closed(Some(error)))
    }

    /// Closes the stream after what waits has been written. What was read before stays readable;
    /// closing twice is allowed and changes nothing. Whether everything was written is then told by
    /// [`error`](Self::error).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the stream may be left open.
    pub async fn close(&mut self) {
        if self.ended == Ended::Closed {
            return;
        }
        // A peer that is gone already needs no farewell.
        _ = self.shutdown().await;
        self.ended = Ended::Closed;
        self.note_end();
    }

    /// Tells whether this side has closed the stream, or found it broken.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.write_refusal().is_some()
    }

    /// Tells whether octets wait to be written.
    #[must_use]
    pub fn writing(&self) -> bool {
        !self.is_flushed() || self.held_back() > 0 && !self.closed()
    }

    /// Returns how many of the octets that were written last wait encrypted for the socket.
    pub(super) fn held_back(&self) -> usize {
        self.transport.held_back()
    }
}
