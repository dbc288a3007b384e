//! One stream for several tasks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use bytes::Bytes;

use super::goal::{Goal, Into, Octets, Until, UntilClose, UntilRegex};
use super::sharing::{Reading, Shared, Writing, watch_end};
use super::{IoStream, ReadRegex, StreamError};
use crate::IoLoop;

/// One [`IoStream`] for several tasks of a loop: one of them reads, and any number write.
///
/// Clones are the same stream; when the last is dropped the connection is closed. The rules are
/// Tornado's: one read may be pending at a time, and another is an error; any number of writes may
/// be, and go out in the order in which they began; a close by one task ends the read and the writes
/// of the others.
///
/// # Examples
///
/// A task that reads while another writes:
///
/// ```
/// use waterspout_net::{IoLoop, IoStream, SharedStream};
///
/// IoLoop::new()?.run_sync(async {
///     let (one, other) = tokio::net::UnixStream::pair()?;
///     let stream = SharedStream::new(IoStream::from_unix(one));
///     let ticker = stream.clone();
///     IoLoop::current().spawn_callback(async move { ticker.write(b"tick\n").await });
///
///     let mut other = IoStream::from_unix(other);
///     assert_eq!(other.read_until(b"\n", 100).await?, "tick\n");
///     other.write(b"tock\n").await?;
///     assert_eq!(stream.read_until(b"\n", 100).await?, "tock\n");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedStream {
    shared: Rc<Shared>,
}

impl SharedStream {
    /// Shares a stream.
    #[must_use]
    pub fn new(stream: IoStream) -> Self {
        let queued = stream.queued() as u64;
        Self {
            shared: Rc::new(Shared {
                stream: RefCell::new(stream),
                reading: Cell::new(false),
                reader: Cell::default(),
                enqueued: Cell::new(queued),
                written: Cell::new(0),
                writers: RefCell::default(),
                watcher: Cell::default(),
                watched: Cell::new(false),
            }),
        }
    }

