//! What only some bodies have: a content coding that is undone, and trailers.

use std::task::{Context, Poll, ready};

use super::body::let_others_run;
use super::{BodyError, Exchange};
use crate::coding::Decoder;
use crate::{Bytes, Headers};

/// What only some bodies have.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) trailers: Option<Headers>,
    /// Undoes the content coding, up to the end of the body.
    decoder: Option<Decoder>,
    /// Octets that came of decoding.
    decoded: u64,
    /// Pieces that were handed on since others on the loop had their turn.
    pieces: u32,
}

/// Pieces that are decoded before others on the loop have their turn, of 32 KiB at the most: what was
/// compressed well may come to much.
const PIECES_A_TURN: u32 = 16;

/// The field that says which coding was undone, as in Tornado.
const CONSUMED: &str = "X-Consumed-Content-Encoding";

impl Exchange {
    /// Has the body of this request come without its content coding, or as it is sent.
    ///
    /// It has no effect once a part of the body was read. Default: the
    /// [`decompress_request`](crate::server::ServerConfig::decompress_request) of the server.
    pub fn set_decompress_request(&mut self, on: bool) {
        self.0.decompress = on;
    }

    /// Begins to undo the content coding, if that is wanted and there is one. `max_body_size` then counts
    /// what it comes to as well; `Content-Encoding` becomes `X-Consumed-Content-Encoding`.
    ///
    /// Reading the body does it too. It is for those who look at the fields before.
    ///
    /// # Errors
    ///
    /// [`BodyError`] with 415 for a coding that this build does not have, and for several.
    pub fn decode_body(&mut self) -> Result<(), BodyError> {
        if !self.0.decompress {
            return Ok(());
        }
        self.0.decompress = false;
        if !self.is_reading() {
            return Ok(());
        }
        let headers = &mut self.0.request.headers;
        let coding = match coding_of(headers) {
            Ok(None) => return Ok(()),
            Ok(Some(coding)) => coding,
            Err(()) => return Err(BodyError::unsupported_coding()),
        };
        let decoder = Decoder::new(&coding).ok_or_else(BodyError::unsupported_coding)?;
        headers.remove("Content-Encoding");
        let noted = headers.insert(CONSUMED, decoder.coding());
        noted.expect("names of codings are field values");
        self.0.extra.get_or_insert_default().decoder = Some(decoder);
        Ok(())
    }

    /// Returns the trailer fields of a chunked body that was read to its end; `None` if there were none.
    ///
    /// They are what the client says after the body, a checksum perhaps. They are kept apart from the
    /// fields of the head, and nothing but the handler looks at them (RFC 9110 §6.5.1).
    #[must_use]
    pub fn trailers(&self) -> Option<&Headers> {
        self.0.extra.as_ref()?.trailers.as_ref()
    }

    /// Tells whether the body comes through a decoder that is not at its end.
    pub(super) fn has_decoded(&self) -> bool {
        let extra = self.0.extra.as_ref();
        extra.is_some_and(|extra| extra.decoder.is_some())
    }

    /// Hands the next piece of the decoded body to `take`; ready with false at its end.
    pub(super) fn poll_decoded(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&[u8]),
    ) -> Poll<Result<bool, BodyError>> {
        if let Some(extra) = &mut self.0.extra {
            extra.pieces += 1;
            if extra.pieces > PIECES_A_TURN {
                extra.pieces = 0;
                let_others_run(cx);
                return Poll::Pending;
            }
        }
        loop {
            match self.next_decoded() {
                Ok(Some(piece)) => {
                    take(&piece);
                    return Poll::Ready(Ok(true));
                }
                Ok(None) => {}
                Err(error) => return Poll::Ready(Err(self.fail(error))),
            }
            let mut received = Bytes::new();
            let more = self.poll_received(cx, &mut |piece| {
                received = Bytes::copy_from_slice(piece);
            });
            if !ready!(more)? {
                return Poll::Ready(self.end_decoding().map(|()| false));
            }
            if let Some(decoder) = self.decoder() {
                decoder.feed(received);
            }
        }
    }

    fn decoder(&mut self) -> Option<&mut Decoder> {
        self.0.extra.as_mut()?.decoder.as_mut()
    }

    /// Takes the next piece that the decoder makes of what it was fed.
    fn next_decoded(&mut self) -> Result<Option<Bytes>, BodyError> {
        let limit = self.0.max_body_size;
        let Some(extra) = &mut self.0.extra else {
            return Ok(None);
        };
        let Some(decoder) = &mut extra.decoder else {
            return Ok(None);
        };
        let piece = decoder.next_piece().map_err(BodyError::coding)?;
        extra.decoded += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if extra.decoded > limit {
            return Err(BodyError::too_large_decoded(limit));
        }
        Ok(piece)
    }

    fn end_decoding(&mut self) -> Result<(), BodyError> {
        let decoder = self.0.extra.as_mut().and_then(|extra| extra.decoder.take());
        let whole = decoder.map_or(Ok(()), |decoder| decoder.finish());
        whole.map_err(|error| self.fail(BodyError::coding(error)))
    }
}

/// The one coding that the body has; `Err` for several, or for what is no text.
fn coding_of(headers: &Headers) -> Result<Option<String>, ()> {
    let mut coding = None;
    for value in headers.get_all("content-encoding") {
        for name in std::str::from_utf8(value).map_err(|_| ())?.split(',') {
            let name = name.trim_ascii();
            if name.is_empty() || name.eq_ignore_ascii_case("identity") {
                continue;
            }
            if coding.replace(name.to_owned()).is_some() {
                return Err(());
            }
        }
    }
    Ok(coding)
}
