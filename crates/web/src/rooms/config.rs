//! Limits of rooms.

use std::time::Duration;

/// Limits of all rooms of a process, and how much of the past each keeps.
///
/// # Examples
///
/// ```
/// use waterspout::{RoomHub, RoomsConfig};
///
/// let hub = RoomHub::with_config(RoomsConfig::default().history(100));
/// # drop(hub);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomsConfig {
    /// Rooms at a time, those kept for their history included; then 503. Default: 100,000.
    pub max_rooms: usize,
    /// Members of a room in this process; then 503. Default: 1,000,000.
    pub max_members: usize,
    /// Octets of a name; then 400. Default: 200.
    pub max_name_len: usize,
    /// Messages that each room remembers. A WebSocket that is sent all of them at once has room for so many
    /// if its `max_queue_messages` and `max_queue_size` are no smaller than the limits here. Default: 0.
    pub history: usize,
    /// Octets of messages that each room remembers. Default: 1,048,576.
    pub max_history_size: usize,
    /// Time for which a room without members keeps its history. Default: 5 minutes.
    pub history_ttl: Duration,
    /// Messages that wait for a listener; then the oldest go, and it is told how many it missed.
    /// Default: 1,024.
    pub max_listener_messages: usize,
    /// Octets of messages that wait for a listener. Default: 1,048,576.
    pub max_listener_size: usize,
    /// Octets of messages that wait for a worker which does not come to read them; then it loses
    /// some, which is logged and counted. Default: 67,108,864.
    pub max_backlog: usize,
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            max_rooms: 100_000,
            max_members: 1_000_000,
            max_name_len: 200,
            history: 0,
            max_history_size: 1024 * 1024,
            history_ttl: Duration::from_secs(300),
            max_listener_messages: 1024,
            max_listener_size: 1024 * 1024,
            max_backlog: 64 * 1024 * 1024,
        }
    }
}

impl RoomsConfig {
    /// Sets the number of rooms. Default: 100,000.
    #[must_use]
    pub fn max_rooms(mut self, rooms: usize) -> Self {
        self.max_rooms = rooms;
        self
    }

    /// Sets the number of members of a room in this process. Default: 1,000,000.
    #[must_use]
    pub fn max_members(mut self, members: usize) -> Self {
        self.max_members = members;
        self
    }

    /// Sets the octets of a name, at the most 65,535. Default: 200.
    #[must_use]
    pub fn max_name_len(mut self, octets: usize) -> Self {
        self.max_name_len = octets.min(usize::from(u16::MAX));
        self
    }

    /// Sets the messages that each room remembers: no more than `max_queue_messages` of the WebSockets that
    /// are to catch up. Default: 0.
    #[must_use]
    pub fn history(mut self, messages: usize) -> Self {
        self.history = messages;
        self
    }

    /// Sets the octets of messages that each room remembers. Default: 1,048,576.
    #[must_use]
    pub fn max_history_size(mut self, octets: usize) -> Self {
        self.max_history_size = octets;
        self
    }

    /// Sets how long a room without members keeps its history. Default: 5 minutes.
    #[must_use]
    pub fn history_ttl(mut self, time: Duration) -> Self {
        self.history_ttl = time;
        self
    }

    /// Sets the messages that wait for a listener. Default: 1,024.
    #[must_use]
    pub fn max_listener_messages(mut self, messages: usize) -> Self {
        self.max_listener_messages = messages;
        self
    }

    /// Sets the octets of messages that wait for a listener. Default: 1,048,576.
    #[must_use]
    pub fn max_listener_size(mut self, octets: usize) -> Self {
        self.max_listener_size = octets;
        self
    }

    /// Sets the octets that wait for a worker. Default: 67,108,864.
    #[must_use]
    pub fn max_backlog(mut self, octets: usize) -> Self {
        self.max_backlog = octets;
        self
    }
}
