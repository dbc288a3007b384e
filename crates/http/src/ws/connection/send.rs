//! Frames on their way out.

use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use waterspout_net::IoStream;

use crate::ws::deflate::Compressor;
use crate::ws::frame::{FrameHead, OpCode};
use crate::ws::message::{Decoder, Step};
use crate::ws::{CloseReason, Message, Violation};

/// The stream of an open connection, and what stands between octets and messages.
#[derive(Debug)]
pub(super) struct Io {
    pub(super) stream: IoStream,
    pub(super) decoder: Decoder,
    pub(super) compressor: Option<Box<Compressor>>,
    /// Octets that the peer took since the stall timer started.
    pub(super) taken: u64,
}

/// A payload of this size or more is not copied.
const COPY_BELOW: usize = 4 * 1024;

impl Io {
    /// Decodes what is buffered, up to the first event.
    #[inline]
    pub(super) fn decode(&mut self) -> Result<Step, Violation> {
        let input = self.stream.buffered();
        if input.is_empty() {
            return Ok(Step {
                consumed: 0,
                event: None,
            });
        }
        let step = self.decoder.decode(input)?;
        self.stream.consume(step.consumed);
        Ok(step)
    }

    /// Appends a message to what waits to be written.
    #[inline]
    pub(super) fn write_message(&mut self, message: Message) {
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
        self.write_head(opcode, false, len);
        self.stream.enqueue_bytes(match message {
            Message::Text(text) => Bytes::from(text),
            Message::Binary(bytes) => bytes,
        });
    }

    #[inline]
    pub(super) fn write_frame(&mut self, opcode: OpCode, compressed: bool, payload: &[u8]) {
        self.write_head(opcode, compressed, payload.len());
        self.stream.enqueue(payload);
    }

    pub(super) fn write_close(&mut self, reason: &CloseReason) {
        let mut payload = Vec::new();
        reason.encode(&mut payload);
        self.write_frame(OpCode::Close, false, &payload);
    }

    #[inline]
    fn write_head(&mut self, opcode: OpCode, compressed: bool, len: usize) {
        let head = FrameHead {
            fin: true,
            compressed,
            opcode,
            mask: None,
            length: len as u64,
        };
        head.encode(self.stream.outgoing());
    }

    #[inline]
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(cx, &mut self.taken)
    }
}
