//! A limit to the time of handlers.

use std::time::Duration;

use super::Next;
use crate::StatusCode;
use crate::context::Context;
use crate::error::{Error, Result};

/// Answers 503 when what it stands around takes longer than `limit`.
///
/// The handler's future is dropped where it waits; one that blocks the loop is not interrupted. A
/// response that has begun is cut off, so that the client sees it is not whole. WebSockets are left
/// alone once they are open.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout::{Application, Context, middleware};
///
/// let app = Application::new(())
///     .get("/", async |_: &mut Context| "hello")
///     .wrap(middleware::timeout(Duration::from_secs(10)));
/// # drop(app);
/// ```
pub fn timeout<S: 'static>(
    limit: Duration,
) -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        let Ok(result) = tokio::time::timeout(limit, next.run(cx)).await else {
            let message = format!("the handler took longer than its timeout of {limit:?}");
            return Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, message));
        };
        result
    }
}
