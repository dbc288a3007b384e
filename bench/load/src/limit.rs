//! How much is to be done in one run.

use std::time::{Duration, Instant};

/// A number of requests, or a time after which no new request is sent.
#[derive(Debug)]
pub(crate) struct Limit {
    requests: u64,
    until: Option<Instant>,
}

impl Limit {
    /// Exactly so many requests.
    pub(crate) fn requests(requests: u64) -> Self {
        Self {
            requests,
            until: None,
        }
    }

    /// As many requests as begin within the time.
    pub(crate) fn seconds(seconds: f64) -> Self {
        let until = Instant::now() + Duration::from_secs_f64(seconds);
        Self {
            requests: u64::MAX,
            until: Some(until),
        }
    }

    /// Looks at the clock; called once per wake-up, not per request.
    pub(crate) fn look(&mut self) {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            self.requests = 0;
        }
    }

    /// Takes up to `wanted` requests off what is left.
    pub(crate) fn take(&mut self, wanted: usize) -> usize {
        let taken = usize::try_from(self.requests)
            .unwrap_or(usize::MAX)
            .min(wanted);
        self.requests -= taken as u64;
        taken
    }
}
