//! A limit to the bodies of requests.

use super::Next;
use crate::context::Context;
use crate::error::{HttpError, Result};

/// Answers 413 to a request whose body is longer than `octets`.
///
/// It is for groups whose handlers read the body piece by piece, which have no limit of their own unless
/// it is set: the limit holds for what they read. Elsewhere the body was read before any middleware ran,
/// up to the limit of the server or route
/// ([`Application::max_body_size`](crate::Application::max_body_size)), and this one can only be lower.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, Result, middleware};
///
/// async fn count(cx: &mut Context) -> Result<String> {
///     let mut octets = 0;
///     while let Some(chunk) = cx.chunk().await? {
///         octets += chunk.len();
///     }
///     Ok(octets.to_string())
/// }
///
/// let app = Application::new(()).nest("/upload", |group| {
///     group.put("/{name}", count).stream_body().wrap(middleware::body_limit(1 << 30))
/// });
/// # drop(app);
/// ```
pub fn body_limit<S: 'static>(
    octets: u64,
) -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        let declared = cx
            .header("Content-Length")
            .and_then(|text| text.parse().ok());
        let length = declared.unwrap_or_else(|| cx.body().len() as u64);
        if length > octets {
            let message = format!("the body is longer than body_limit ({octets} octets)");
            return Err(HttpError::PAYLOAD_TOO_LARGE.with_message(message).into());
        }
        cx.set_max_body_size(octets);
        next.run(cx).await
    }
}
