//! How long a fetch may take, and how large its response may be.

use std::time::Duration;

use super::HttpRequest;

impl HttpRequest {
    /// Sets how long the request may wait for a place in the pool. Default: the smaller of
    /// `connect_timeout` and `request_timeout`, as Tornado's.
    #[must_use]
    pub fn queue_timeout(mut self, limit: Duration) -> Self {
        self.options.queue_timeout = Some(limit);
        self
    }

    /// Sets how long resolving and connecting may take, TLS included. Default: 20 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.options.connect_timeout = limit;
        self
    }

    /// Sets how long the server may take from the end of the request to the first octet of its
    /// response. Default: no limit but `request_timeout`.
    #[must_use]
    pub fn first_byte_timeout(mut self, limit: Duration) -> Self {
        self.options.first_byte_timeout = limit;
        self
    }

    /// Sets how long nothing may move, in either direction, once the request is on its way. Default:
    /// no limit but `request_timeout`.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.options.idle_timeout = limit;
        self
    }

    /// Sets how long the whole may take, from the call of the fetch to the last octet of the body:
    /// queue and redirects included (in Tornado each redirect starts anew). Default: 20 s.
    #[must_use]
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.options.request_timeout = limit;
        self
    }

    /// Sets how many octets the body of the response may have, before and after decompression.
    /// Default: 104,857,600 where it is gathered, no limit where it is streamed.
    #[must_use]
    pub fn max_body_size(mut self, octets: u64) -> Self {
        self.options.max_body_size = Some(octets);
        self
    }
}
