//! One connection: its stream and its deadline, shared by the task, the driver and the exchange.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::ops::{Deref, Range};
use std::rc::Rc;
use std::task::{Context, Poll};

use waterspout_net::{Deadline, IoStream};

use super::pace::Pace;
use super::shared::{Shared, Stage};
use super::upgrade::{Lease, Upgraded};
use crate::h1::parse::{Head, Stop, check_partial, parse};
use crate::{Rejection, Request};

#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) stream: RefCell<IoStream>,
    pub(crate) shared: Slot,
    pub(crate) peer: Option<SocketAddr>,
    deadline: Deadline,
    /// What the deadline is set for.
    wait: Cell<Wait>,
    /// A body is being read, or the request is answered: [`poll_closed`] looks at nothing that arrives.
    ///
    /// [`poll_closed`]: Conn::poll_closed
    pub(crate) unwatched: Cell<bool>,
    /// The end of the connection will end a body that is not complete.
    pub(crate) end_completes: Cell<bool>,
    /// The stream is encrypted.
    pub(crate) secure: bool,
}

/// A place among the connections of a server.
#[derive(Debug)]
pub(crate) struct Slot(Rc<Shared>);

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Nothing,
    Request,
    Head,
    Body,
    Write,
    Linger,
}

/// What ended an idle wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    ByData,
    ToClose,
}

/// Octets of later requests that are read while a handler waits, to see the peer close.
const WATCH_AHEAD: usize = 16 * 1024;

impl Conn {
    pub(crate) fn new(stream: IoStream, peer: Option<SocketAddr>, shared: Rc<Shared>) -> Self {
        shared.opened();
        Self {
            secure: stream.is_tls(),
            stream: RefCell::new(stream),
            shared: Slot(shared),
            peer,
            deadline: Deadline::new(),
            wait: Cell::new(Wait::Nothing),
            unwatched: Cell::new(false),
            end_completes: Cell::new(false),
        }
    }

    /// Leaves HTTP: only the stream and the place among the server's connections stay.
    pub(crate) fn upgrade(self) -> Upgraded {
        Upgraded {
            lease: Lease::new(Rc::clone(&self.shared.0) as Rc<_>),
            stream: self.stream.into_inner(),
        }
    }

