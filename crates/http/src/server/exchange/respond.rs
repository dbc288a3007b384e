//! Writing the response.

use std::future::poll_fn;

use http::{Method, StatusCode, Version};

use super::{Exchange, Persist, WriteError};
use crate::Bytes;
use crate::h1::chunked;
use crate::h1::encode::{Persistence, ResponseFraming, encode_head, is_bodiless};
use crate::server::shared::Stage;

/// How far the response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// The head is not sent: everything can still be changed.
    Open,
    /// The head announced a length; so many octets are still to come.
    Length { left: u64 },
    /// The head announced chunks.
    Chunked,
    /// The end of the connection ends the body.
    UntilClose,
    /// There is no body to send, whatever is written (HEAD, 204, 304).
    Bodiless,
    /// The response is complete.
    Finished,
}

impl Outgoing {
    pub(super) fn head_sent(self) -> bool {
        self != Self::Open
    }
}

impl Exchange {
    /// Appends octets to the body of the response. They wait until [`flush`](Self::flush) or
    /// [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the response is finished already.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.check_open()?;
        if !self.0.whole.is_empty() {
            let whole = std::mem::take(&mut self.0.whole);
            self.0.body.extend_from_slice(&whole);
        }
        self.0.body.extend_from_slice(bytes);
        Ok(())
    }

    /// Puts `body` in place of what was written and not flushed. A large body goes out without a
    /// copy.
    #[inline]
    pub fn set_body(&mut self, body: Bytes) {
        self.0.body.clear();
        self.0.whole = body;
    }

    /// Puts a body that lives for ever in place of what was written and not flushed.
    #[inline]
    pub fn set_static_body(&mut self, body: &'static [u8]) {
        self.set_body(Bytes::from_static(body));
    }

    /// Returns how many octets were written and not flushed.
    #[inline]
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.0.body.len() + self.0.whole.len()
    }

    /// Returns what was written and not flushed.
    #[must_use]
    pub fn pending_body(&self) -> &[u8] {
        // One of the two is empty.
        if self.0.whole.is_empty() {
            &self.0.body
        } else {
            &self.0.whole
        }
    }

    /// Takes away what was written and not flushed.
    #[must_use]
    pub fn take_body(&mut self) -> Bytes {
        if self.0.whole.is_empty() {
            Bytes::from(std::mem::take(&mut self.0.body))
        } else {
            std::mem::take(&mut self.0.whole)
        }
    }

    /// Forgets what was written and not flushed.
    pub fn clear_body(&mut self) {
        self.set_body(Bytes::new());
    }

    /// Tells whether the head is sent, so that status and fields can no longer change.
    #[inline]
    #[must_use]
    pub fn head_sent(&self) -> bool {
        self.0.outgoing.head_sent()
    }

    /// Tells whether the response is complete.
    #[inline]
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.outgoing == Outgoing::Finished
    }

    /// Returns how many octets of the body were handed to the connection, for logs.
    #[must_use]
    pub fn body_sent(&self) -> u64 {
        self.0.sent
    }

    /// Sends the head, if it is not sent yet, and what was written; waits until the socket has
    /// taken it, which is the backpressure of a slow client.
    ///
    /// Without a `Content-Length` among the fields the body goes out in chunks, or until the end of
    /// the connection to a client of HTTP/1.0.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the response is finished, if more is written than `Content-Length` says, or
    /// if the client is gone or takes nothing for `write_timeout`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was taken over goes out with the next flush or at the end.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        self.hand_over()?;
        let inner = &mut *self.0;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        let flushed = poll_fn(|cx| conn.poll_flush(cx, &mut inner.write_pace)).await;
        flushed.map_err(|error| {
            inner.persist = Persist::Abort;
            WriteError::io(error)
        })
    }

    /// Hands the head, if that is not done yet, and what was written to the connection.
    pub(super) fn hand_over(&mut self) -> Result<(), WriteError> {
        self.check_open()?;
        if self.0.outgoing == Outgoing::Open {
            self.start_stream()?;
        }
        self.hand_on()
    }

    /// Completes the response. Its octets go out when the service has given the exchange back, or waits for
    /// something.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if it is complete already, or if more or less is written than a
    /// `Content-Length` among the fields says. If the head is sent by then, the connection is
    /// dropped, so that the client cannot take a part for the whole.
    #[inline]
    pub fn finish(&mut self) -> Result<(), WriteError> {
        match self.0.outgoing {
            Outgoing::Finished => return Err(WriteError::finished()),
            Outgoing::Open => self.finish_whole()?,
            _ => self.finish_stream()?,
        }
        self.0.outgoing = Outgoing::Finished;
        Ok(())
    }

    /// Completes the response if the service has not.
    #[inline]
    pub(crate) fn complete(&mut self) -> Result<(), WriteError> {
        if self.0.persist == Persist::Abort {
            return Err(WriteError::finished());
        }
        if self.is_finished() {
            return Ok(());
        }
        self.finish()
            .inspect_err(|_| self.0.persist = Persist::Abort)
    }

    #[inline]
    fn check_open(&self) -> Result<(), WriteError> {
        if self.is_finished() {
            Err(WriteError::finished())
        } else {
            Ok(())
        }
    }

    /// Sends head and body at once, with their length.
    #[inline]
    fn finish_whole(&mut self) -> Result<(), WriteError> {
        let len = self.buffered() as u64;
        let declared = self.declared_length()?;
        let head_only = *self.0.request.method() == Method::HEAD;
        let framing = match declared {
            _ if is_bodiless(self.0.response.status()) => self.bodiless_framing(declared),
            Some(declared) if head_only && len == 0 => ResponseFraming::Length(declared),
            // RFC 9110 §8.6: no length but that of the answer to GET, which is not known here.
            None if head_only && len == 0 => ResponseFraming::None,
            Some(declared) if declared < len => return Err(WriteError::too_much()),
            Some(declared) if declared > len => return Err(WriteError::too_little(declared - len)),
            _ => ResponseFraming::Length(len),
        };
        if self.is_reading() {
            self.settle_body();
        }
        self.send_head(framing);
        if framing == ResponseFraming::Length(len) && !head_only {
            self.append_body();
        }
        Ok(())
    }

    /// A 304 may repeat the length that a 200 would have; the others have none (RFC 9110 §8.6).
    fn bodiless_framing(&self, declared: Option<u64>) -> ResponseFraming {
        match declared {
            Some(length) if self.0.response.status() == http::StatusCode::NOT_MODIFIED => {
                ResponseFraming::Length(length)
            }
            _ => ResponseFraming::None,
        }
    }

    /// Sends the head of a body whose end is not known yet.
    fn start_stream(&mut self) -> Result<(), WriteError> {
        let declared = self.declared_length()?;
        let head_only = *self.0.request.method() == Method::HEAD;
        let (framing, outgoing) = match declared {
            _ if is_bodiless(self.0.response.status()) => {
                (self.bodiless_framing(declared), Outgoing::Bodiless)
            }
            Some(length) => (
                ResponseFraming::Length(length),
                Outgoing::Length { left: length },
            ),
            None if self.0.request.version() == Version::HTTP_10 => {
                (ResponseFraming::Close, Outgoing::UntilClose)
            }
            None => (ResponseFraming::Chunked, Outgoing::Chunked),
        };
        if framing == ResponseFraming::Close {
            self.close_connection();
            self.conn().end_completes.set(!head_only);
        }
        self.send_head(framing);
        self.0.outgoing = if head_only {
            Outgoing::Bodiless
        } else {
            outgoing
        };
        Ok(())
    }

    /// Hands what was written to the connection, framed as the head announced.
    fn hand_on(&mut self) -> Result<(), WriteError> {
        let len = self.buffered();
        match &mut self.0.outgoing {
            Outgoing::Bodiless => {
                self.clear_body();
                return Ok(());
            }
            _ if len == 0 => return Ok(()),
            Outgoing::Length { left } => match left.checked_sub(len as u64) {
                Some(rest) => *left = rest,
                None => {
                    self.0.persist = Persist::Abort;
                    return Err(WriteError::too_much());
                }
            },
            Outgoing::Chunked => {
                chunked::encode_size(len, self.conn().stream.borrow_mut().outgoing());
                self.append_body();
                self.conn().stream.borrow_mut().enqueue(b"\r\n");
                return Ok(());
            }
            _ => {}
        }
        self.append_body();
        Ok(())
    }

    fn finish_stream(&mut self) -> Result<(), WriteError> {
        self.hand_on()?;
        self.settle_body();
        self.conn().end_write();
        match self.0.outgoing {
            Outgoing::Length { left } if left > 0 => {
                self.0.persist = Persist::Abort;
                return Err(WriteError::too_little(left));
            }
            Outgoing::Chunked => self.conn().stream.borrow_mut().enqueue(chunked::LAST),
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn append_body(&mut self) {
        let inner = &mut *self.0;
        inner.sent += (inner.body.len() + inner.whole.len()) as u64;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        let mut stream = conn.stream.borrow_mut();
        if inner.body.len() > super::MAX_KEPT_BODY {
            stream.enqueue_bytes(Bytes::from(std::mem::take(&mut inner.body)));
        } else if !inner.body.is_empty() {
            stream.enqueue(&inner.body);
            inner.body.clear();
        }
        if !inner.whole.is_empty() {
            stream.enqueue_bytes(std::mem::take(&mut inner.whole));
        }
    }

    #[inline]
    fn send_head(&mut self, framing: ResponseFraming) {
        if !self.0.response.headers().is_empty() && self.asks_to_close() {
            self.close_connection();
        }
        let persistence = self.persistence();
        let inner = &mut *self.0;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        let shared = &*conn.shared;
        let mut stream = conn.stream.borrow_mut();
        shared.with_preamble(|preamble| {
            encode_head(
                &inner.response,
                framing,
                persistence,
                preamble,
                stream.outgoing(),
            );
        });
    }

    fn persistence(&mut self) -> Persistence {
        if self.0.persist == Persist::Keep && self.conn().shared.stage() > Stage::Serving {
            self.0.persist = Persist::Close;
        }
        match self.0.persist {
            Persist::Keep if self.0.request.version() == Version::HTTP_10 => {
                Persistence::SayKeepAlive
            }
            Persist::Keep => Persistence::Open,
            Persist::Upgrade => self.upgrade_or_close(),
            _ => Persistence::Close,
        }
    }

    /// An error page in place of the 101 takes the upgrade back.
    #[cold]
    fn upgrade_or_close(&mut self) -> Persistence {
        if self.0.response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Persistence::Upgrade;
        }
        self.0.persist = Persist::Close;
        Persistence::Close
    }

    /// A handler may ask for `Connection: close`.
    fn asks_to_close(&self) -> bool {
        self.0
            .response
            .headers()
            .get_all("connection")
            .any(|value| {
                value
                    .split(|octet| *octet == b',')
                    .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
            })
    }

    /// The length that the handler announced by a field.
    #[inline]
    fn declared_length(&self) -> Result<Option<u64>, WriteError> {
        let headers = self.0.response.headers();
        if headers.is_empty() {
            return Ok(None);
        }
        let Some(value) = headers.get_bytes("content-length") else {
            return Ok(None);
        };
        let digits = std::str::from_utf8(value)
            .ok()
            .filter(|text| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit()));
        let length = digits.and_then(|text| text.parse().ok());
        length.map(Some).ok_or_else(WriteError::invalid_length)
    }
}
