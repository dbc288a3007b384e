use std::fmt;
use std::io;

/// The codings that this build has, those first that cost least for what they save.
pub const AVAILABLE: &[&str] = &[
    #[cfg(feature = "zstd")]
    "zstd",
    #[cfg(feature = "brotli")]
    "br",
    #[cfg(feature = "gzip")]
    "gzip",
];

/// A coding at work on one body.
pub(super) trait Encode {
    /// Takes octets of the body in.
    fn write(&mut self, input: &[u8]) -> io::Result<()>;

    /// Has all that was taken in come out.
    fn flush(&mut self) -> io::Result<Vec<u8>>;

    /// Ends the body.
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
}

/// Encodes one body, whole or piece by piece.
///
/// # Examples
///
/// ```
/// use waterspout_http::coding::{AVAILABLE, Encoder};
///
/// for coding in AVAILABLE {
///     let mut encoder = Encoder::new(coding)?.expect("it is there");
///     encoder.write(&[b'a'; 10_000])?;
///     assert!(encoder.finish()?.len() < 200);
/// }
/// assert!(Encoder::new("compress")?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Encoder(Box<dyn Encode>);

impl Encoder {
    /// Begins a body; `None` for a coding that this build does not have.
    ///
    /// # Errors
    ///
    /// Fails if the coding cannot be set up.
    pub fn new(coding: &str) -> io::Result<Option<Self>> {
        Ok(begin(coding)?.map(Self))
    }

    /// Takes octets of the body in. What comes of them comes with the next flush or at the end.
    ///
    /// # Errors
    ///
    /// Fails if the coding does.
    pub fn write(&mut self, input: &[u8]) -> io::Result<()> {
        self.0.write(input)
    }

    /// Returns all that the octets taken in have come to, so that the other side can decode them.
    ///
    /// # Errors
    ///
    /// Fails if the coding does.
    pub fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.0.flush()
    }

    /// Ends the body and returns what is left of it.
    ///
    /// # Errors
    ///
    /// Fails if the coding does.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.0.finish()
    }
}

fn begin(coding: &str) -> io::Result<Option<Box<dyn Encode>>> {
    match coding {
        #[cfg(feature = "gzip")]
        "gzip" => Ok(Some(Box::new(super::gzip::Gzip::new()))),
        #[cfg(feature = "brotli")]
        "br" => Ok(Some(Box::new(super::brotli::Brotli::new()))),
        #[cfg(feature = "zstd")]
        "zstd" => Ok(Some(Box::new(super::zstd::Zstd::new()?))),
        _ => Ok(None),
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}
