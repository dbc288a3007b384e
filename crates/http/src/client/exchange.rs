//! One request and the head of its response, over one connection.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, StatusCode};
use waterspout_net::IoStream;

use super::error::{FetchError, Timer};
use super::request::Options;
use super::sending::Sending;
use super::timers::Timers;
use crate::h1::response::{ReceivedHead, ResponseLimits, parse_response};

/// Interim responses before the final one, as Tornado 6.6.1.
const MAX_INTERIM: usize = 10;
/// How long a body waits for `100 Continue` (RFC 9110 §10.1.1 lets no client wait for ever).
const CONTINUE_WAIT: Duration = Duration::from_secs(1);

/// A request under way.
pub(super) struct Exchange<'r> {
    pub(super) stream: IoStream,
    pub(super) sending: Sending,
    pub(super) method: &'r Method,
    pub(super) options: &'r Options,
    pub(super) limits: ResponseLimits,
    interim: usize,
    /// An octet of a response has come.
    answered: bool,
    /// The buffer is worth parsing: a line end has come since the last time.
    line_came: bool,
}

/// Something that happened on the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// All of the request is sent, or the server takes no more.
    Sent,
    /// Some of the request went out.
    Progress,
    /// Octets came.
    Received,
    /// The server closed.
    Ended,
    /// It was waited long enough for `100 Continue`.
    Released,
}

impl<'r> Exchange<'r> {
    pub(super) fn new(
        stream: IoStream,
        sending: Sending,
        method: &'r Method,
        options: &'r Options,
        limits: ResponseLimits,
    ) -> Self {
        Self {
            stream,
            sending,
            method,
            options,
            limits,
            interim: 0,
            answered: false,
            line_came: false,
        }
    }

    /// Tells whether the server said nothing at all: on a connection that was used before, it had
    /// closed it, most likely.
    pub(super) fn is_unanswered(&self) -> bool {
        !self.answered
    }

    /// Sends the request, and reads up to the end of the response's head.
    pub(super) async fn run(&mut self, timers: &mut Timers) -> Result<ReceivedHead, FetchError> {
        let options = self.options;
        loop {
            let (timer, limit) = match (self.sending.is_open(), self.answered) {
                (false, false) => (Timer::FirstByte, options.first_byte_timeout),
                _ => (Timer::Idle, options.idle_timeout),
            };
            let step = timers.within(timer, limit, self.step()).await?;
            match step {
                Step::Sent | Step::Progress => {}
                Step::Released => self.sending.release(&mut self.stream),
                Step::Ended => return Err(self.ended(None)),
                Step::Received => {
                    if let Some(head) = self.read_head()? {
                        return Ok(head);
                    }
                }
            }
        }
    }

    async fn step(&mut self) -> Result<Step, FetchError> {
        if !self.sending.is_held() {
            return poll_fn(|cx| self.poll_step(cx)).await;
        }
        let waited = tokio::time::timeout(CONTINUE_WAIT, poll_fn(|cx| self.poll_step(cx))).await;
        waited.unwrap_or(Ok(Step::Released))
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, FetchError>> {
        let mut progress = 0;
        if self.sending.is_open() {
            match self.sending.poll(cx, &mut self.stream, &mut progress) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(Step::Sent)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
        let before = self.stream.buffered().len();
        match self.stream.poll_fill(cx) {
            Poll::Ready(Ok(0)) => Poll::Ready(Ok(Step::Ended)),
            Poll::Ready(Ok(_)) => {
                self.answered = true;
                self.line_came |= self.stream.buffered()[before..].contains(&b'\n');
                Poll::Ready(Ok(Step::Received))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.ended(Some(error)))),
            Poll::Pending if progress > 0 => Poll::Ready(Ok(Step::Progress)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Parses what came; interim responses are skipped (RFC 9110 §15.2).
    fn read_head(&mut self) -> Result<Option<ReceivedHead>, FetchError> {
        // A head that drips is not parsed anew for each octet.
        let buffered = self.stream.buffered().len();
        if !self.line_came && buffered > 16 && buffered < self.limits.head {
            return Ok(None);
        }
        self.line_came = false;
        while let Some((head, len)) = parse_response(self.stream.buffered(), &self.limits)? {
            self.stream.consume(len);
            let switches = head.status() == StatusCode::SWITCHING_PROTOCOLS;
            if !head.status().is_informational() || switches && self.options.upgrade {
                return Ok(Some(head));
            }
            if switches {
                return Err(FetchError::malformed("101 was not asked for"));
            }
            self.interim += 1;
            if self.interim > MAX_INTERIM {
                return Err(FetchError::malformed("too many 1xx responses"));
            }
            if head.status() == StatusCode::CONTINUE {
                self.sending.release(&mut self.stream);
            }
        }
        Ok(None)
    }

    fn ended(&mut self, error: Option<io::Error>) -> FetchError {
        let error = match &mut self.sending {
            Sending::Broken(broken) if error.is_none() => Some(broken.kind().into()),
            _ => error,
        };
        FetchError::closed("before the response was complete", error)
    }
}
