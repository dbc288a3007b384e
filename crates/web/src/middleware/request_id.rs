//! A name for each request, in the answer and in every log line.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

use tracing::Instrument;

use super::Next;
use crate::context::Context;
use crate::error::Result;

/// The field, as proxies and other frameworks call it.
const FIELD: &str = "X-Request-Id";

/// Octets of an id that is taken from the request.
const MAX_LENGTH: usize = 128;

/// Names each request: in the field `X-Request-Id` of the answer, error pages included, and in every log
/// line about it, as the field `id` of a span `request`.
///
/// An id that the request brings is kept, if it has at most 128 letters, digits and `-_.:=+/`; a proxy
/// in front has often chosen one. Otherwise it is unique among the workers of all machines, and no secret.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, middleware};
///
/// let app = Application::new(())
///     .get("/", async |_: &mut Context| "hello")
///     .wrap(middleware::request_id());
/// # drop(app);
/// ```
pub fn request_id<S: 'static>() -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    let ids = Ids::new();
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        let brought = cx.header(FIELD).filter(|id| is_acceptable(id));
        let id = brought.map_or_else(|| ids.next(), str::to_owned);
        cx.set_default_header(FIELD, &id)?;
        let span = tracing::info_span!(target: "waterspout::request", "request", %id);
        cx.set_span(span.clone());
        next.run(cx).instrument(span).await
    }
}

fn is_acceptable(id: &str) -> bool {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.:=+/".contains(&octet);
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(is_plain)
}

/// Ids of one worker: a number drawn once, and a counter.
struct Ids {
    worker: u64,
    count: Cell<u64>,
}

impl Ids {
    fn new() -> Self {
        // Keyed by the system's randomness, so two workers agree once in 2^32 workers.
        let worker = RandomState::new().hash_one(std::process::id());
        Self {
            worker,
            count: Cell::new(0),
        }
    }

    fn next(&self) -> String {
        let count = self.count.get();
        self.count.set(count + 1);
        format!("{:016x}-{count:x}", self.worker)
    }
}
