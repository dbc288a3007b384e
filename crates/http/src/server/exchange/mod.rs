//! One request and its response.

mod body;
mod closed;
mod decoding;
mod error;
mod respond;
mod send_file;

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use waterspout_net::TlsInfo;

pub use closed::Closed;
pub use error::{BodyError, WriteError};

use self::body::Incoming;
use self::decoding::Extra;
use self::respond::Outgoing;
use super::conn::Conn;
use super::pace::{Pace, PaceRule};
use super::shared::{Shared, Stage};
use super::upgrade::{OnUpgrade, Upgraded};
use crate::forwarded::Origin;
use crate::h1::framing::Framing;
use crate::h1::parse::Head;
use crate::{Bytes, Rejection, Request, ResponseHead};

/// One request and its response, and the way to the connection.
///
/// A [`Service`](crate::Service) gets it, reads from it, writes to it and gives it back. The driver
/// decides on everything that frames the message: `Content-Length`, chunks, `Connection`, the body of
/// an answer to `HEAD`.
pub struct Exchange(Box<Inner>);

pub(crate) struct Inner {
    /// The connection while the exchange is in use.
    conn: Option<Rc<Conn>>,
    request: Request,
    response: ResponseHead,
    incoming: Incoming,
    /// Octets of the request's body that were handed on.
    received: u64,
    /// What was read of a body that [`Exchange::read_body`] gathers.
    partial: Vec<u8>,
    /// The content coding is to be undone once the body is read.
    decompress: bool,
    extra: Option<Box<Extra>>,
    expects_continue: bool,
    max_body_size: u64,
    read_pace: Pace,
    write_pace: Pace,
    outgoing: Outgoing,
    /// What was written and not flushed: first `body`, then `whole`.
    body: Vec<u8>,
    whole: Bytes,
    sent: u64,
    persist: Persist,
    rejection: Option<Box<Rejection>>,
    upgrade: Option<OnUpgrade>,
}

/// What becomes of the connection after this exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Persist {
    /// It waits for the next request.
    Keep,
    /// The client asked that it be closed.
    CloseForClient,
    /// This side closes it.
    Close,
    /// It is dropped without completing the response.
    Abort,
    /// It leaves HTTP.
    Upgrade,
}

/// A body buffer larger than this is freed after the exchange.
const MAX_KEPT_BODY: usize = 16 * 1024;

impl Inner {
    pub(crate) fn new(shared: &Shared) -> Self {
        Self::with(shared.max_body_size, shared.body_pace, shared.write_pace)
    }

    fn with(max_body_size: u64, body_pace: PaceRule, write_pace: PaceRule) -> Self {
        Self {
            conn: None,
            request: Request::new(),
            response: ResponseHead::new(),
            incoming: Incoming::Done,
            received: 0,
            partial: Vec::new(),
            decompress: false,
            extra: None,
            expects_continue: false,
            max_body_size,
            read_pace: Pace::new(body_pace),
            write_pace: Pace::new(write_pace),
            outgoing: Outgoing::Open,
            body: Vec::new(),
            whole: Bytes::new(),
            sent: 0,
            persist: Persist::Keep,
            rejection: None,
            upgrade: None,
        }
    }
}

impl Exchange {
    /// Creates an exchange without a connection, to stand in for another one for a moment. Whatever
    /// needs the connection panics.
    #[doc(hidden)]
    #[must_use]
    pub fn placeholder() -> Self {
        let pace = PaceRule::total(Duration::ZERO);
        Self(Box::new(Inner::with(0, pace, pace)))
    }

    #[inline]
    pub(crate) fn start(conn: &Rc<Conn>) -> Self {
        let mut inner = conn.shared.take_exchange();
        inner.request.remote = conn.peer;
        inner.request.secure = conn.secure;
        inner.conn = Some(Rc::clone(conn));
        Self(inner)
    }

    /// Takes over what the head says.
    #[inline]
    pub(crate) fn begin(&mut self, head: &Head) {
        let inner = &mut *self.0;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        let shared = &*conn.shared;
        inner.incoming = match head.framing {
            Framing::None => Incoming::Done,
            Framing::Length(left) => Incoming::Length { left },
            Framing::Chunked => Incoming::chunked(),
        };
        inner.max_body_size = shared.max_body_size;
        inner.expects_continue = head.expects_continue;
        if head.framing != Framing::None {
            inner.read_pace = Pace::new(shared.body_pace);
            inner.decompress = shared.decompress_request;
        }
        inner.write_pace = Pace::new(shared.write_pace);
        inner.persist = match head.keep_alive {
            false => Persist::CloseForClient,
            true if shared.keep_alive && shared.stage() == Stage::Serving => Persist::Keep,
            true => Persist::Close,
        };
        if let Some(trusted) = &shared.xheaders {
            let peer = inner.request.remote.map(|address| address.ip());
            inner.request.origin = trusted.origin(inner.request.headers(), peer);
        }
        conn.unwatched.set(head.framing != Framing::None);
    }

    /// Turns the exchange into the answer to a request that the connection refuses.
    pub(crate) fn reject(&mut self, rejection: Box<Rejection>) {
        self.0.persist = Persist::Close;
        self.0.incoming = Incoming::Done;
        self.0.request.origin = Origin::default();
        self.0.response.clear();
        self.0.response.set_status(rejection.status());
        self.0.rejection = Some(rejection);
    }

