//! The way out of a request's body.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use waterspout_net::IoStream;

use super::body::{BodyWriter, Place, Production, RequestBody};
use super::error::{FetchError, Kind};
use crate::h1::chunked;

/// What is left to send of a request whose head is enqueued.
pub(super) enum Sending {
    /// Everything is enqueued.
    Flushing,
    /// The body waits for `100 Continue`.
    Held(Option<RequestBody>),
    /// The body is made piece by piece.
    Producing(Producing),
    /// The server has all of it.
    Sent,
    /// The server takes no more. It may have answered all the same.
    Broken(std::io::Error),
}

pub(super) struct Producing {
    production: Production,
    place: Rc<RefCell<Place>>,
    /// What is missing to `Content-Length`; `None` for chunks.
    left: Option<u64>,
}

impl Sending {
    /// Enqueues a body, or what will make it.
    pub(super) fn start(body: Option<&RequestBody>, stream: &mut IoStream) -> Self {
        match body {
            None => Self::Flushing,
            Some(RequestBody::Whole(bytes)) => {
                stream.enqueue_bytes(bytes.clone());
                Self::Flushing
            }
            Some(RequestBody::Produced { produce, length }) => {
                let (writer, place): (BodyWriter, _) = BodyWriter::new();
                Self::Producing(Producing {
                    production: produce(writer),
                    place,
                    left: *length,
                })
            }
        }
    }

    /// Holds a body back until the server asks for it.
    pub(super) fn hold(body: Option<&RequestBody>) -> Self {
        Self::Held(body.cloned())
    }

    /// Sends a body that was held back.
    pub(super) fn release(&mut self, stream: &mut IoStream) {
        if let Self::Held(body) = self {
            let body = body.take();
            *self = Self::start(body.as_ref(), stream);
        }
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }

    /// Tells whether the whole request is with the server.
    pub(super) fn is_sent(&self) -> bool {
        matches!(self, Self::Sent)
    }

    /// Tells whether there is still something to send.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self, Self::Sent | Self::Broken(_))
    }

    /// Sends as much as the socket takes; ready when there is no more to send.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut IoStream,
        progress: &mut u64,
    ) -> Poll<Result<(), FetchError>> {
        loop {
            match stream.poll_flush(cx, progress) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    *self = Self::Broken(error);
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(())) => {}
            }
            match self {
                Self::Flushing => *self = Self::Sent,
                Self::Held(_) => return Poll::Pending,
                Self::Sent | Self::Broken(_) => return Poll::Ready(Ok(())),
                Self::Producing(producing) => match producing.poll(cx, stream) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(More::Piece)) => {}
                    Poll::Ready(Ok(More::End)) => *self = Self::Flushing,
                },
            }
        }
    }
}

/// What a producer had.
enum More {
    Piece,
    End,
}

impl Producing {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut IoStream,
    ) -> Poll<Result<More, FetchError>> {
        let polled = self.production.as_mut().poll(cx);
        if let Poll::Ready(Err(error)) = polled {
            return Poll::Ready(Err(FetchError::new(Kind::Producer(error))));
        }
        let piece = self.place.borrow_mut().take();
        if let Some(piece) = piece {
            self.enqueue(piece, stream)?;
            if polled.is_pending() {
                return Poll::Ready(Ok(More::Piece));
            }
        }
        if polled.is_pending() {
            return Poll::Pending;
        }
        match self.left {
            None => stream.enqueue(chunked::LAST),
            Some(0) => {}
            Some(left) => {
                let why = format!("the body ended {left} octets before its Content-Length");
                return Poll::Ready(Err(FetchError::request(why)));
            }
        }
        Poll::Ready(Ok(More::End))
    }

    fn enqueue(&mut self, piece: Bytes, stream: &mut IoStream) -> Result<(), FetchError> {
        let Some(left) = &mut self.left else {
            chunked::encode_size(piece.len(), stream.outgoing());
            stream.enqueue_bytes(piece);
            stream.enqueue(b"\r\n");
            return Ok(());
        };
        let beyond = || FetchError::request("the body is longer than its Content-Length");
        *left = left.checked_sub(piece.len() as u64).ok_or_else(beyond)?;
        stream.enqueue_bytes(piece);
        Ok(())
    }
}
