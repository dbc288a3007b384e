use std::fmt;

/// Why a message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The WebSocket is closed or closing.
    Closed,
    /// The queue is full and the policy is to wait.
    Full,
    /// The payload of a ping exceeds 125 octets.
    PingTooLong,
    /// The value cannot be written as JSON.
    NotJson,
}

impl SendError {
    /// Tells whether the WebSocket is closed or closing.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "WebSocket is closed",
            Self::Full => "send queue is full (limit max_queue_size)",
            Self::PingTooLong => "payload of a ping exceeds 125 octets",
            Self::NotJson => "value cannot be written as JSON",
        })
    }
}

impl std::error::Error for SendError {}
