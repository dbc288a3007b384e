//! A structured event for each request.

use std::time::Instant;

use super::Next;
use crate::context::Context;
use crate::error::Result;

/// Emits an event of `tracing` for each request, with fields that machines read: `method`, `path`,
/// `status`, `milliseconds`, `remote_ip`; its target is `waterspout::request`.
///
/// It is beside the access log, which is a line for people and cannot be told apart by fields.
/// Applications that have this one usually switch that one off, by the filter `waterspout::access=off`.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, middleware};
///
/// let app = Application::new(())
///     .get("/", async |_: &mut Context| "hello")
///     .wrap(middleware::log());
/// # drop(app);
/// ```
pub fn log<S: 'static>() -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        let begin = Instant::now();
        let result = next.run(cx).await;
        let status = match &result {
            Ok(()) => cx.status(),
            Err(error) if error.is_disconnected() => return result,
            Err(error) => error.status(),
        };
        tracing::info!(
            target: "waterspout::request",
            method = %cx.method(),
            path = cx.request().path(),
            status = status.as_u16(),
            milliseconds = begin.elapsed().as_secs_f64() * 1000.0,
            remote_ip = %cx.remote_ip(),
        );
        result
    }
}
