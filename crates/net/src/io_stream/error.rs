//! Why a read or a write of a stream failed.

use std::fmt;
use std::io;

use crate::causes;

/// Why a read or a write of an [`IoStream`](super::IoStream) failed.
///
/// Tornado's `StreamClosedError`, `UnsatisfiableReadError` and `StreamBufferFullError`.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The stream is closed; the source is the real error, unless the peer just closed it.
    Closed(Option<io::Error>),
    /// What was asked for cannot come within the limit that was given.
    UnsatisfiableRead {
        /// The limit in octets.
        limit: usize,
    },
    /// Another read of the same [`SharedStream`](super::SharedStream) is pending.
    AlreadyReading,
    /// The output buffer is full; nothing of the refused write was taken.
    BufferFull {
        /// The limit in octets.
        limit: usize,
    },
}

impl StreamError {
    /// Tells whether the stream is closed, by either side.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl StreamError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("stream is closed"),
            Self::UnsatisfiableRead { limit } => {
                write!(f, "unsatisfiable read: no end found within {limit} octets")
            }
            Self::AlreadyReading => f.write_str(
                "already reading: await the read that is pending, or drop it, before the next",
            ),
            Self::BufferFull { limit } => {
                write!(
                    f,
                    "reached maximum write buffer size of {limit} octets: await earlier writes first"
                )
            }
        }
    }
}

impl std::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Closed(Some(real)) => Some(real),
            _ => None,
        }
    }
}

impl From<StreamError> for io::Error {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Closed(Some(real)) => real,
            StreamError::Closed(None) => Self::new(io::ErrorKind::UnexpectedEof, error),
            StreamError::UnsatisfiableRead { .. } => Self::new(io::ErrorKind::InvalidData, error),
            StreamError::AlreadyReading => Self::new(io::ErrorKind::InvalidInput, error),
            StreamError::BufferFull { .. } => Self::new(io::ErrorKind::WouldBlock, error),
        }
    }
}
