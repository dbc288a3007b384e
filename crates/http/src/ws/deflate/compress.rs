//! Compressing messages.

use std::cell::RefCell;
use std::fmt;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status};

use super::{CompressionOptions, TAIL};

/// Compresses the messages of one connection.
pub struct Compressor {
    kind: Kind,
    /// The context that is kept from message to message.
    kept: Option<Box<Deflate>>,
    keeps: bool,
    threshold: usize,
}

/// What makes one compressor like another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ws) struct Kind {
    level: u8,
    mem_level: u8,
    window_bits: u8,
}

/// Free compressors of a thread at the most: compressing never waits, so one of a kind will do.
const MAX_FREE: usize = 4;

/// Octets of a message up to which less memory than usual is enough.
const SMALL: usize = 2000;

/// A block ends after `1 << (level + 6)` symbols, less one. No message up to [`SMALL`] octets has as many.
const SMALL_MEM_LEVEL: u8 = 5;

/// References reach back by the window less 262 octets.
const SMALL_WINDOW_BITS: u8 = 12;

thread_local! {
    static FREE: RefCell<Vec<(Kind, Box<Deflate>)>> = const { RefCell::new(Vec::new()) };
}

impl Compressor {
    /// Makes the compressing side of a connection: the window, and whether the context is dropped
    /// after each message, are what the handshake agreed on for this side.
    #[must_use]
    pub fn new(options: &CompressionOptions, window_bits: u8, no_context_takeover: bool) -> Self {
        Self {
            kind: Kind {
                level: options.level,
                mem_level: options.mem_level,
                // References of the library reach back by the window less 262 octets. So with 9 bits
                // they stay within the 256 octets of 8 bits, which it does not offer.
                window_bits: window_bits.clamp(9, 15),
            },
            kept: None,
            keeps: !no_context_takeover,
            threshold: options.threshold,
        }
    }

    /// Tells whether a message of `len` octets is worth the effort.
    #[must_use]
    pub fn takes(&self, len: usize) -> bool {
        len >= self.threshold
    }

    /// What its output depends on, beside what it has seen before.
    pub(in crate::ws) fn kind(&self) -> Kind {
        self.kind
    }

    /// The size from which on messages are compressed.
    pub(in crate::ws) fn threshold(&self) -> usize {
        self.threshold
    }

    /// Forgets what was sent before, for a message of another's making goes out in between.
    pub(in crate::ws) fn forget(&mut self) {
        self.kept = None;
    }

    /// Appends the compressed `payload` to `out` (RFC 7692 §7.2.1).
    pub fn compress(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        if !self.keeps {
            return self.kind.compress_once(payload, out);
        }
        let mut deflate = self.kept.take().unwrap_or_else(|| self.kind.take());
        message(&mut deflate, payload, out);
        self.kept = Some(deflate);
    }
}

/// A whole message, without the octets that every one ends with.
fn message(deflate: &mut Deflate, payload: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    run(deflate, payload, out);
    if out[start..].ends_with(&TAIL) {
        out.truncate(out.len() - TAIL.len());
    }
    if out.len() == start {
        // RFC 7692 §7.2.3.6: an empty message is one octet.
        out.push(0);
    }
}

fn run(deflate: &mut Deflate, payload: &[u8], out: &mut Vec<u8>) {
    let (before_in, before_out) = (deflate.total_in(), deflate.total_out());
    let start = out.len();
    let mut room = payload.len() / 2 + 64;
    loop {
        let done_in = since(before_in, deflate.total_in());
        let done_out = since(before_out, deflate.total_out());
        out.resize(start + done_out + room, 0);
        let status = deflate.compress(
            &payload[done_in..],
            &mut out[start + done_out..],
            DeflateFlush::SyncFlush,
        );
        let written = since(before_out, deflate.total_out());
        // Room that is left says that everything is flushed.
        if written < done_out + room || status != Ok(Status::Ok) {
            out.truncate(start + written);
            return;
        }
        room = room.max(1024) * 2;
    }
}

fn since(before: u64, now: u64) -> usize {
    usize::try_from(now - before).unwrap_or(usize::MAX)
}

impl Kind {
    /// Appends the compressed `payload`, which refers to nothing before it.
    pub(in crate::ws) fn compress_once(self, payload: &[u8], out: &mut Vec<u8>) {
        let kind = self.for_one(payload.len());
        let mut deflate = kind.take();
        message(&mut deflate, payload, out);
        deflate.reset();
        kind.give(deflate);
    }

    /// What compresses one message of `len` octets to the same result with the least memory: the
    /// library clears its memory, all of it, before each message.
    fn for_one(self, len: usize) -> Self {
        if len > SMALL {
            return self;
        }
        Self {
            mem_level: self.mem_level.min(SMALL_MEM_LEVEL),
            window_bits: self.window_bits.min(SMALL_WINDOW_BITS),
            ..self
        }
    }

    fn take(self) -> Box<Deflate> {
        let found = FREE.with_borrow_mut(|free| {
            let at = free.iter().position(|(kind, _)| *kind == self)?;
            Some(free.swap_remove(at).1)
        });
        found.unwrap_or_else(|| {
            Box::new(Deflate::new_with_config(DeflateConfig {
                level: i32::from(self.level),
                mem_level: i32::from(self.mem_level),
                window_bits: -i32::from(self.window_bits),
                ..DeflateConfig::default()
            }))
        })
    }

    fn give(self, deflate: Box<Deflate>) {
        FREE.with_borrow_mut(|free| {
            if free.len() == MAX_FREE {
                free.remove(0);
            }
            free.push((self, deflate));
        });
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressor")
            .field("kind", &self.kind)
            .field("keeps", &self.keeps)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(kind: Kind, payload: &[u8]) -> Vec<u8> {
        let (mut deflate, mut out) = (kind.take(), Vec::new());
        message(&mut deflate, payload, &mut out);
        out
    }

    #[test]
    fn a_small_message_is_compressed_with_less_memory_to_the_same_octets() {
        let mut noise = 1_u32;
        let octets: Vec<u8> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.to_be_bytes()[0]
        })
        .take(SMALL)
        .collect();
        let text = b"{\"id\":17,\"user\":\"u0042\"},".repeat(100);
        for level in 1..=9 {
            for window_bits in [9, 12, 15] {
                let kind = Kind {
                    level,
                    mem_level: 8,
                    window_bits,
                };
                for payload in [&octets[..], &octets[..300], &text[..SMALL], b"", b"x"] {
                    let small = kind.for_one(payload.len());
                    assert!(small.mem_level < kind.mem_level);
                    assert_eq!(compressed(small, payload), compressed(kind, payload));
                }
                assert_eq!(kind.for_one(SMALL + 1), kind);
            }
        }
    }
}
