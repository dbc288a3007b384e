//! Frames on their way out.

use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use waterspout_net::IoStream;

use crate::ws::deflate::Compressor;
use crate::ws::frame::{FrameHead, OpCode, Role};
use crate::ws::message::Decoder;
use crate::ws::{CloseReason, Event, Message, Prepared, Violation, mask, spare};
use crate::{Lease, Stage};

/// The stream of an open connection, and what stands between octets and messages.
#[derive(Debug)]
pub(super) struct Io {
    pub(super) stream: IoStream,
    pub(super) decoder: Decoder,
    pub(super) compressor: Option<Box<Compressor>>,
    /// The place among the connections of the server, if it came from one.
    pub(super) lease: Option<Lease>,
    /// Octets that the peer took since the stall timer started.
    pub(super) taken: u64,
}

/// A message on its way out.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// For this socket alone.
    Single(Message),
    /// For many.
    Shared(Prepared),
}

impl Outgoing {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Single(message) => message.len(),
            Self::Shared(prepared) => prepared.len(),
        }
    }
}

/// A payload of this size or more is not copied.
const COPY_BELOW: usize = 4 * 1024;

impl Io {
    /// Decodes what is buffered, up to the first event: what [`decode_plain`](Self::decode_plain)
    /// passes over.
    pub(super) fn decode(&mut self) -> Result<Option<Event>, Violation> {
        let input = self.stream.buffered();
        let step = self.decoder.decode_any(input)?;
        self.stream.consume(step.consumed);
        Ok(step.event)
    }

    /// Decodes a message of one plain frame that is there as a whole. What else is there is for
    /// [`decode`](Self::decode).
    #[inline(always)]
    pub(super) fn decode_plain(&mut self) -> Option<Message> {
        match self.decoder.short(self.stream.buffered()) {
            Ok(Some((message, used))) => {
                self.stream.consume(used);
                Some(message)
            }
            _ => self.decode_medium(),
        }
    }

    #[inline(never)]
    fn decode_medium(&mut self) -> Option<Message> {
        let medium = self.decoder.medium(self.stream.buffered());
        let (message, used) = medium.ok()??;
        self.stream.consume(used);
        Some(message)
    }

    /// How far the server has come in stopping; a client serves for ever.
    #[inline]
    pub(super) fn stage(&self) -> Stage {
        self.lease.as_ref().map_or(Stage::Serving, Lease::stage)
    }

    /// Tells whether something may wait to be written. Encryption holds octets back, where the
    /// stream does not see them.
    #[inline]
    pub(super) fn has_output(&self) -> bool {
        !self.stream.is_flushed() || self.stream.is_tls()
    }

    #[inline]
    pub(super) fn write_outgoing(&mut self, message: Outgoing) {
        match message {
            Outgoing::Single(message) => self.write_message(message),
            // A client masks, each frame with another key.
            Outgoing::Shared(prepared) if self.decoder.role() == Role::Client => {
                self.write_message(prepared.to_message());
            }
            Outgoing::Shared(prepared) => {
                let frame = prepared.frame(self.compressor.as_deref_mut());
                self.stream.enqueue_bytes(frame);
            }
        }
    }

    /// Appends a message to what waits to be written; a short text first.
    #[inline]
    pub(super) fn write_message(&mut self, message: Message) {
        if let Message::Text(text) = message {
            if self.writes_plain() {
                if let Some(head) = FrameHead::short(OpCode::Text, false, text.len()) {
                    return self.write_text(&head, text);
                }
                return self.write_long_text(text);
            }
            return self.write_any_message(Message::Text(text));
        }
        self.write_any_message(message);
    }

    /// Writes a text behind the head of its only frame.
    #[inline(always)]
    fn write_text(&mut self, head: &[u8], text: String) {
        let out = self.stream.outgoing();
        out.extend_from_slice(head);
        out.extend_from_slice(text.as_bytes());
        spare::keep(text);
    }

    #[inline(never)]
    fn write_long_text(&mut self, text: String) {
        match FrameHead::medium(OpCode::Text, false, text.len()) {
            Some(head) if text.len() < COPY_BELOW => self.write_text(&head, text),
            _ => self.write_any_message(Message::Text(text)),
        }
    }

    /// Neither masks nor compresses.
    #[inline]
    fn writes_plain(&self) -> bool {
        self.compressor.is_none() && self.decoder.role() == Role::Server
    }

    #[inline(never)]
    fn write_any_message(&mut self, message: Message) {
        let opcode = match &message {
            Message::Text(_) => OpCode::Text,
            Message::Binary(_) => OpCode::Binary,
        };
        let len = message.len();
        if let Some(compressor) = &mut self.compressor
            && compressor.takes(len)
        {
            let pool = self.stream.loop_state().buffers();
            let mut compressed = pool.take_output();
            compressor.compress(message.as_bytes(), &mut compressed);
            self.write_frame(opcode, true, &compressed);
            self.stream.loop_state().buffers().give_output(compressed);
            return;
        }
        if len < COPY_BELOW {
            self.write_frame(opcode, false, message.as_bytes());
            return;
        }
        let mask = self.write_head(opcode, false, len);
        let payload = match message {
            Message::Text(text) => Bytes::from(text),
            Message::Binary(bytes) => bytes,
        };
        self.stream.enqueue_bytes(match mask {
            None => payload,
            Some(key) => masked(payload, key),
        });
    }

    #[inline]
    pub(super) fn write_frame(&mut self, opcode: OpCode, compressed: bool, payload: &[u8]) {
        if self.decoder.role() == Role::Server {
            let length = payload.len();
            let out = self.stream.outgoing();
            if let Some(head) = FrameHead::short(opcode, compressed, length) {
                out.extend_from_slice(&head);
                return out.extend_from_slice(payload);
            }
            if let Some(head) = FrameHead::medium(opcode, compressed, length) {
                out.extend_from_slice(&head);
                return out.extend_from_slice(payload);
            }
        }
        let mask = self.write_head(opcode, compressed, payload.len());
        let out = self.stream.outgoing();
        let start = out.len();
        out.extend_from_slice(payload);
        if let Some(key) = mask {
            mask::apply(&mut out[start..], key, 0);
        }
    }

    pub(super) fn write_close(&mut self, reason: &CloseReason) {
        let mut payload = Vec::new();
        reason.encode(&mut payload);
        self.write_frame(OpCode::Close, false, &payload);
    }

    /// Returns the key that the payload must be masked with.
    fn write_head(&mut self, opcode: OpCode, compressed: bool, len: usize) -> Option<[u8; 4]> {
        let mask = match self.decoder.role() {
            Role::Server => None,
            Role::Client => Some(mask::random_key()),
        };
        let head = FrameHead {
            fin: true,
            compressed,
            opcode,
            mask,
            length: len as u64,
        };
        head.encode(self.stream.outgoing());
        mask
    }

    #[inline]
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(cx, &mut self.taken)
    }
}

/// Masks in place if nobody else holds the octets.
fn masked(payload: Bytes, key: [u8; 4]) -> Bytes {
    let mut octets = Vec::from(payload);
    mask::apply(&mut octets, key, 0);
    octets.into()
}
