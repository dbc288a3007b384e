//! Limits and deadlines of a WebSocket.

use std::time::Duration;

use crate::ws::CompressionOptions;

/// Limits and deadlines of a WebSocket, all on by default but compression.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_http::ws::{CompressionOptions, SlowConsumer, WebSocketConfig};
///
/// let config = WebSocketConfig::default()
///     .max_message_size(64 * 1024)
///     .ping_interval(Some(Duration::from_secs(10)))
///     .compression_options(Some(CompressionOptions::default()))
///     .slow_consumer(SlowConsumer::DropOldest);
/// assert_eq!(config.ping_timeout, Some(Duration::from_secs(30)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketConfig {
    /// Octets of a message, fragments joined, inflated; then close 1009. Default: 10,485,760.
    pub max_message_size: usize,
    /// Time from ping to ping; `None` sends none. Default: 30 s.
    pub ping_interval: Option<Duration>,
    /// Time from a ping until the peer has sent anything; then close 1000 `ping timed out`. Counted
    /// while this side reads. `None` waits for ever. It may be longer than `ping_interval`. Default:
    /// 30 s.
    pub ping_timeout: Option<Duration>,
    /// Time for the closing handshake, once what was sent before is written; then the connection is
    /// reset. Default: 5 s.
    pub close_timeout: Duration,
    /// Time in which a peer must take 64 octets for each second of it, counted while output waits;
    /// then the connection is reset. Default: 60 s.
    pub write_timeout: Duration,
    /// Octets of messages that wait for a slow peer, beside what the socket holds. Default: 1,048,576.
    pub max_queue_size: usize,
    /// Messages that wait for a slow peer. Default: 4,096.
    pub max_queue_messages: usize,
    /// What happens when the queue is full. Default: [`SlowConsumer::Wait`].
    pub slow_consumer: SlowConsumer,
    /// Compresses messages if the client offers it; `None` does not. Default: `None`.
    pub compression_options: Option<CompressionOptions>,
}

/// What happens when more is sent to a peer than it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowConsumer {
    /// `send` waits for room.
    Wait,
    /// The oldest message that waits is dropped.
    DropOldest,
    /// A message takes the place of one that waits with the same key; if none does, as `DropOldest`.
    Coalesce,
    /// The WebSocket is closed with 1013.
    Close,
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        Self {
            max_message_size: 10 * 1024 * 1024,
            ping_interval: Some(Duration::from_secs(30)),
            ping_timeout: Some(Duration::from_secs(30)),
            close_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(60),
            max_queue_size: 1024 * 1024,
            max_queue_messages: 4096,
            slow_consumer: SlowConsumer::Wait,
            compression_options: None,
        }
    }
}

impl WebSocketConfig {
    /// Sets the octets of a message. Default: 10,485,760.
    #[must_use]
    pub fn max_message_size(mut self, octets: usize) -> Self {
        self.max_message_size = octets;
        self
    }

    /// Sets the time from ping to ping. Default: 30 s.
    #[must_use]
    pub fn ping_interval(mut self, time: Option<Duration>) -> Self {
        self.ping_interval = time;
        self
    }

    /// Sets the time that a pong may take. Default: 30 s.
    #[must_use]
    pub fn ping_timeout(mut self, time: Option<Duration>) -> Self {
        self.ping_timeout = time;
        self
    }

    /// Sets the time for the closing handshake. Default: 5 s.
    #[must_use]
    pub fn close_timeout(mut self, time: Duration) -> Self {
        self.close_timeout = time;
        self
    }

    /// Sets the time over which a peer must keep taking octets. Default: 60 s.
    #[must_use]
    pub fn write_timeout(mut self, time: Duration) -> Self {
        self.write_timeout = time;
        self
    }

    /// Sets the octets that may wait for a slow peer. Default: 1,048,576.
    #[must_use]
    pub fn max_queue_size(mut self, octets: usize) -> Self {
        self.max_queue_size = octets;
        self
    }

    /// Sets the messages that may wait for a slow peer. Default: 4,096.
    #[must_use]
    pub fn max_queue_messages(mut self, messages: usize) -> Self {
        self.max_queue_messages = messages;
        self
    }

    /// Sets what happens when the queue is full. Default: [`SlowConsumer::Wait`].
    #[must_use]
    pub fn slow_consumer(mut self, policy: SlowConsumer) -> Self {
        self.slow_consumer = policy;
        self
    }

    /// Sets how messages are compressed, or not. Default: `None`.
    #[must_use]
    pub fn compression_options(mut self, options: Option<CompressionOptions>) -> Self {
        self.compression_options = options;
        self
    }
}
