//! How a stream ended, and who wants to know.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::stream::Ended;
use super::transport::Transport;
use super::{IoStream, StreamError};
use crate::IoLoop;

/// What only few streams have: a cause of their end, and a callback that waits for it.
#[derive(Default)]
pub(super) struct Fate {
    cause: Option<Arc<io::Error>>,
    on_close: Option<Box<dyn FnOnce()>>,
}

impl fmt::Debug for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fate")
            .field("cause", &self.cause)
            .field("on_close", &self.on_close.is_some())
            .finish()
    }
}

impl IoStream {
    /// Returns the error that ended this stream, or `None` if it is open or ended in order.
    ///
    /// The first error counts: that of the socket, or the one given to
    /// [`close_with`](Self::close_with). Tornado's `stream.error`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, _other) = tokio::net::UnixStream::pair()?;
    ///     let mut stream = IoStream::from_unix(one);
    ///     stream.close_with(Error::new(ErrorKind::InvalidData, "not our protocol"));
    ///     assert_eq!(stream.error().unwrap().to_string(), "not our protocol");
    ///     assert!(stream.read_bytes(1).await.unwrap_err().is_closed());
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn error(&self) -> Option<&io::Error> {
        self.fate.as_ref()?.cause.as_deref()
    }

    /// Has `callback` called once when the stream is at its end, or forgets the callback.
    ///
    /// The end is a broken connection, the peer's end after the last buffered octet was read, a
    /// close by this side, or the stream's drop. The loop calls it in its next pass, never inside
    /// the call that finds the end; if the stream is at its end already, that is now. An `IoStream`
    /// finds out by reading and writing only; a [`SharedStream`](super::SharedStream) watches for
    /// it. What this side or [`close_with`](Self::close_with) found is [`error`](Self::error).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let (one, other) = tokio::net::UnixStream::pair()?;
    ///     let (mut stream, called) = (IoStream::from_unix(one), Rc::new(Cell::new(false)));
    ///     let flag = Rc::clone(&called);
    ///     stream.set_close_callback(Some(Box::new(move || flag.set(true))));
    ///     drop(other);
    ///     assert!(stream.read_bytes(1).await.is_err());
    ///     tokio::task::yield_now().await;
    ///     assert!(called.get());
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_close_callback(&mut self, callback: Option<Box<dyn FnOnce()>>) {
        if callback.is_some() || self.fate.is_some() {
            self.fate.get_or_insert_default().on_close = callback;
        }
        self.note_end();
    }

    /// Closes the stream at once with `cause`: what waits to be written is dropped, and reads and
    /// writes from now on fail with that cause. What was read before stays readable. On a stream
    /// that has an error already, the first one stays.
    ///
    /// Tornado's `close(exc_info)`.
    pub fn close_with(&mut self, cause: io::Error) {
        self.record(cause);
        self.close_now();
    }

    /// Closes the stream without waiting for anything.
    pub(crate) fn close_now(&mut self) {
        if let Transport::Tls(layer) = &self.transport
            && !self.output.is_empty()
        {
            // The peer must be able to tell that something is missing.
            layer.omit_farewell();
        }
        self.output.discard(self.state.buffers());
        if self.ended != Ended::Closed {
            self.ended = Ended::Closed;
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            // Whether the peer still hears of it makes no difference to a closed stream.
            _ = self.transport.poll_shutdown(&mut cx);
        }
        self.note_end();
    }

    /// Keeps the first cause.
    #[cold]
    pub(super) fn record(&mut self, cause: io::Error) {
        let fate = self.fate.get_or_insert_default();
        fate.cause.get_or_insert_with(|| Arc::new(cause));
    }

    /// Ends the reading side with the error of the socket, and gives that error on.
    #[cold]
    pub(super) fn read_failed(&mut self, error: io::Error) -> io::Error {
        self.record(error);
        self.ended = Ended::Closed;
        self.note_end();
        self.cause_or_eof()
    }

    /// Drops what cannot be written any more. What the peer sent before can still be read.
    #[cold]
    pub(super) fn write_failed(&mut self, error: io::Error) -> io::Error {
        self.record(error);
        self.output.discard(self.state.buffers());
        if !self.is_read() {
            self.ended = Ended::Closed;
            self.note_end();
        }
        self.cause_or_eof()
    }

    /// What a read finds behind the last octet: nothing, or the error that ended the stream.
    #[cold]
    pub(super) fn at_end(&mut self) -> io::Result<usize> {
        if self.ended == Ended::No {
            self.ended = Ended::ByPeer;
        }
        self.note_end();
        match self.cause_again() {
            Some(cause) => Err(cause),
            None => Ok(0),
        }
    }

    /// Says why nothing can be written, or `None` if it can.
    #[inline]
    pub(super) fn write_refusal(&self) -> Option<StreamError> {
        if self.ended != Ended::Closed && self.fate.is_none() {
            return None;
        }
        let cause = self.cause_again();
        (self.ended == Ended::Closed || cause.is_some()).then_some(StreamError::Closed(cause))
    }

    /// Calls the callback if the stream is at its end.
    #[inline]
    pub(super) fn note_end(&mut self) {
        if self.fate.is_some() {
            self.note_end_for_callback();
        }
    }

    #[cold]
    fn note_end_for_callback(&mut self) {
        let at_end = match self.ended {
            Ended::No => false,
            Ended::ByPeer => self.input.len() == 0,
            Ended::Closed => true,
        };
        if at_end {
            self.run_close_callback();
        }
    }

    /// Hands the callback to the loop.
    pub(super) fn run_close_callback(&mut self) {
        let callback = self.fate.as_mut().and_then(|fate| fate.on_close.take());
        if let (Some(callback), Some(io_loop)) = (callback, IoLoop::try_current()) {
            io_loop.add_callback(callback);
        }
    }

    fn cause_or_eof(&self) -> io::Error {
        self.cause_again()
            .unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Makes the error anew: one is returned, and one stays.
    fn cause_again(&self) -> Option<io::Error> {
        let cause = self.fate.as_ref()?.cause.as_ref()?;
        Some(match cause.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(cause.kind(), Cause(Arc::clone(cause))),
        })
    }
}

/// An error that several callers get.
#[derive(Debug)]
struct Cause(Arc<io::Error>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
