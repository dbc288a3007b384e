//! Names for what the loop does not know by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use super::beat::{Turn, begin, is_watched};

/// Has a stall be blamed on `name` until the guard is dropped: for parts of a task that deserve a name
/// of their own.
///
/// Hold the guard while nothing is awaited, such as within one poll. Without a watchdog it costs one
/// test of a flag.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, blame};
///
/// fn parse_all(lines: &[&str]) -> usize {
///     let _blame = blame("parsing the catalogue");
///     lines.iter().map(|line| line.len()).sum()
/// }
/// let sum = IoLoop::new()?.run_sync(async { parse_all(&["a", "bc"]) });
/// assert_eq!(sum, 3);
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline]
#[must_use = "the name counts until the guard is dropped"]
pub fn blame(name: &'static str) -> Blame {
    Blame { _turn: begin(name) }
}

/// Blames stalls on a name until it is dropped; from [`blame`].
pub struct Blame {
    _turn: Turn,
}

impl fmt::Debug for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blame").finish_non_exhaustive()
    }
}

/// Spawns a task on the loop of this thread whose stalls are blamed on `name`.
///
/// The name is kept only if the loop has a watchdog by now; otherwise the task is as tokio's
/// `spawn_local` makes it, and no larger.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
pub fn spawn_named<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if is_watched() {
        tokio::task::spawn_local(Called { name, future })
    } else {
        tokio::task::spawn_local(future)
    }
}

pin_project! {
    /// A future whose polls are noted under a name.
    struct Called<F> {
        name: &'static str,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Called<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _turn = begin(this.name);
        this.future.poll(cx)
    }
}
