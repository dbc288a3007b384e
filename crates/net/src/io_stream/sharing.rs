//! What the tasks at one stream share, and how they wake each other.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::ErrorKind;
use std::rc::Weak;
use std::task::{Context, Poll, Waker, ready};

use super::{IoStream, StreamError};

pub(super) struct Shared {
    pub(super) stream: RefCell<IoStream>,
    pub(super) reading: Cell<bool>,
    /// Woken when another task closes the stream.
    pub(super) reader: Cell<Option<Waker>>,
    /// Octets enqueued and octets written since the beginning.
    pub(super) enqueued: Cell<u64>,
    pub(super) written: Cell<u64>,
    /// The socket wakes one task only; each that waits for its octets is here.
    pub(super) writers: RefCell<Vec<Waker>>,
    pub(super) watcher: Cell<Option<Waker>>,
    pub(super) watched: Cell<bool>,
}

impl Shared {
    pub(super) fn poll_flush_to(
        &self,
        cx: &mut Context<'_>,
        until: u64,
    ) -> Poll<Result<(), StreamError>> {
        let mut stream = self.stream.borrow_mut();
        if self.is_out(&stream, until) {
            return Poll::Ready(Ok(()));
        }
        if let Some(refusal) = stream.write_refusal() {
            return Poll::Ready(Err(refusal));
        }
        let mut progress = 0;
        let polled = stream.poll_flush(cx, &mut progress);
        self.written.set(self.written.get() + progress);
        let is_out = self.is_out(&stream, until);
        drop(stream);
        if progress > 0 || polled.is_ready() {
            self.wake_writers();
        }
        match polled {
            Poll::Ready(Ok(())) => {
                // Also what was not counted here, having waited when the stream was shared.
                self.written.set(self.enqueued.get());
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(StreamError::Closed(Some(error)))),
            Poll::Pending if is_out => Poll::Ready(Ok(())),
            Poll::Pending => {
                self.wait_to_write(cx.waker());
                Poll::Pending
            }
        }
    }

    /// Tells whether the kernel has taken so many octets since the beginning.
    fn is_out(&self, stream: &IoStream, until: u64) -> bool {
        self.written.get() >= until + stream.held_back() as u64
    }

    /// Closes the direction to the peer when nothing waits to be written any more.
    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let polled = self.stream.borrow_mut().poll_shutdown(cx);
        if polled.is_pending() {
            self.wait_to_write(cx.waker());
        }
        polled.map_err(|error| StreamError::Closed(Some(error)))
    }

    /// Reads ahead while nobody else does, to see the end; at the writing end of a pipe, waits for its
    /// readers to go.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.watcher.set(Some(cx.waker().clone()));
        let mut stream = self.stream.borrow_mut();
        if !stream.is_read() {
            if stream.closed() {
                return Poll::Ready(());
            }
            ready!(stream.poll_abandoned(cx));
            stream.close_with(ErrorKind::BrokenPipe.into());
            drop(stream);
            self.wake_writers();
            return Poll::Ready(());
        }
        if self.reading.get() || !stream.buffered().is_empty() {
            return Poll::Pending;
        }
        let filled = stream.poll_fill(cx);
        drop(stream);
        match filled {
            Poll::Ready(Err(_)) => {
                self.wake_writers();
                Poll::Ready(())
            }
            Poll::Ready(Ok(0)) => Poll::Ready(()),
            Poll::Ready(Ok(_)) | Poll::Pending => Poll::Pending,
        }
    }

    fn wait_to_write(&self, waker: &Waker) {
        let mut writers = self.writers.borrow_mut();
        // A task that polls for another reason than the stream is here already.
        if !writers.iter().any(|waiting| waiting.will_wake(waker)) {
            writers.push(waker.clone());
        }
    }

    pub(super) fn wake_writers(&self) {
        self.writers.take().into_iter().for_each(Waker::wake);
    }

    pub(super) fn wake_all(&self) {
        self.wake_writers();
        [self.reader.take(), self.watcher.take()]
            .into_iter()
            .flatten()
            .for_each(Waker::wake);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.wake_all();
    }
}

/// A read that is pending.
pub(super) struct Reading<'a>(pub(super) &'a Shared);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.reading.set(false);
        self.0.reader.take();
        if let Some(watcher) = self.0.watcher.take() {
            watcher.wake();
        }
    }
}

/// A write that waits. When it is dropped, another must take over the watch on the socket.
pub(super) struct Writing<'a>(pub(super) &'a Shared);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.wake_writers();
    }
}

pub(super) async fn watch_end(shared: Weak<Shared>) {
    poll_fn(|cx| match shared.upgrade() {
        Some(shared) => shared.poll_end(cx),
        None => Poll::Ready(()),
    })
    .await;
}
