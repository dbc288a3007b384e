//! Why a body could not be read or written.

use std::fmt;
use std::io;

use http::StatusCode;

use crate::Rejection;
use crate::coding::{DECODABLE, DecodeError};

/// Why the body of a request could not be read. The connection is closed after the answer.
#[derive(Debug)]
pub struct BodyError(BodyErrorKind);

#[derive(Debug)]
enum BodyErrorKind {
    TooLarge { limit: u64 },
    TooLargeDecoded { limit: u64 },
    Timeout,
    Malformed(Rejection),
    UnsupportedCoding,
    Coding(DecodeError),
    Disconnected(Option<io::Error>),
}

impl BodyError {
    pub(super) fn too_large(limit: u64) -> Self {
        Self(BodyErrorKind::TooLarge { limit })
    }

    pub(super) fn too_large_decoded(limit: u64) -> Self {
        Self(BodyErrorKind::TooLargeDecoded { limit })
    }

    pub(super) fn unsupported_coding() -> Self {
        Self(BodyErrorKind::UnsupportedCoding)
    }

    pub(super) fn coding(error: DecodeError) -> Self {
        Self(BodyErrorKind::Coding(error))
    }

    pub(super) fn malformed(rejection: Rejection) -> Self {
        Self(BodyErrorKind::Malformed(rejection))
    }

    pub(super) fn ended() -> Self {
        Self(BodyErrorKind::Disconnected(None))
    }

    pub(super) fn io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self(BodyErrorKind::Timeout),
            _ => Self(BodyErrorKind::Disconnected(Some(error))),
        }
    }

    /// Returns the status to answer: 413, 415, 408 or 400.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            BodyErrorKind::TooLarge { .. } | BodyErrorKind::TooLargeDecoded { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            BodyErrorKind::UnsupportedCoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            BodyErrorKind::Timeout => StatusCode::REQUEST_TIMEOUT,
            BodyErrorKind::Malformed(rejection) => rejection.status(),
            BodyErrorKind::Coding(_) | BodyErrorKind::Disconnected(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// Tells whether the body exceeds `max_body_size`, as it is sent or decoded.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.status() == StatusCode::PAYLOAD_TOO_LARGE
    }

    /// Tells whether the body has a content coding that this server does not undo. The answer lists those
    /// it does in `Accept-Encoding` (RFC 9110 §15.5.16).
    #[must_use]
    pub fn is_unsupported_coding(&self) -> bool {
        matches!(self.0, BodyErrorKind::UnsupportedCoding)
    }

    /// Tells whether the client is gone, so that nobody reads an answer.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        matches!(self.0, BodyErrorKind::Disconnected(_))
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodyErrorKind::TooLarge { limit } => {
                write!(
                    f,
                    "request body exceeds {limit} octets (limit max_body_size)"
                )
            }
            BodyErrorKind::TooLargeDecoded { limit } => {
                write!(
                    f,
                    "request body exceeds {limit} octets once decoded (limit max_body_size)"
                )
            }
            BodyErrorKind::UnsupportedCoding => {
                write!(
                    f,
                    "Content-Encoding of the request is none of {}",
                    DECODABLE.join(", ")
                )
            }
            BodyErrorKind::Coding(error) => write!(f, "request body: {error}"),
            BodyErrorKind::Timeout => {
                f.write_str("request body did not arrive in time (limit body_timeout)")
            }
            BodyErrorKind::Malformed(rejection) => f.write_str(rejection.reason()),
            BodyErrorKind::Disconnected(_) => f.write_str("client closed the connection"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            BodyErrorKind::Disconnected(Some(error)) => Some(error),
            _ => None,
        }
    }
}

/// Why the body of a response could not be written.
#[derive(Debug)]
pub struct WriteError(WriteErrorKind);

#[derive(Debug)]
enum WriteErrorKind {
    Finished,
    TooMuch,
    TooLittle { missing: u64 },
    InvalidLength,
    Io(io::Error),
}

impl WriteError {
    pub(super) fn finished() -> Self {
        Self(WriteErrorKind::Finished)
    }

    pub(super) fn too_much() -> Self {
        Self(WriteErrorKind::TooMuch)
    }

    pub(super) fn too_little(missing: u64) -> Self {
        Self(WriteErrorKind::TooLittle { missing })
    }

    pub(super) fn invalid_length() -> Self {
        Self(WriteErrorKind::InvalidLength)
    }

    pub(super) fn io(error: io::Error) -> Self {
        Self(WriteErrorKind::Io(error))
    }

    /// Tells whether the response was finished before.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.0, WriteErrorKind::Finished)
    }

    /// Tells whether the client is gone or takes nothing.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        matches!(self.0, WriteErrorKind::Io(_))
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            WriteErrorKind::Finished => f.write_str("response is finished already"),
            WriteErrorKind::TooMuch => f.write_str("tried to write more data than Content-Length"),
            WriteErrorKind::TooLittle { missing } => {
                write!(f, "tried to write {missing} bytes less than Content-Length")
            }
            WriteErrorKind::InvalidLength => {
                f.write_str("Content-Length of the response is not a decimal number")
            }
            WriteErrorKind::Io(_) => f.write_str("response could not be written"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            WriteErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
