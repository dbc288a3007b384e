//! tokio's traits, so that codecs and copies of that world work on a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::IoStream;

impl AsyncRead for IoStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if into.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.buffered().is_empty() && ready!(self.poll_fill(cx))? == 0 {
            return Poll::Ready(Ok(()));
        }
        let count = self.buffered().len().min(into.remaining());
        into.put_slice(&self.buffered()[..count]);
        self.took(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for IoStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(refusal) = self.write_refusal() {
            return Poll::Ready(Err(refusal.into()));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        // What was enqueued goes first. Then nothing is kept here: who writes to a socket expects it to
        // be on its way when the write is ready, without a flush.
        ready!(Self::poll_flush(&mut self, cx, &mut 0))?;
        let written = self.transport.poll_write(cx, bytes);
        written.map_err(|error| self.write_failed(error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Self::poll_flush(&mut self, cx, &mut 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Self::poll_shutdown(&mut self, cx)
    }
}
