//! The way in of a response's body.

use std::cmp::min;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use waterspout_net::IoStream;

use super::error::FetchError;
use super::pool::Slot;
use super::sending::Sending;
use crate::Headers;
use crate::h1::chunked::Decoder;
use crate::h1::response::ResponseBody;

/// The body of a response, on its connection. Dropping it early closes the connection.
pub(super) struct Receiving {
    /// Gone when the body is read, or broken.
    connection: Option<(IoStream, Slot)>,
    framing: Framing,
    /// The connection can be used again after the body.
    reusable: bool,
    /// What goes on of the request, for a server that answers while it reads.
    sending: Option<Box<Sending>>,
    trailers: Option<Box<Headers>>,
}

enum Framing {
    Length(u64),
    Chunked(Box<Decoder>),
    UntilClose,
    Done,
}

/// What came of waiting.
enum Moved {
    /// So many octets of the response; none at its end.
    In(io::Result<usize>),
    /// Some of the request, or the last of it.
    Out,
}

/// What the buffer holds of the body.
enum Found {
    Piece(Bytes),
    NeedMore,
    End,
}

impl Receiving {
    /// `sending` is what goes on of the request. The connection is used again only if all of that is sent
    /// before the response ends.
    pub(super) fn new(
        stream: IoStream,
        slot: Slot,
        body: ResponseBody,
        reusable: bool,
        sending: Option<Sending>,
    ) -> Self {
        let framing = match body {
            ResponseBody::None => Framing::Done,
            ResponseBody::Length(length) => Framing::Length(length),
            ResponseBody::Chunked => Framing::Chunked(Box::default()),
            ResponseBody::UntilClose => Framing::UntilClose,
        };
        let mut receiving = Self {
            connection: Some((stream, slot)),
            framing,
            reusable,
            sending: sending.map(Box::new),
            trailers: None,
        };
        receiving.release_if_done();
        receiving
    }

    /// Returns how many octets the head announced, if it did.
    pub(super) fn announced(&self) -> Option<u64> {
        match self.framing {
            Framing::Length(length) => Some(length),
            _ => None,
        }
    }

    /// Returns the trailer fields once the body is read, if there were any.
    pub(super) fn trailers(&self) -> Option<&Headers> {
        self.trailers.as_deref()
    }

    /// Returns the next piece, an empty one if only the request went on. Cancel safe: a piece is consumed
    /// where it is returned.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            match self.find() {
                Ok(Found::Piece(piece)) => {
                    self.release_if_done();
                    return Ok(Some(piece));
                }
                Ok(Found::End) => {
                    self.release_if_done();
                    return Ok(None);
                }
                Ok(Found::NeedMore) => {}
                Err(error) => return Err(self.broken(error)),
            }
            if self.connection.is_none() {
                return Ok(None);
            }
            match poll_fn(|cx| self.poll_moved(cx)).await {
                Ok(Moved::Out) => return Ok(Some(Bytes::new())),
                Ok(Moved::In(Ok(0))) => self.end_of_stream()?,
                Ok(Moved::In(Ok(_))) => {}
                Ok(Moved::In(Err(error))) => {
                    let closed = FetchError::closed("in the body of the response", Some(error));
                    return Err(self.broken(closed));
                }
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    /// Sends what the socket takes and reads what has come.
    fn poll_moved(&mut self, cx: &mut Context<'_>) -> Poll<Result<Moved, FetchError>> {
        let Some((stream, _)) = &mut self.connection else {
            return Poll::Ready(Ok(Moved::In(Ok(0))));
        };
        let mut progress = 0;
        if let Some(sending) = &mut self.sending
            && let Poll::Ready(sent) = sending.poll(cx, stream, &mut progress)
        {
            self.reusable &= sending.is_sent();
            self.sending = None;
            return Poll::Ready(sent.map(|()| Moved::Out));
        }
        match stream.poll_fill(cx) {
            Poll::Pending if progress > 0 => Poll::Ready(Ok(Moved::Out)),
            filled => filled.map(Moved::In).map(Ok),
        }
    }

    fn find(&mut self) -> Result<Found, FetchError> {
        let Some((stream, _)) = &mut self.connection else {
            return match self.framing {
                Framing::Done => Ok(Found::End),
                _ => Err(FetchError::closed("in the body of the response", None)),
            };
        };
        let found = match &mut self.framing {
            Framing::Done => Found::End,
            Framing::Length(left) => {
                let there = stream.buffered().len();
                let count = min(there, usize::try_from(*left).unwrap_or(there));
                *left -= count as u64;
                let piece = take(stream, count);
                if *left == 0 {
                    self.framing = Framing::Done;
                }
                piece
            }
            Framing::UntilClose => take(stream, stream.buffered().len()),
            Framing::Chunked(decoder) => {
                let found = chunk(decoder, stream)?;
                if matches!(found, Found::End) {
                    self.trailers = decoder.trailers().map(Box::new);
                    self.framing = Framing::Done;
                }
                found
            }
        };
        stream.release_input();
        Ok(found)
    }

    fn end_of_stream(&mut self) -> Result<(), FetchError> {
        self.reusable = false;
        match self.framing {
            Framing::UntilClose => {
                self.framing = Framing::Done;
                Ok(())
            }
            Framing::Length(left) => {
                let closed = FetchError::closed("in the body of the response", None);
                tracing::debug!(missing = left, "response is cut short");
                Err(self.broken(closed))
            }
            _ => Err(self.broken(FetchError::closed("in the body of the response", None))),
        }
    }

    /// Closes the connection, if it is still needed, and gives its place back.
    pub(super) fn abort(&mut self) {
        self.connection = None;
    }

    fn broken(&mut self, error: FetchError) -> FetchError {
        self.abort();
        error
    }

    fn release_if_done(&mut self) {
        if !matches!(self.framing, Framing::Done) {
            return;
        }
        let all_sent = self.sending.take().is_none();
        if let Some((mut stream, slot)) = self.connection.take()
            && self.reusable
            && all_sent
            && stream.buffered().is_empty()
        {
            stream.release_input();
            slot.keep(stream);
        }
    }
}

fn take(stream: &mut IoStream, count: usize) -> Found {
    if count == 0 {
        return Found::NeedMore;
    }
    let piece = Bytes::copy_from_slice(&stream.buffered()[..count]);
    stream.consume(count);
    Found::Piece(piece)
}

fn chunk(decoder: &mut Decoder, stream: &mut IoStream) -> Result<Found, FetchError> {
    let step = decoder.decode(stream.buffered());
    let step = step.map_err(|rejection| FetchError::malformed(rejection.reason()))?;
    let piece = Bytes::copy_from_slice(&stream.buffered()[step.data]);
    stream.consume(step.consumed);
    Ok(match decoder.is_done() {
        _ if !piece.is_empty() => Found::Piece(piece),
        true => Found::End,
        false => Found::NeedMore,
    })
}
