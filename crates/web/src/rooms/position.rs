//! Places in what a room has heard.

use std::fmt;
use std::str::FromStr;

/// A place in the sequence of a room's messages, as text `epoch-offset`.
///
/// Offsets of a room go up by one with each message. An epoch is one life of a room in one process:
/// offsets of different epochs have nothing to do with each other.
///
/// # Examples
///
/// ```
/// use waterspout::Position;
///
/// let position: Position = "1f-42".parse()?;
/// assert_eq!(position.offset(), 42);
/// assert_eq!(position.to_string(), "1f-42");
/// # Ok::<(), waterspout::InvalidPosition>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    pub(super) epoch: u64,
    pub(super) offset: u64,
}

impl Position {
    /// Returns the number of messages up to here.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// Returns the place one message before, or this one at the beginning.
    #[must_use]
    pub fn previous(self) -> Self {
        Self {
            epoch: self.epoch,
            offset: self.offset.saturating_sub(1),
        }
    }

    /// Returns the place one message later.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            epoch: self.epoch,
            offset: self.offset.saturating_add(1),
        }
    }

    /// Tells whether `other` is of the same life of the room, so that their offsets compare.
    #[must_use]
    pub fn is_comparable(self, other: Self) -> bool {
        self.epoch == other.epoch
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.epoch, self.offset)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let (epoch, offset) = text.split_once('-').ok_or(InvalidPosition)?;
        let plain = |text: &str| !text.is_empty() && !text.starts_with('+');
        if !plain(epoch) || !plain(offset) {
            return Err(InvalidPosition);
        }
        Ok(Self {
            epoch: u64::from_str_radix(epoch, 16).map_err(|_| InvalidPosition)?,
            offset: offset.parse().map_err(|_| InvalidPosition)?,
        })
    }
}

/// Text that is not a [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPosition;

impl fmt::Display for InvalidPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("position in a room is not of the form epoch-offset")
    }
}

impl std::error::Error for InvalidPosition {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_position_is_refused() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "-1",
            "g-1",
            "1-x",
            "1-+1",
            "+1-1",
            "1-99999999999999999999",
        ] {
            assert_eq!(text.parse::<Position>(), Err(InvalidPosition), "{text:?}");
        }
    }
}
