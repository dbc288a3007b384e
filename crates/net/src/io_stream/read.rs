//! Reading messages.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::goal::{Goal, Into, Octets, Until, UntilClose, UntilRegex};
use super::{IoStream, ReadRegex, StreamConfig, StreamError};

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
        let goal = Octets {
            least: count,
            most: count,
        };
        self.read_goal(goal).await
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
        let goal = Octets {
            least: max.min(1),
            most: max,
        };
        self.read_goal(goal).await
    }

    /// Fills `target`, whose length decides how many octets are read. Tornado's `read_into`.
    ///
    /// The octets are gathered in the stream until all have come and are then copied, so a read
    /// that is dropped leaves `target` as it was.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] if the stream ends first; what came stays buffered.
    /// [`StreamError::UnsatisfiableRead`] if `target` is longer than `max_buffer_size`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, other) = tokio::net::UnixStream::pair()?;
    ///     let (mut one, mut other) = (IoStream::from_unix(one), IoStream::from_unix(other));
    ///     one.write(b"head, body").await?;
    ///     let mut head = [0; 6];
    ///     other.read_into(&mut head).await?;
    ///     let mut rest = [0; 64];
    ///     let count = other.read_into_partial(&mut rest).await?;
    ///     assert_eq!((&head, &rest[..count]), (b"head, ", &b"body"[..]));
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn read_into(&mut self, target: &mut [u8]) -> Result<(), StreamError> {
        let least = target.len();
        self.read_goal(Into { target, least }).await.map(drop)
    }

    /// Reads at least one octet into `target` and returns how many came. Tornado's
    /// `read_into(partial=True)`.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] if the stream has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_into_partial(&mut self, target: &mut [u8]) -> Result<usize, StreamError> {
        let least = target.len().min(1);
        self.read_goal(Into { target, least }).await
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
        self.read_goal(Until::new(delimiter, max_bytes)).await
    }

    /// Reads up to the end of the first match of `regex`, which must end within `max_bytes`.
    ///
    /// The expression is tried whenever octets come, from the beginning of what is buffered, on what
    /// is there: `[0-9]+` may match a part of a number. End it with what comes after.
    ///
    /// # Errors
    ///
    /// As [`read_until`](Self::read_until).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, IoStream, ReadRegex};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, other) = tokio::net::UnixStream::pair()?;
    ///     let (mut one, mut other) = (IoStream::from_unix(one), IoStream::from_unix(other));
    ///     one.write(b"name: value\r\n\nbody").await?;
    ///     let blank_line = ReadRegex::new(r"\r?\n\r?\n").expect("a correct expression");
    ///     assert_eq!(other.read_until_regex(&blank_line, 1024).await?, "name: value\r\n\n");
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn read_until_regex(
        &mut self,
        regex: &ReadRegex,
        max_bytes: usize,
    ) -> Result<Bytes, StreamError> {
        let limit = max_bytes;
        self.read_goal(UntilRegex { regex, limit }).await
    }

    /// Reads until the peer closes its direction. On a stream that this side closed it returns what
    /// is buffered, be it nothing.
    ///
    /// # Errors
    ///
    /// [`StreamError::UnsatisfiableRead`] if more than `max_buffer_size` octets come;
    /// [`StreamError::Closed`] with the real error if the connection breaks: what came before is no
    /// whole message then, and stays buffered.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has been read stays buffered.
    pub async fn read_until_close(&mut self) -> Result<Bytes, StreamError> {
        self.read_goal(UntilClose).await
    }

    /// No async function: it would hold the goal twice.
    #[inline]
    fn read_goal<G: Goal>(
        &mut self,
        mut goal: G,
    ) -> impl Future<Output = Result<G::Output, StreamError>> {
        poll_fn(move |cx| self.poll_goal(cx, &mut goal))
    }

    /// Reads until the goal is reached or the stream ends.
    #[inline]
    pub(super) fn poll_goal<G: Goal>(
        &mut self,
        cx: &mut Context<'_>,
        goal: &mut G,
    ) -> Poll<Result<G::Output, StreamError>> {
        loop {
            if let Some(reached) = goal.step(self) {
                return Poll::Ready(reached);
            }
            match ready!(self.poll_fill(cx)) {
                Ok(0) => return Poll::Ready(goal.at_end(self)),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(StreamError::Closed(Some(error)))),
            }
        }
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Bytes {
        let taken = Bytes::copy_from_slice(&self.buffered()[..count]);
        self.took(count);
        taken
    }

    /// Forgets octets that a message was made of.
    #[inline]
    pub(super) fn took(&mut self, count: usize) {
        self.consume(count);
        self.release_input();
        self.note_end();
    }

    pub(super) fn max_buffer_size(&self) -> usize {
        self.limits(|config| config.max_buffer_size)
    }

    pub(super) fn limits(&self, pick: impl FnOnce(&StreamConfig) -> usize) -> usize {
        match &self.config {
            Some(config) => pick(config),
            None => pick(&StreamConfig::default()),
        }
    }
}