    /// Makes the exchange ready for the next request of its connection. The parser clears the
    /// request.
    #[inline]
    pub(crate) fn reset(&mut self) {
        let inner = &mut *self.0;
        inner.response.clear();
        inner.received = 0;
        inner.outgoing = Outgoing::Open;
        inner.body.clear();
        inner.whole = Bytes::new();
        inner.sent = 0;
        if inner.partial.capacity() > 0 {
            inner.partial = Vec::new();
        }
        if inner.extra.is_some() {
            inner.extra = None;
        }
    }

    /// Gives the memory back to the loop, after a [`reset`](Self::reset).
    #[inline]
    pub(crate) fn give_back(mut self) {
        let inner = &mut *self.0;
        inner.rejection = None;
        inner.request.headers.shrink();
        inner.response.shrink();
        if inner.body.capacity() > MAX_KEPT_BODY {
            inner.body = Vec::new();
        }
        if let Some(conn) = inner.conn.take() {
            conn.shared.give_exchange(self.0);
        }
    }

    fn conn(&self) -> &Rc<Conn> {
        self.0
            .conn
            .as_ref()
            .expect("an exchange in use has its connection")
    }

    #[inline]
    pub(crate) fn request_mut(&mut self) -> &mut Request {
        &mut self.0.request
    }

    /// Returns the head of the request.
    #[inline]
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.0.request
    }

    /// Returns the head of the response.
    #[inline]
    #[must_use]
    pub fn response(&self) -> &ResponseHead {
        &self.0.response
    }

    /// Returns the head of the response to change it. Changes after the head has been sent have no
    /// effect; see [`head_sent`](Self::head_sent).
    #[inline]
    pub fn response_mut(&mut self) -> &mut ResponseHead {
        &mut self.0.response
    }

    /// Returns why the connection refused this request, or `None` for a request to serve.
    ///
    /// With a reason the service only has to render the error: the status is set already, and
    /// [`request`](Self::request) holds what could be read, at the least `GET /`.
    #[inline]
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.0.rejection.as_deref()
    }

    /// Closes the connection after this response.
    pub fn close_connection(&mut self) {
        if self.0.persist == Persist::Keep {
            self.0.persist = Persist::Close;
        }
    }

    /// Drops the connection without completing the response, so that the client cannot take a
    /// part for the whole.
    pub fn abort(&mut self) {
        self.0.persist = Persist::Abort;
    }

    /// Has the connection leave HTTP after this response, whose status becomes 101, and calls `go_on`
    /// on the loop's thread once it is written. Nothing of the exchange is kept then.
    ///
    /// The handler sets the fields of the response but `Connection: Upgrade`, which is added. It has
    /// no effect once the head is sent; a response of another status after this call takes it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::{Exchange, InvalidHeader};
    ///
    /// fn greet(exchange: &mut Exchange) -> Result<(), InvalidHeader> {
    ///     exchange.response_mut().headers_mut().insert("Upgrade", "greeting")?;
    ///     exchange.upgrade(|upgraded| {
    ///         let (mut stream, lease) = upgraded.into_parts();
    ///         tokio::task::spawn_local(async move {
    ///             _ = stream.write(b"hello").await;
    ///             drop(lease);
    ///         });
    ///     });
    ///     Ok(())
    /// }
    /// ```
    pub fn upgrade(&mut self, go_on: impl FnOnce(Upgraded) + 'static) {
        if self.head_sent() || self.is_reading() || self.is_aborted() {
            return;
        }
        self.0.response.set_status(StatusCode::SWITCHING_PROTOCOLS);
        self.0.persist = Persist::Upgrade;
        self.0.upgrade = Some(OnUpgrade::new(go_on));
    }

    /// What the connection goes on with, if the response agrees to an upgrade.
    pub(crate) fn take_upgrade(&mut self) -> Option<OnUpgrade> {
        let go_on = self.0.upgrade.take();
        go_on.filter(|_| self.0.persist == Persist::Upgrade)
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.0.persist == Persist::Abort
    }

    pub(crate) fn keeps_alive(&self) -> bool {
        self.0.persist == Persist::Keep
    }

    /// Tells whether the client may still be sending when the connection is closed, so that an
    /// abrupt end would destroy the answer.
    pub(crate) fn client_may_send(&self) -> bool {
        self.0.persist != Persist::CloseForClient
            || self.is_reading()
            || !self.conn().stream.borrow().buffered().is_empty()
    }

    /// Returns how far the server has come in stopping, for what would go on for ever. A task that
    /// has polled a [`Deadline`](waterspout_net::Deadline) is woken when it changes.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.conn().shared.stage()
    }

    /// Returns what was agreed in the TLS handshake of the connection, with the certificates that the
    /// client showed; `None` if the connection is not encrypted.
    ///
    /// Tornado's `get_ssl_certificate`.
    #[must_use]
    pub fn tls_info(&self) -> Option<TlsInfo> {
        self.conn().stream.borrow().tls_info()
    }

    /// Returns a future that completes when the client has closed the connection, for handlers that
    /// wait for something else meanwhile. It borrows nothing.
    ///
    /// It sees nothing while the body of the request is unread, and after [`ignore_close`](Self::ignore_close).
    pub fn closed(&self) -> Closed {
        Closed::new(Rc::clone(self.conn()))
    }

    /// Has [`closed`](Self::closed) wait for ever: who has got the response may leave, and the handler that goes on
    /// is not to be given up for that.
    pub fn ignore_close(&mut self) {
        self.conn().unwatched.set(true);
    }

    /// Returns the status of the response, for logs.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.response.status()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("request", &self.0.request)
            .field("response", &self.0.response)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}