    /// Reads exactly `count` octets, as [`IoStream::read_bytes`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_bytes(&self, count: usize) -> Result<Bytes, StreamError> {
        let (least, most) = (count, count);
        self.read(Octets { least, most }).await
    }

    /// Reads at least one and at most `max` octets, as [`IoStream::read_partial`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_partial(&self, max: usize) -> Result<Bytes, StreamError> {
        let (least, most) = (max.min(1), max);
        self.read(Octets { least, most }).await
    }

    /// Fills `target`, as [`IoStream::read_into`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_into(&self, target: &mut [u8]) -> Result<(), StreamError> {
        let least = target.len();
        self.read(Into { target, least }).await.map(drop)
    }

    /// Reads at least one octet into `target`, as [`IoStream::read_into_partial`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_into_partial(&self, target: &mut [u8]) -> Result<usize, StreamError> {
        let least = target.len().min(1);
        self.read(Into { target, least }).await
    }

    /// Reads up to and including `delimiter`, as [`IoStream::read_until`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until(
        &self,
        delimiter: &[u8],
        max_bytes: usize,
    ) -> Result<Bytes, StreamError> {
        self.read(Until::new(delimiter, max_bytes)).await
    }

    /// Reads up to the end of the first match, as [`IoStream::read_until_regex`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until_regex(
        &self,
        regex: &ReadRegex,
        max_bytes: usize,
    ) -> Result<Bytes, StreamError> {
        let limit = max_bytes;
        self.read(UntilRegex { regex, limit }).await
    }

    /// Reads until the peer closes its direction, as [`IoStream::read_until_close`].
    ///
    /// # Errors
    ///
    /// As there, and [`StreamError::AlreadyReading`] if another read is pending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until_close(&self) -> Result<Bytes, StreamError> {
        self.read(UntilClose).await
    }

    /// Writes all of `bytes`; completes when the kernel has taken them.
    ///
    /// # Errors
    ///
    /// As [`IoStream::write`].
    ///
    /// # Cancel safety
    ///
    /// Not atomic: the octets are enqueued at the first poll; another write carries them on if this
    /// future is dropped.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), StreamError> {
        let until = self.admit(bytes.len())?;
        self.shared.stream.borrow_mut().enqueue(bytes);
        self.flush_to(until).await
    }

    /// Writes all of `bytes`, of which large ones are not copied. As [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`IoStream::write`].
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    pub async fn write_bytes(&self, bytes: Bytes) -> Result<(), StreamError> {
        let until = self.admit(bytes.len())?;
        self.shared.stream.borrow_mut().enqueue_bytes(bytes);
        self.flush_to(until).await
    }

    /// Waits until the kernel has taken everything that was enqueued before.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] with the real error if the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what is not written yet still waits.
    pub async fn flush(&self) -> Result<(), StreamError> {
        self.flush_to(self.shared.enqueued.get()).await
    }

    /// Writes what waits, also what others enqueue meanwhile, then closes the direction to the peer.
    ///
    /// # Errors
    ///
    /// As [`IoStream::shutdown`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn shutdown(&self) -> Result<(), StreamError> {
        self.flush().await?;
        while self.writing() {
            self.flush().await?;
        }
        let _writing = Writing(&self.shared);
        poll_fn(|cx| self.shared.poll_shutdown(cx)).await
    }

    /// Closes the stream at once. A read that is pending, and writes that wait, fail with
    /// [`StreamError::Closed`]; what was read before stays readable. Closing twice changes nothing.
    pub fn close(&self) {
        self.shared.stream.borrow_mut().close_now();
        self.shared.wake_all();
    }

    /// Closes the stream at once with the cause that reads and writes fail with from now on.
    pub fn close_with(&self, cause: io::Error) {
        self.shared.stream.borrow_mut().close_with(cause);
        self.shared.wake_all();
    }

    /// Has `callback` called once when the stream is at its end, or forgets the callback; see
    /// [`IoStream::set_close_callback`].
    ///
    /// A peer that goes away while nobody reads is seen as well: the stream reads ahead then, as
    /// long as nothing is buffered.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn set_close_callback(&self, callback: Option<Box<dyn FnOnce()>>) {
        let watch = callback.is_some() && !self.shared.watched.replace(true);
        self.shared.stream.borrow_mut().set_close_callback(callback);
        if watch {
            IoLoop::current().spawn_callback(watch_end(Rc::downgrade(&self.shared)));
        }
    }

    /// Tells whether a read is pending.
    #[must_use]
    pub fn reading(&self) -> bool {
        self.shared.reading.get()
    }

    /// Tells whether octets wait to be written.
    #[must_use]
    pub fn writing(&self) -> bool {
        self.shared.stream.borrow().writing()
    }

    /// Tells whether the stream was closed, or found broken.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.shared.stream.borrow().closed()
    }

    /// Calls `look` with the stream, to ask what has no method here.
    pub fn with<T>(&self, look: impl FnOnce(&IoStream) -> T) -> T {
        look(&self.shared.stream.borrow())
    }

    async fn read<G: Goal>(&self, mut goal: G) -> Result<G::Output, StreamError> {
        if self.shared.reading.replace(true) {
            return Err(StreamError::AlreadyReading);
        }
        let _reading = Reading(&self.shared);
        poll_fn(|cx| {
            let polled = self.shared.stream.borrow_mut().poll_goal(cx, &mut goal);
            match &polled {
                Poll::Pending => self.shared.reader.set(Some(cx.waker().clone())),
                // Those who write find the same error; the socket may never wake them.
                Poll::Ready(Err(_)) => self.shared.wake_writers(),
                Poll::Ready(Ok(_)) => {}
            }
            polled
        })
        .await
    }

    /// Counts octets that are enqueued next, and returns how many that are since the beginning.
    fn admit(&self, count: usize) -> Result<u64, StreamError> {
        self.shared.stream.borrow().admit(count)?;
        let until = self.shared.enqueued.get() + count as u64;
        self.shared.enqueued.set(until);
        Ok(until)
    }

    /// Waits until so many octets since the beginning are written.
    async fn flush_to(&self, until: u64) -> Result<(), StreamError> {
        let _writing = Writing(&self.shared);
        poll_fn(|cx| self.shared.poll_flush_to(cx, until)).await
    }
}

impl fmt::Debug for SharedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedStream")
            .field("reading", &self.reading())
            .field("stream", &self.shared.stream)
            .finish_non_exhaustive()
    }
}
