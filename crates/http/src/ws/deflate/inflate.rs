//! Inflating messages.

use std::cell::RefCell;
use std::fmt;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use crate::ws::{CloseCode, Violation, mask};

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

/// Octets that one step makes at the most.
const STEP: usize = 16 * 1024;

/// A payload of more octets is not copied to be inflated at once.
const MAX_WHOLE: usize = 64 * 1024;

/// What the inflaters of a thread share: one works at a time, and never waits.
#[derive(Default)]
struct Shared {
    free: Vec<Inflate>,
    /// A payload without its mask, and what every message ends with.
    input: Vec<u8>,
    /// What one step makes, so that a message takes no more memory than it has octets.
    output: Vec<u8>,
}

thread_local! {
    static SHARED: RefCell<Shared> = RefCell::default();
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
        SHARED.with_borrow_mut(|shared| {
            let inflate = self.inflate.get_or_insert_with(|| shared.take());
            run(inflate, piece, &mut shared.output, message, limit)
        })
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
            SHARED.with_borrow_mut(|shared| shared.give(inflate));
        }
        Ok(())
    }

    /// Inflates a message that is one frame, with its mask still on; `None` if it is too large to do
    /// so at once.
    ///
    /// # Errors
    ///
    /// As [`inflate`](Self::inflate).
    pub(in crate::ws) fn whole(
        &mut self,
        payload: &[u8],
        key: Option<[u8; 4]>,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Violation> {
        if payload.len() > MAX_WHOLE {
            return Ok(None);
        }
        let mut message = Vec::new();
        SHARED.with_borrow_mut(|shared| {
            let mut inflate = self.inflate.take().unwrap_or_else(|| shared.take());
            shared.input.clear();
            shared.input.extend_from_slice(payload);
            if let Some(key) = key {
                mask::apply(&mut shared.input, key, 0);
            }
            shared.input.extend_from_slice(&TAIL);
            let Shared { input, output, .. } = shared;
            run(&mut inflate, input, output, &mut message, limit)?;
            if self.keeps {
                self.inflate = Some(inflate);
            } else {
                shared.give(inflate);
            }
            Ok(Some(message))
        })
    }
}

fn run(
    inflate: &mut Inflate,
    mut piece: &[u8],
    output: &mut Vec<u8>,
    message: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Violation> {
    output.resize(STEP, 0);
    loop {
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(piece, output, InflateFlush::SyncFlush);
        let used = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
        let made = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
        piece = &piece[used..];
        if made > limit.saturating_sub(message.len()) {
            return Err(BOMB);
        }
        message.extend_from_slice(&output[..made]);
        match status {
            Err(_) => return Err(BROKEN),
            // RFC 7692 §7.2.3.4: a final block may be followed by more.
            Ok(Status::StreamEnd) => {
                inflate.reset(false);
                if piece.is_empty() {
                    return Ok(());
                }
            }
            Ok(_) if piece.is_empty() && made < STEP => return Ok(()),
            Ok(_) if used == 0 && made == 0 => return Err(BROKEN),
            Ok(_) => {}
        }
    }
}

impl Shared {
    fn take(&mut self) -> Inflate {
        let free = self.free.pop();
        free.unwrap_or_else(|| Inflate::new(false, 15))
    }

    fn give(&mut self, mut inflate: Inflate) {
        if self.free.len() < MAX_FREE {
            inflate.reset(false);
            self.free.push(inflate);
        }
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("keeps", &self.keeps)
            .finish_non_exhaustive()
    }
}
