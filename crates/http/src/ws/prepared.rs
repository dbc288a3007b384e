//! Messages that go to many.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::Message;
use super::deflate::{Compressor, Kind};
use super::frame::{FrameHead, OpCode};

/// A message whose frame is made once and shared by all who get it, on whichever thread.
///
/// It is compressed at the most once for each set of parameters that the handshakes of its receivers
/// agreed on. Clones are the same message.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::Prepared;
///
/// let news = Prepared::new("it rains");
/// assert_eq!(news.as_text(), Some("it rains"));
/// ```
#[derive(Clone)]
pub struct Prepared(Arc<Inner>);

struct Inner {
    text: bool,
    /// Octets of the head, which the payload follows.
    head: usize,
    frame: Bytes,
    compressed: Mutex<Vec<(Kind, Bytes)>>,
}

impl Prepared {
    /// Makes the frame of a message, as a server sends it.
    #[must_use]
    pub fn new(message: impl Into<Message>) -> Self {
        let message = message.into();
        let text = message.as_text().is_some();
        let (frame, head) = frame(text, false, message.as_bytes());
        Self(Arc::new(Inner {
            text,
            head,
            frame,
            compressed: Mutex::default(),
        }))
    }

    /// Returns the text, or `None` for a binary message.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        let text = std::str::from_utf8(self.as_bytes());
        text.ok().filter(|_| self.0.text)
    }

    /// Returns the octets of either kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.frame[self.0.head..]
    }

    /// Returns the octets of either kind without a copy.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.0.frame.slice(self.0.head..)
    }

    /// Returns the number of octets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.frame.len() - self.0.head
    }

    /// Tells whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the message by itself.
    #[must_use]
    pub fn to_message(&self) -> Message {
        match self.as_text() {
            Some(text) => Message::from(text),
            None => Message::Binary(self.payload()),
        }
    }

    /// Returns the frame for a connection with this compressor.
    pub(super) fn frame(&self, compressor: Option<&mut Compressor>) -> Bytes {
        let Some(compressor) = compressor.filter(|compressor| compressor.takes(self.len())) else {
            return self.0.frame.clone();
        };
        // What comes next must not refer to what this connection's context has seen before.
        compressor.forget();
        let kind = compressor.kind();
        let mut known = self
            .0
            .compressed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = known.iter().find(|(known, _)| *known == kind) {
            return frame.clone();
        }
        let mut payload = Vec::new();
        kind.compress_once(self.as_bytes(), &mut payload);
        let (made, _) = frame(self.0.text, true, &payload);
        known.push((kind, made.clone()));
        made
    }

    /// How many ways of compressing have been used.
    #[cfg(test)]
    pub(super) fn compressions(&self) -> usize {
        self.0.compressed.lock().unwrap().len()
    }
}

/// A whole frame of a server, and the length of its head.
fn frame(text: bool, compressed: bool, payload: &[u8]) -> (Bytes, usize) {
    let head = FrameHead {
        fin: true,
        compressed,
        opcode: if text { OpCode::Text } else { OpCode::Binary },
        mask: None,
        length: payload.len() as u64,
    };
    let mut frame = Vec::with_capacity(payload.len() + 10);
    head.encode(&mut frame);
    let length = frame.len();
    frame.extend_from_slice(payload);
    (frame.into(), length)
}

impl From<Message> for Prepared {
    fn from(message: Message) -> Self {
        Self::new(message)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("text", &self.0.text)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::CompressionOptions;

    fn compressor(level: u8, keeps: bool) -> Compressor {
        let options = CompressionOptions::default().level(level).threshold(4);
        Compressor::new(&options, 15, !keeps)
    }

    #[test]
    fn the_plain_frame_is_that_of_a_server() {
        assert_eq!(&Prepared::new("hi").frame(None)[..], b"\x81\x02hi");
        let binary = Prepared::new(vec![0; 126]);
        assert_eq!(&binary.frame(None)[..5], b"\x82\x7e\x00\x7e\x00");
        assert_eq!(binary.as_text(), None);
        assert_eq!(binary.len(), 126);
    }

    #[test]
    fn a_message_is_compressed_once_for_each_kind_of_compressor() {
        let message = Prepared::new("Hello");
        let first = message.frame(Some(&mut compressor(6, false)));
        assert_eq!(&first[..], b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
        let same = message.frame(Some(&mut compressor(6, true)));
        assert_eq!(same.as_ptr(), first.as_ptr());
        message.frame(Some(&mut compressor(1, false)));
        assert_eq!(message.compressions(), 2);
    }

    #[test]
    fn a_message_below_the_threshold_is_sent_as_it_is() {
        let message = Prepared::new("Hey");
        assert_eq!(
            &message.frame(Some(&mut compressor(6, false)))[..],
            b"\x81\x03Hey"
        );
        assert_eq!(message.compressions(), 0);
    }

    #[test]
    fn a_kept_context_is_forgotten_so_that_later_messages_can_be_read() {
        let mut keeps = compressor(6, true);
        let mut out = Vec::new();
        keeps.compress(b"Hello", &mut out);
        Prepared::new("other").frame(Some(&mut keeps));
        out.clear();
        keeps.compress(b"Hello", &mut out);
        assert_eq!(out, b"\xf2\x48\xcd\xc9\xc9\x07\x00");
    }
}
