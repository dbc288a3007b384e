//! The clocks of a fetch: one for the whole, one for what it waits for now.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::error::{FetchError, Kind, Timer};

/// The clocks of one fetch. They share one timer of the runtime, which is made only when something
/// has to be waited for, and moved only when it must fire earlier than it would.
#[derive(Debug)]
pub(super) struct Timers {
    whole: Option<(Instant, Duration)>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timers {
    /// Starts the clock of the whole fetch; zero means none.
    pub(super) fn start(limit: Duration) -> Self {
        Self {
            whole: deadline(limit),
            sleep: None,
        }
    }

    /// Awaits `future` for as long as both `limit` and the whole allow.
    pub(super) async fn within<T>(
        &mut self,
        timer: Timer,
        limit: Duration,
        future: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let mut future = pin!(future);
        let mut own = None;
        poll_fn(|cx| {
            if let Poll::Ready(done) = future.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            // Taken here, since a future that is ready at once needs no clock.
            let own = *own.get_or_insert_with(|| deadline(limit));
            self.poll_out(cx, timer, own).map(Err)
        })
        .await
    }

    fn poll_out(
        &mut self,
        cx: &mut Context<'_>,
        timer: Timer,
        own: Option<(Instant, Duration)>,
    ) -> Poll<FetchError> {
        let first = match (own, self.whole) {
            (Some(own), Some(whole)) if whole.0 < own.0 => Some((Timer::Request, whole)),
            (Some(own), _) => Some((timer, own)),
            (None, whole) => whole.map(|whole| (Timer::Request, whole)),
        };
        let Some((timer, (at, limit))) = first else {
            return Poll::Pending;
        };
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if at < sleep.deadline() {
            sleep.as_mut().reset(at);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= at {
                return Poll::Ready(FetchError::new(Kind::Timeout { timer, limit }));
            }
            sleep.as_mut().reset(at);
        }
        Poll::Pending
    }
}

fn deadline(limit: Duration) -> Option<(Instant, Duration)> {
    let at = Instant::now().checked_add(limit);
    at.filter(|_| !limit.is_zero()).map(|at| (at, limit))
}