    /// Waits for the first octets of a request, with nothing in hand.
    #[inline]
    pub(crate) fn poll_request(&self, cx: &mut Context<'_>) -> Poll<Woken> {
        let polled = self.stream.borrow_mut().poll_fill(cx);
        match polled {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.wait.set(Wait::Nothing);
                return Poll::Ready(Woken::ByData);
            }
            Poll::Ready(_) => return Poll::Ready(Woken::ToClose),
            Poll::Pending => {}
        }
        if self.wait.get() != Wait::Request {
            self.arm(Wait::Request, self.shared.idle_ticks);
        }
        if self.shared.stage() > Stage::Serving || self.deadline.poll_expired(cx).is_ready() {
            return Poll::Ready(Woken::ToClose);
        }
        Poll::Pending
    }

    /// Tells whether a handshake has read on into the first request. Once a request is served nothing is left
    /// in the buffer where the connection is idle.
    pub(crate) fn has_read_ahead(&self) -> bool {
        !self.stream.borrow().buffered().is_empty()
    }

    /// Reads more, as long as the peer keeps `pace`. Ready with 0 at the end of the stream.
    pub(crate) fn poll_more(
        &self,
        cx: &mut Context<'_>,
        wait: Wait,
        pace: &mut Pace,
    ) -> Poll<io::Result<usize>> {
        let polled = self.stream.borrow_mut().poll_fill(cx);
        match polled {
            Poll::Ready(result) => {
                self.moved(wait, pace, result.as_ref().map_or(0, |count| *count as u64));
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_stalled(cx, wait, pace).map(Err),
        }
    }

    /// Writes what waits, as long as the peer keeps `pace`.
    #[inline]
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>, pace: &mut Pace) -> Poll<io::Result<()>> {
        let mut progress = 0;
        let polled = self.stream.borrow_mut().poll_flush(cx, &mut progress);
        if let Poll::Ready(result) = polled {
            if self.wait.get() == Wait::Write {
                self.wait.set(Wait::Nothing);
            }
            return Poll::Ready(result);
        }
        if progress > 0 {
            self.moved(Wait::Write, pace, progress);
        }
        self.poll_given_up(cx, Wait::Write, pace)
    }

    /// Sends octets of a file that are in memory as soon as the socket takes some, as long as the peer keeps
    /// `pace`; 0 if the first ones are not in memory.
    pub(crate) fn poll_send_file(
        &self,
        cx: &mut Context<'_>,
        file: &File,
        part: Range<u64>,
        pace: &mut Pace,
    ) -> Poll<io::Result<u64>> {
        let count = part.end - part.start;
        let mut stream = self.stream.borrow_mut();
        let polled = stream.poll_send_file(cx, file, part.start, count);
        drop(stream);
        if let Poll::Ready(result) = polled {
            self.moved(Wait::Write, pace, *result.as_ref().unwrap_or(&0));
            return Poll::Ready(result);
        }
        self.poll_given_up(cx, Wait::Write, pace)
    }

    /// Waits until the socket has room, as long as the peer keeps `pace`.
    pub(crate) fn poll_has_room(
        &self,
        cx: &mut Context<'_>,
        pace: &mut Pace,
    ) -> Poll<io::Result<()>> {
        let polled = self.stream.borrow_mut().poll_has_room(cx);
        if polled.is_ready() {
            self.moved(Wait::Write, pace, 0);
            return polled;
        }
        self.poll_given_up(cx, Wait::Write, pace)
    }

    /// Has the connection end with a reset, so that the system keeps nothing for a peer that takes
    /// nothing, and so that a part of a body is not taken for the whole.
    pub(crate) fn reset(&self) {
        if let Err(error) = self.stream.borrow().reset_on_close() {
            tracing::debug!("a connection could not be reset: {error}");
        }
    }

    /// Lets what is cut off not pass for whole: where the end of the connection ends the body, an orderly end
    /// would (RFC 9112 §8).
    pub(crate) fn cut_off(&self) {
        if self.end_completes.get() {
            self.reset();
        }
    }

    /// Closes the direction to the peer. The farewell of TLS needs room in the socket, which a peer that reads
    /// nothing does not make.
    pub(crate) fn poll_shutdown(
        &self,
        cx: &mut Context<'_>,
        pace: &mut Pace,
    ) -> Poll<io::Result<()>> {
        let polled = self.stream.borrow_mut().poll_shutdown(cx);
        if polled.is_ready() {
            self.moved(Wait::Linger, pace, 0);
            return polled;
        }
        self.poll_given_up(cx, Wait::Linger, pace)
    }

    fn moved(&self, wait: Wait, pace: &mut Pace, count: u64) {
        if self.wait.get() == wait {
            pace.moved(count, self.deadline.remaining_ticks());
            self.wait.set(Wait::Nothing);
        }
    }

    /// Ends the wait with a reset once the peer has been given long enough.
    fn poll_given_up<T>(&self, cx: &Context<'_>, wait: Wait, pace: &Pace) -> Poll<io::Result<T>> {
        self.poll_stalled(cx, wait, pace).map(|error| {
            self.reset();
            Err(error)
        })
    }

    fn poll_stalled(&self, cx: &Context<'_>, wait: Wait, pace: &Pace) -> Poll<io::Error> {
        if self.wait.get() != wait {
            self.arm(wait, pace.left());
        }
        self.deadline
            .poll_expired(cx)
            .map(|()| io::ErrorKind::TimedOut.into())
    }

    /// Has the task woken when the server's stage changes, whatever its driver waits for: a handler
    /// that never ends must not hold up a drain.
    pub(crate) fn watch_stage(&self, cx: &Context<'_>) {
        if self.deadline.poll_expired(cx).is_ready() {
            // Left behind by a wait that is over or was given up: who waits for it is not pending.
            self.wait.set(Wait::Nothing);
            self.deadline.clear();
            let _never = self.deadline.poll_expired(cx);
        }
    }

    /// Ends a wait for the socket that was given up in its middle, so that it is nobody's.
    pub(crate) fn end_write(&self) {
        if self.wait.get() == Wait::Write {
            self.wait.set(Wait::Nothing);
            self.deadline.clear();
        }
    }

    /// Sends what is complete while the driver waits for something else: the answers to earlier requests, or one
    /// whose handler goes on.
    pub(crate) fn send_complete(&self, cx: &mut Context<'_>) {
        // Whoever waits for the socket by itself is not overtaken.
        if self.wait.get() != Wait::Write {
            // An error is met again by whoever writes next.
            let _unfinished = self.stream.borrow_mut().poll_flush(cx, &mut 0);
        }
    }

    #[inline]
    fn arm(&self, wait: Wait, ticks: u32) {
        self.wait.set(wait);
        self.deadline.set_ticks(ticks);
    }

    /// Completes when the peer has closed or reset the connection while a handler works. It reads
    /// ahead a little to see that; it sees nothing while a body is open or much is unread, nor once the
    /// request is answered.
    pub(crate) fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.unwatched.get() {
            return Poll::Pending;
        }
        let mut stream = self.stream.borrow_mut();
        while stream.buffered().len() < WATCH_AHEAD {
            match stream.poll_fill(cx) {
                Poll::Ready(Ok(count)) if count > 0 => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Pending
    }

    /// Parses a head from what is buffered and consumes it.
    #[inline]
    pub(crate) fn parse_head(&self, request: &mut Request) -> Result<Head, Stop> {
        let mut stream = self.stream.borrow_mut();
        if stream.buffered().is_empty() {
            return Err(Stop::Partial);
        }
        let head = parse(stream.buffered(), &self.shared.limits, request)?;
        stream.consume(head.len);
        Ok(head)
    }

    /// Skips the one empty line that may precede a request line (RFC 9112 §2.2).
    #[inline]
    pub(crate) fn skip_empty_line(&self) -> EmptyLine {
        let mut stream = self.stream.borrow_mut();
        match stream.buffered() {
            [b'\r', b'\n', ..] => {
                stream.consume(2);
                EmptyLine::Skipped
            }
            [b'\r'] => EmptyLine::Incomplete,
            _ => EmptyLine::None,
        }
    }

    /// Tells whether a line ends beyond the first `searched` buffered octets.
    pub(crate) fn has_line_end_after(&self, searched: usize) -> bool {
        let stream = self.stream.borrow();
        stream
            .buffered()
            .get(searched..)
            .is_some_and(|new| memchr::memchr(b'\n', new).is_some())
    }

    /// Refuses a head that is not complete and too long already.
    pub(crate) fn check_limits(&self) -> Result<(), Rejection> {
        check_partial(self.stream.borrow().buffered(), &self.shared.limits)
    }

    /// Tells whether nothing read is unparsed; gives the input buffer back then.
    pub(crate) fn release_input(&self) -> bool {
        let mut stream = self.stream.borrow_mut();
        stream.release_input();
        stream.buffered().is_empty()
    }

    /// Forgets what has been read.
    pub(crate) fn discard_input(&self) {
        let mut stream = self.stream.borrow_mut();
        let count = stream.buffered().len();
        stream.consume(count);
    }
}

/// Whether an empty line stands before the request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmptyLine {
    None,
    Skipped,
    Incomplete,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.closed();
    }
}

impl Deref for Slot {
    type Target = Shared;

    #[inline]
    fn deref(&self) -> &Shared {
        &self.0
    }
}
