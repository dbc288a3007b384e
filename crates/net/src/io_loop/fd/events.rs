//! What a descriptor may be ready for.

use std::fmt;
use std::ops::{BitAnd, BitOr};

use mio::Interest;

/// What a handler waits for, and what it is called with.
///
/// # Examples
///
/// ```
/// use waterspout_net::FdEvents;
///
/// let events = FdEvents::READ | FdEvents::WRITE;
/// assert!(events.contains(FdEvents::READ));
/// assert_eq!(events.to_string(), "READ|WRITE");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FdEvents(u8);

impl FdEvents {
    /// Nothing. A handler for this is called for errors.
    pub const NONE: Self = Self(0);
    /// There is something to read or to accept, or the peer has closed.
    pub const READ: Self = Self(1);
    /// There is room to write, or a connect has ended.
    pub const WRITE: Self = Self(2);
    /// The descriptor is in error, or both directions have ended. A handler is called with this
    /// whether it waits for it or not.
    pub const ERROR: Self = Self(4);

    /// Tells whether all of `other` is in this.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Tells whether this is [`NONE`](Self::NONE).
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn of(event: &mio::event::Event) -> Self {
        let mut events = Self::NONE;
        if event.is_readable() {
            events = events | Self::READ;
        }
        if event.is_writable() {
            events = events | Self::WRITE;
        }
        // Hanging up is reported as both directions closed.
        if event.is_error() || (event.is_read_closed() && event.is_write_closed()) {
            events = events | Self::ERROR;
        }
        events
    }

    /// Returns what to ask the system for. Errors come unasked, but it wants to be asked something.
    pub(super) fn interest(self) -> Interest {
        match (self.contains(Self::READ), self.contains(Self::WRITE)) {
            (true, true) => Interest::READABLE | Interest::WRITABLE,
            (false, true) => Interest::WRITABLE,
            (_, false) => Interest::READABLE,
        }
    }
}

impl BitOr for FdEvents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for FdEvents {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Display for FdEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::READ, "READ"),
            (Self::WRITE, "WRITE"),
            (Self::ERROR, "ERROR"),
        ];
        let found: Vec<_> = names
            .into_iter()
            .filter_map(|(event, name)| self.contains(event).then_some(name))
            .collect();
        f.write_str(if found.is_empty() { "NONE" } else { "" })?;
        f.write_str(&found.join("|"))
    }
}
