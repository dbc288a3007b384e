//! One type for futures of many types.

use std::pin::Pin;

/// A boxed future of this loop: any future that returns `T`, not `Send`.
pub type BoxedFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Boxes a future, so that futures of different types can stand in one list.
///
/// # Examples
///
/// ```
/// use waterspout_net::task::{boxed, gather};
///
/// async fn ping() -> &'static str { "ping" }
/// async fn pong() -> &'static str { "pong" }
///
/// # waterspout_net::IoLoop::new()?.run_sync(async {
/// assert_eq!(gather([boxed(ping()), boxed(pong())]).await, ["ping", "pong"]);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn boxed<'a, F: Future + 'a>(future: F) -> BoxedFuture<'a, F::Output> {
    Box::pin(future)
}
