//! A response that events are written to.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::Method;
use waterspout_http::Stage;
use waterspout_net::{Deadline, ticks};

use super::event::{ServerEvent, comment};
use crate::context::Context;
use crate::error::{Error, Misuse, Result};

/// A response of server-sent events. Made by [`Context::event_stream`].
///
/// Each [`send`](Self::send) waits until the socket has taken the event: a client that does not read
/// holds up its own handler, and nothing is queued. While the handler has nothing to say it waits by
/// [`wait`](Self::wait), which keeps the connection alive with comments and sees the server drain. When
/// the client leaves, the handler is dropped like any other.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout::{Application, Context, Result, ServerEvent};
///
/// async fn clock(cx: &mut Context) -> Result {
///     let mut events = cx.event_stream()?;
///     let mut second: u64 = match events.last_event_id() {
///         Some(id) => id.parse()?, // the client connects again: go on where it was
///         None => 0,
///     };
///     while events.wait(tokio::time::sleep(Duration::from_secs(1))).await?.is_some() {
///         second += 1;
///         events.send(ServerEvent::new(format!("{second} s")).id(second.to_string())).await?;
///     }
///     Ok(())
/// }
///
/// let app = Application::new(()).get("/clock", clock);
/// # drop(app);
/// ```
pub struct EventStream<'a, S = ()> {
    cx: &'a mut Context<S>,
    /// When a comment is due, once anything was sent.
    deadline: Deadline,
    keep_alive: Option<u32>,
    is_armed: bool,
    end: End,
    scratch: String,
}

/// Whether the stream is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    NotYet,
    /// The handler knows.
    Told,
}

/// What a wait ended with.
enum Step<T> {
    Done(T),
    Quiet,
    Ended,
}

/// Proxies close what is silent for a minute, as nginx does by default.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl<S> Context<S> {
    /// Begins a response of server-sent events: `text/event-stream` that no cache keeps and no proxy
    /// holds back.
    ///
    /// # Errors
    ///
    /// Fails if something was written to the response before.
    pub fn event_stream(&mut self) -> Result<EventStream<'_, S>> {
        if self.exchange().buffered() > 0 {
            return Err(Misuse::new("event_stream() after write()").into());
        }
        self.set_header("Content-Type", "text/event-stream")?;
        self.set_header("Cache-Control", "no-cache")?;
        // nginx passes on what it gets at once then.
        self.set_header("X-Accel-Buffering", "no")?;
        Ok(EventStream {
            cx: self,
            deadline: Deadline::new(),
            keep_alive: Some(ticks(KEEP_ALIVE)),
            is_armed: false,
            end: End::NotYet,
            scratch: String::new(),
        })
    }

    /// Waits for `future`, or until the server drains: `None` then, so that a handler that waits for
    /// something far away, such as a long poll, can answer before the server's deadline cuts it off.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as `future`, which is dropped when the server drains.
    pub async fn until_drain<F: Future>(&self, future: F) -> Option<F::Output> {
        let deadline = Deadline::new();
        let mut future = pin!(future);
        poll_fn(|task| {
            if let Poll::Ready(output) = future.as_mut().poll(task) {
                return Poll::Ready(Some(output));
            }
            // A deadline that is not set still wakes its task when the server begins to stop.
            let _never = deadline.poll_expired(task);
            if self.is_draining() {
                return Poll::Ready(None);
            }
            Poll::Pending
        })
        .await
    }

    /// Tells whether the server is stopping, so that what lasts should come to its end.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.exchange().stage() > Stage::Serving
    }
}

impl<S> EventStream<'_, S> {
    /// Sets the time of silence after which [`wait`](Self::wait) sends a comment; `None` never does.
    /// Default: 15 s.
    #[must_use]
    pub fn keep_alive(mut self, time: Option<Duration>) -> Self {
        self.keep_alive = time.map(ticks);
        self.is_armed = false;
        self
    }

    /// Returns the id of the last event that the client has seen, when it connects again.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.cx.header("Last-Event-ID")
    }

    /// Sends an event and waits until the socket has taken it. Text becomes the data of a nameless
    /// event.
    ///
    /// # Errors
    ///
    /// Fails if the client is gone, if a name or id is not one line, or if the server drains and
    /// [`wait`](Self::wait) has not told yet: a handler that never waits comes to an end too.
    ///
    /// # Cancel safety
    ///
    /// What was not sent when the future is dropped is sent with the next event.
    pub async fn send(&mut self, event: impl Into<ServerEvent>) -> Result {
        if self.end == End::NotYet && self.cx.is_draining() {
            return Err(Error::gone());
        }
        self.scratch.clear();
        event.into().encode_into(&mut self.scratch)?;
        self.write().await
    }

    /// Sends a comment, which the client does not see.
    ///
    /// # Errors
    ///
    /// Fails if the client is gone.
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send).
    pub async fn comment(&mut self, text: &str) -> Result {
        self.scratch.clear();
        comment(&mut self.scratch, text);
        self.write().await
    }

    /// Waits for `future`, and sends comments meanwhile when nothing was sent for a while. `None`
    /// when the stream is to end, since the server drains; also for HEAD, whose answer has no events.
    ///
    /// The head of the response is sent before, so that the browser knows that it is connected.
    ///
    /// # Errors
    ///
    /// Fails if the client is gone.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as `future`, which is dropped with this one.
    pub async fn wait<F: Future>(&mut self, future: F) -> Result<Option<F::Output>> {
        let mut future = pin!(future);
        if !self.cx.exchange().head_sent() {
            self.cx.flush().await?;
        }
        if self.is_over() {
            self.end = End::Told;
            return Ok(None);
        }
        // Short waits are one silence: only what is sent begins another.
        if !self.is_armed {
            self.arm();
        }
        loop {
            let step = poll_fn(|task| {
                if let Poll::Ready(output) = future.as_mut().poll(task) {
                    return Poll::Ready(Step::Done(output));
                }
                let quiet = self.deadline.poll_expired(task);
                if self.is_over() {
                    return Poll::Ready(Step::Ended);
                }
                quiet.map(|()| Step::Quiet)
            })
            .await;
            match step {
                Step::Done(output) => return Ok(Some(output)),
                Step::Quiet => self.comment("").await?,
                Step::Ended => {
                    self.end = End::Told;
                    return Ok(None);
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        self.cx.is_draining() || *self.cx.method() == Method::HEAD
    }

    async fn write(&mut self) -> Result {
        self.cx.write(&self.scratch)?;
        self.cx.flush().await?;
        self.arm();
        Ok(())
    }

    fn arm(&mut self) {
        self.is_armed = true;
        match self.keep_alive {
            Some(ticks) => self.deadline.set_ticks(ticks),
            None => self.deadline.clear(),
        }
    }
}

impl<S> fmt::Debug for EventStream<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
