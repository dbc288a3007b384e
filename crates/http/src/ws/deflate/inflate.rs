//! Inflating messages.

use std::cell::RefCell;
use std::fmt;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use crate::ws::{CloseCode, Violation};

/// Inflates the messages of one connection.
pub struct Inflater {
    /// The context: of the message that is being read, or kept from message to message.
    inflate: Option<Inflate>,
    keeps: bool,
}

const BROKEN: Violation = Violation::new(
    CloseCode::INVALID_DATA,
    "compressed message cannot be inflated",
);
const BOMB: Violation = Violation::new(CloseCode::TOO_BIG, "message too big after decompression");

/// Free inflaters of a thread at the most.
const MAX_FREE: usize = 16;

/// Octets that one step makes room for at the most.
const STEP: usize = 64 * 1024;

thread_local! {
    static FREE: RefCell<Vec<Inflate>> = const { RefCell::new(Vec::new()) };
}

impl Inflater {
    /// Makes the inflating side of a connection; `no_context_takeover` is what the handshake agreed
    /// on for the other side.
    #[must_use]
    pub fn new(no_context_takeover: bool) -> Self {
        Self {
            inflate: None,
            keeps: !no_context_takeover,
        }
    }

    /// Inflates a piece of a message and appends it to `message`.
    ///
    /// # Errors
    ///
    /// [`Violation`] for what is not deflated data, and for a message of more than `limit` octets.
    pub fn inflate(
        &mut self,
        piece: &[u8],
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), Violation> {
        let inflate = self.inflate.get_or_insert_with(take);
        run(inflate, piece, message, limit)
    }

    /// Inflates the end of a message (RFC 7692 §7.2.2).
    ///
    /// # Errors
    ///
    /// As [`inflate`](Self::inflate).
    pub fn finish(&mut self, message: &mut Vec<u8>, limit: usize) -> Result<(), Violation> {
        self.inflate(&TAIL, message, limit)?;
        if !self.keeps
            && let Some(inflate) = self.inflate.take()
        {
            give(inflate);
        }
        Ok(())
    }
}

fn run(
    inflate: &mut Inflate,
    mut piece: &[u8],
    message: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Violation> {
    loop {
        let start = message.len();
        // One octet more than allowed tells a bomb from a message that just fits.
        let room = (piece.len() * 4).clamp(256, STEP).min(limit - start + 1);
        message.resize(start + room, 0);
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(piece, &mut message[start..], InflateFlush::SyncFlush);
        let used = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
        let made = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
        message.truncate(start + made);
        piece = &piece[used..];
        if message.len() > limit {
            return Err(BOMB);
        }
        match status {
            Err(_) => return Err(BROKEN),
            // RFC 7692 §7.2.3.4: a final block may be followed by more.
            Ok(Status::StreamEnd) => {
                inflate.reset(false);
                if piece.is_empty() {
                    return Ok(());
                }
            }
            Ok(_) if piece.is_empty() && made < room => return Ok(()),
            Ok(_) if used == 0 && made == 0 => return Err(BROKEN),
            Ok(_) => {}
        }
    }
}

fn take() -> Inflate {
    let free = FREE.with_borrow_mut(Vec::pop);
    free.unwrap_or_else(|| Inflate::new(false, 15))
}

fn give(mut inflate: Inflate) {
    FREE.with_borrow_mut(|free| {
        if free.len() < MAX_FREE {
            inflate.reset(false);
            free.push(inflate);
        }
    });
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("keeps", &self.keeps)
            .finish_non_exhaustive()
    }
}
