use std::{fmt, io};

use http::StatusCode;

/// Why a room cannot be entered, or who a message did not reach.
///
/// As the error of a handler it is a 400 for a name, a 503 for a limit.
#[derive(Debug)]
pub struct RoomError(Kind);

#[derive(Debug)]
enum Kind {
    Name(String),
    Full(&'static str, usize),
    Closed,
    Elsewhere(io::Error),
}

impl RoomError {
    pub(super) fn name(reason: impl Into<String>) -> Self {
        Self(Kind::Name(reason.into()))
    }

    pub(super) fn full(setting: &'static str, limit: usize) -> Self {
        Self(Kind::Full(setting, limit))
    }

    pub(super) fn closed() -> Self {
        Self(Kind::Closed)
    }

    pub(super) fn elsewhere(error: io::Error) -> Self {
        Self(Kind::Elsewhere(error))
    }

    /// Tells whether the name of the room is the trouble.
    #[must_use]
    pub fn is_name(&self) -> bool {
        matches!(self.0, Kind::Name(_))
    }

    /// Tells whether a limit of [`RoomsConfig`](super::RoomsConfig) is the trouble.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.0, Kind::Full(..))
    }

    /// Tells whether the WebSocket that was to join is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.0, Kind::Closed)
    }

    /// Tells whether a message reached the members in this process and not those in others.
    #[must_use]
    pub fn is_backplane(&self) -> bool {
        matches!(self.0, Kind::Elsewhere(_))
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.0 {
            Kind::Name(_) => StatusCode::BAD_REQUEST,
            Kind::Full(..) => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Closed | Kind::Elsewhere(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for RoomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Name(reason) => write!(f, "name {reason}"),
            Kind::Full(setting, limit) => write!(f, "more than {limit} (limit {setting})"),
            Kind::Closed => f.write_str("the WebSocket is closed"),
            Kind::Elsewhere(_) => f.write_str("message did not reach other processes"),
        }
    }
}

impl std::error::Error for RoomError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Elsewhere(error) => Some(error),
            _ => None,
        }
    }
}
