use std::fmt;

use bytes::{Buf, Bytes};

/// The codings that this build can undo, those first that cost least.
pub const DECODABLE: &[&str] = &[
    #[cfg(feature = "zstd")]
    "zstd",
    #[cfg(feature = "brotli")]
    "br",
    #[cfg(feature = "gzip")]
    "gzip",
    #[cfg(feature = "gzip")]
    "deflate",
];

/// Octets that one step makes at the most: a bomb goes off in pieces that are counted.
pub(super) const PIECE: usize = 32 * 1024;

/// A coding that is being undone.
pub(super) trait Decode {
    /// Takes octets of the input and fills `out` with what they come to.
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, &'static str>;

    /// Tells whether the coded data may end here.
    fn is_complete(&self) -> bool;
}

/// Octets that one step took and made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) read: usize,
    pub(super) made: usize,
}

/// Undoes a content coding, a piece at a time and in bounded memory.
///
/// # Examples
///
/// ```
/// use waterspout_http::coding::{DECODABLE, Decoder, Encoder};
///
/// let mut encoder = Encoder::new("gzip")?.expect("it is on by default");
/// encoder.write(b"some text")?;
/// let mut decoder = Decoder::new("gzip").expect("it is on by default");
/// decoder.feed(encoder.finish()?.into());
/// assert_eq!(decoder.next_piece()?.as_deref(), Some(&b"some text"[..]));
/// assert_eq!(decoder.next_piece()?, None);
/// decoder.finish()?;
/// assert!(DECODABLE.contains(&"deflate") && Decoder::new("compress").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Decoder {
    coding: &'static str,
    decode: Box<dyn Decode>,
    input: Bytes,
    /// Where a step writes; made at the first.
    out: Vec<u8>,
    begun: bool,
}

impl Decoder {
    /// Begins a body; `None` for a coding that this build cannot undo.
    ///
    /// Names are compared without case; `x-gzip` is `gzip` (RFC 9110 §8.4.1.3). `deflate` may have
    /// the frame of zlib, as the standard wants, or none, as many senders have it.
    #[must_use]
    pub fn new(coding: &str) -> Option<Self> {
        let (coding, decode) = begin(coding)?;
        Some(Self {
            coding,
            decode,
            input: Bytes::new(),
            out: Vec::new(),
            begun: false,
        })
    }

    /// Returns the name of the coding.
    #[must_use]
    pub fn coding(&self) -> &'static str {
        self.coding
    }

    /// Gives it the next octets. Those before must be used up, or they are forgotten.
    pub fn feed(&mut self, input: Bytes) {
        debug_assert!(self.input.is_empty(), "the last piece is used up");
        self.begun |= !input.is_empty();
        self.input = input;
    }

    /// Returns the next piece of what the octets come to, 32 KiB at the most; `None` when it needs more
    /// of them.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for data that the coding does not have. The decoder is of no use then.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>, DecodeError> {
        if !self.begun {
            return Ok(None);
        }
        self.out.resize(PIECE, 0);
        loop {
            let step = self.decode.step(&self.input, &mut self.out);
            let Progress { read, made } = step.map_err(|what| self.error(what))?;
            self.input.advance(read.min(self.input.len()));
            if made > 0 {
                return Ok(Some(Bytes::copy_from_slice(&self.out[..made])));
            }
            if self.input.is_empty() {
                return Ok(None);
            }
            if read == 0 {
                return Err(self.error("goes on after its end"));
            }
        }
    }

    /// Checks that the coded data may end here.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is cut short. No octets at all are an empty body.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if !self.begun || self.decode.is_complete() {
            return Ok(());
        }
        Err(self.error("is cut short"))
    }

    fn error(&self, what: &'static str) -> DecodeError {
        DecodeError {
            coding: self.coding,
            what,
        }
    }
}

fn begin(coding: &str) -> Option<(&'static str, Box<dyn Decode>)> {
    match coding.to_ascii_lowercase().as_str() {
        #[cfg(feature = "gzip")]
        "gzip" | "x-gzip" => Some(("gzip", Box::new(super::inflate::Gunzip::new()))),
        #[cfg(feature = "gzip")]
        "deflate" => Some(("deflate", Box::new(super::inflate::Inflater::new()))),
        #[cfg(feature = "brotli")]
        "br" => Some(("br", Box::new(super::brotli::Unbrotli::new()))),
        #[cfg(feature = "zstd")]
        "zstd" => Some(("zstd", Box::new(super::zstd::Unzstd::new().ok()?))),
        _ => None,
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("coding", &self.coding)
            .finish_non_exhaustive()
    }
}

/// Data that a content coding does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    coding: &'static str,
    what: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} data {}", self.coding, self.what)
    }
}

impl std::error::Error for DecodeError {}
