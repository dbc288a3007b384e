//! The output buffer of a stream.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};

use super::transport::Transport;
use crate::pool::BufferPool;

/// A body of this size or more goes out by itself instead of being copied.
const COPY_BELOW: usize = 4 * 1024;

/// Slices handed to the kernel in one call at the most.
const MAX_SLICES: usize = 16;

/// Bytes that wait for the socket: segments that go out without a copy, then the tail.
///
/// Empty means that there may be no tail block: an idle stream owns none.
#[derive(Debug, Default)]
pub(crate) struct Output {
    #[expect(
        clippy::box_collection,
        reason = "most streams never have one; it must cost a word"
    )]
    segments: Option<Box<VecDeque<Bytes>>>,
    tail: Vec<u8>,
    /// Octets of the tail that are written.
    sent: usize,
}

impl Output {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.tail.len() - self.sent
            + self
                .segments
                .as_ref()
                .map_or(0, |queue| segments_len(queue))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.segments.is_none()
    }

    /// The vector that small pieces are appended to.
    #[inline]
    pub(crate) fn tail(&mut self, pool: &BufferPool) -> &mut Vec<u8> {
        if self.tail.capacity() == 0 {
            self.tail = pool.take_output();
        }
        &mut self.tail
    }

    pub(crate) fn push(&mut self, bytes: Bytes, pool: &BufferPool) {
        if bytes.len() < COPY_BELOW {
            self.tail(pool).extend_from_slice(&bytes);
            return;
        }
        let queue = self.segments.get_or_insert_default();
        if self.tail.len() > self.sent {
            queue.push_back(Bytes::copy_from_slice(&self.tail[self.sent..]));
        }
        self.tail.clear();
        self.sent = 0;
        queue.push_back(bytes);
    }

    /// Writes until nothing is left or the socket takes no more. Reports the octets written so far
    /// through `progress`, also when it ends in `Pending`.
    #[inline]
    pub(crate) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        transport: &mut Transport,
        pool: &BufferPool,
        progress: &mut u64,
    ) -> Poll<io::Result<()>> {
        while self.segments.is_some() {
            let count = ready!(self.poll_write_segments(cx, transport))?;
            *progress += count as u64;
        }
        while self.sent < self.tail.len() {
            let count = ready!(transport.poll_write(cx, &self.tail[self.sent..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *progress += count as u64;
            self.sent += count;
        }
        self.release(pool);
        transport.poll_flush(cx)
    }

    /// Hands the tail to the socket, if nothing waits before it, without asking the runtime first.
    #[inline]
    pub(crate) fn write_now(
        &mut self,
        transport: &Transport,
        progress: &mut u64,
    ) -> io::Result<()> {
        if self.segments.is_none() {
            let count = transport.try_write(&self.tail[self.sent..])?;
            *progress += count as u64;
            self.sent += count;
        }
        Ok(())
    }

    fn poll_write_segments(
        &mut self,
        cx: &mut Context<'_>,
        transport: &mut Transport,
    ) -> Poll<io::Result<usize>> {
        let Some(queue) = &mut self.segments else {
            return Poll::Ready(Ok(0));
        };
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let tail = std::iter::once(&self.tail[self.sent..]);
        let used = slices
            .iter_mut()
            .zip(queue.iter().map(|segment| &segment[..]).chain(tail))
            .map(|(slice, bytes)| *slice = IoSlice::new(bytes))
            .count();
        let count = ready!(transport.poll_write_vectored(cx, &slices[..used]))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        let mut left = count;
        while let Some(front) = queue.front_mut() {
            let taken = left.min(front.len());
            front.advance(taken);
            left -= taken;
            if !front.is_empty() {
                break;
            }
            queue.pop_front();
        }
        self.sent += left;
        if queue.is_empty() {
            self.segments = None;
        }
        Poll::Ready(Ok(count))
    }

    /// What waits, if it is all in the tail.
    pub(crate) fn lone_tail(&self) -> Option<&[u8]> {
        let tail = self.tail.get(self.sent..).filter(|tail| !tail.is_empty());
        tail.filter(|_| self.segments.is_none())
    }

    /// Notes that so many octets of the tail are written.
    pub(crate) fn wrote(&mut self, count: usize, pool: &BufferPool) {
        self.sent += count;
        if self.sent >= self.tail.len() {
            self.release(pool);
        }
    }

    /// Gives the tail back if everything is written.
    fn release(&mut self, pool: &BufferPool) {
        self.sent = 0;
        pool.give_output(std::mem::take(&mut self.tail));
    }

    /// Forgets everything that waits.
    pub(crate) fn discard(&mut self, pool: &BufferPool) {
        self.segments = None;
        self.release(pool);
    }
}

fn segments_len(queue: &VecDeque<Bytes>) -> usize {
    queue.iter().map(Bytes::len).sum()
}
