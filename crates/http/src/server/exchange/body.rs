//! Reading the body of the request.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, ready};

use http::StatusCode;

use super::{BodyError, Exchange, Persist};
use crate::Bytes;
use crate::h1::chunked::Decoder;
use crate::h1::encode::encode_interim;
use crate::server::conn::Wait;

/// What is left of the request's body.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Nothing.
    Done,
    /// So many octets.
    Length { left: u64 },
    /// Chunks.
    Chunked(Decoder),
}

/// An unread body of at most this many octets is read and thrown away; a longer one closes the
/// connection.
const DISCARD_LIMIT: u64 = 64 * 1024;

/// Pieces that are gathered before others on the loop have their turn: chunks may be small and many.
const PIECES_A_TURN: u32 = 64;

/// Memory reserved for an announced body before any of it has come.
const MAX_RESERVED: u64 = 64 * 1024;

/// Has the task go on only after the others that can, and after a look at the sockets: whoever wakes itself runs
/// many times between two of those.
pub(super) fn let_others_run(cx: &mut Context<'_>) {
    let _pending = pin!(tokio::task::yield_now()).poll(cx);
}

impl Incoming {
    pub(super) fn chunked() -> Self {
        Self::Chunked(Decoder::new())
    }
}

impl Exchange {
    /// Tells whether the request has a body that is not read to its end.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.is_reading() || self.has_decoded()
    }

    pub(crate) fn is_reading(&self) -> bool {
        !matches!(self.0.incoming, Incoming::Done)
    }

    /// Returns the limit of this request's body in octets.
    #[must_use]
    pub fn max_body_size(&self) -> u64 {
        self.0.max_body_size
    }

    /// Sets the limit of this request's body in octets, for this request only. Default: that of the
    /// server's configuration.
    pub fn set_max_body_size(&mut self, octets: u64) {
        self.0.max_body_size = octets;
    }

    /// Reads the whole body; empty, and without an allocation, if there is none.
    ///
    /// # Errors
    ///
    /// [`BodyError`] if the body is longer than `max_body_size` (at once if its length is
    /// announced), malformed, too slow, or cut off. The connection is closed after the answer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has come is kept for the next call.
    pub async fn read_body(&mut self) -> Result<Bytes, BodyError> {
        self.decode_body()?;
        if !self.has_body() {
            return Ok(Bytes::from(std::mem::take(&mut self.0.partial)));
        }
        if let Incoming::Length { left } = self.0.incoming {
            let announced = usize::try_from(left.min(MAX_RESERVED)).unwrap_or(0);
            self.0.partial.reserve(announced);
        }
        poll_fn(|cx| {
            let mut body = std::mem::take(&mut self.0.partial);
            let mut polled = Poll::Ready(Ok(true));
            let mut pieces = 0;
            while matches!(polled, Poll::Ready(Ok(true))) {
                pieces += 1;
                if pieces > PIECES_A_TURN {
                    let_others_run(cx);
                    polled = Poll::Pending;
                    break;
                }
                polled = self.poll_data(cx, &mut |piece| body.extend_from_slice(piece));
            }
            self.0.partial = body;
            polled
        })
        .await?;
        Ok(Bytes::from(std::mem::take(&mut self.0.partial)))
    }

    /// Reads the next piece of the body, or `None` at its end.
    ///
    /// # Errors
    ///
    /// As [`read_body`](Self::read_body).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost if the future is dropped while it is pending.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.decode_body()?;
        poll_fn(|cx| {
            let mut chunk = None;
            let more = self.poll_data(cx, &mut |piece| chunk = Some(Bytes::copy_from_slice(piece)));
            more.map_ok(|_| chunk)
        })
        .await
    }

    /// Hands the next piece of the body to `take`; ready with false at its end.
    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&[u8]),
    ) -> Poll<Result<bool, BodyError>> {
        if self.has_decoded() {
            return self.poll_decoded(cx, take);
        }
        self.poll_received(cx, take)
    }

    /// Hands the next piece of the body to `take` as it is sent; ready with false at its end.
    pub(super) fn poll_received(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&[u8]),
    ) -> Poll<Result<bool, BodyError>> {
        loop {
            match self.next_piece(take) {
                Ok(Piece::Some) => return Poll::Ready(Ok(true)),
                Ok(Piece::End) => {
                    self.conn().unwatched.set(false);
                    self.conn().stream.borrow_mut().release_input();
                    return Poll::Ready(Ok(false));
                }
                Ok(Piece::Later) => {}
                Err(error) => return Poll::Ready(Err(self.fail(error))),
            }
            if let Err(error) = ready!(self.poll_input(cx)) {
                return Poll::Ready(Err(self.fail(error)));
            }
        }
    }

    /// Waits for more octets of the body, asking the client for them first if it waits to be asked.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        let inner = &mut *self.0;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        if std::mem::take(&mut inner.expects_continue) && !inner.outgoing.head_sent() {
            encode_interim(StatusCode::CONTINUE, conn.stream.borrow_mut().outgoing());
        }
        // Answers to earlier requests must not wait for this body either.
        ready!(conn.poll_flush(cx, &mut inner.write_pace)).map_err(BodyError::io)?;
        match ready!(conn.poll_more(cx, Wait::Body, &mut inner.read_pace)) {
            Ok(0) => Poll::Ready(Err(BodyError::ended())),
            Ok(_) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(BodyError::io(error))),
        }
    }

    /// Takes the next piece from what is buffered.
    fn next_piece(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<Piece, BodyError> {
        let inner = &mut *self.0;
        let conn = inner
            .conn
            .as_ref()
            .expect("an exchange in use has its connection");
        let limit = inner.max_body_size;
        let mut stream = conn.stream.borrow_mut();
        let mut hand_on = |piece: &[u8], received: &mut u64| {
            *received += piece.len() as u64;
            if *received > limit {
                return Err(BodyError::too_large(limit));
            }
            take(piece);
            Ok(Piece::Some)
        };
        match &mut inner.incoming {
            Incoming::Done => Ok(Piece::End),
            Incoming::Length { left } if inner.received.saturating_add(*left) > limit => {
                Err(BodyError::too_large(limit))
            }
            Incoming::Length { left } => {
                let ready = stream.buffered();
                let count = ready
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                if count == 0 {
                    return Ok(Piece::Later);
                }
                let piece = hand_on(&ready[..count], &mut inner.received)?;
                stream.consume(count);
                *left -= count as u64;
                if *left == 0 {
                    inner.incoming = Incoming::Done;
                    conn.unwatched.set(false);
                }
                Ok(piece)
            }
            Incoming::Chunked(decoder) => {
                let step = decoder
                    .decode(stream.buffered())
                    .map_err(BodyError::malformed)?;
                // A chunk that announces too much is refused before it comes.
                let chunk = decoder.chunk_left().saturating_add(step.data.len() as u64);
                if inner.received.saturating_add(chunk) > limit {
                    return Err(BodyError::too_large(limit));
                }
                let piece = match &stream.buffered()[step.data.clone()] {
                    [] => Piece::Later,
                    data => hand_on(data, &mut inner.received)?,
                };
                stream.consume(step.consumed);
                if decoder.is_done() {
                    if let Some(trailers) = decoder.trailers() {
                        inner.extra.get_or_insert_default().trailers = Some(trailers);
                    }
                    inner.incoming = Incoming::Done;
                    return Ok(Piece::End);
                }
                Ok(piece)
            }
        }
    }

    /// Notes that the body cannot be read: the connection ends with the answer.
    pub(super) fn fail(&mut self, error: BodyError) -> BodyError {
        if self.0.persist != Persist::Abort {
            self.0.persist = Persist::Close;
        }
        error
    }

    /// Decides, when the response is complete, whether what is left of the body can be thrown away.
    /// What is buffered is thrown away at once.
    pub(super) fn settle_body(&mut self) {
        while self.is_reading() {
            match self.next_piece(&mut |_| {}) {
                Ok(Piece::Some) => {}
                Ok(Piece::Later) => break,
                Ok(Piece::End) => return,
                Err(error) => {
                    self.fail(error);
                    return;
                }
            }
        }
        let short = match self.0.incoming {
            Incoming::Done => true,
            // A client that waits for 100 may or may not send the body now (RFC 9110 §10.1.1).
            Incoming::Length { left } => left <= DISCARD_LIMIT && !self.0.expects_continue,
            Incoming::Chunked(_) => false,
        };
        if !short {
            self.close_connection();
        }
    }

    /// Reads what is left of the body and throws it away, coded as it is (CVE-2026-54278).
    pub(crate) async fn discard_body(&mut self) -> Result<(), BodyError> {
        poll_fn(|cx| {
            while ready!(self.poll_received(cx, &mut |_| {}))? {}
            Poll::Ready(Ok(()))
        })
        .await
    }
}

/// What is buffered of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A piece was handed on.
    Some,
    /// More must arrive first.
    Later,
    /// The body is complete.
    End,
}
