//! Letting others run.

use std::cell::RefCell;
use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Waits for one pass of the loop, so that others have their turn.
///
/// Those who wait for a moment go on in the order in which they began to.
///
/// For long computations that cannot move to a thread: nothing else runs on a loop, timers and
/// sockets included, before a task awaits something that is not ready.
///
/// # Cancel safety
///
/// Nothing happens when the future is dropped.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, task};
///
/// IoLoop::new()?.run_sync(async {
///     let mut sum = 0_u64;
///     for number in 0..100_000 {
///         sum += number;
///         if number % 10_000 == 0 {
///             task::moment().await;
///         }
///     }
///     assert_eq!(sum, 4_999_950_000);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn moment() {
    let mut begun = false;
    poll_fn(|cx| {
        if mem::replace(&mut begun, true) {
            return Poll::Ready(());
        }
        WAITING.with_borrow_mut(|waiting| waiting.push(cx.waker().clone()));
        after_this_pass();
        Poll::Pending
    })
    .await;
}

thread_local! {
    /// Those who wait for the next pass of the loop on this thread.
    static WAITING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
    static WAKE_WAITING: Waker = Waker::from(Arc::new(WakeWaiting));
}

/// Wakes them when the runtime has looked at timers and sockets.
///
/// It wakes those that yield in reverse order, so only one yields for all. That is asked each time: the
/// runtime that was asked before may be gone.
fn after_this_pass() {
    WAKE_WAITING.with(|waker| {
        let yielding = pin!(tokio::task::yield_now());
        _ = yielding.poll(&mut Context::from_waker(waker));
    });
}

struct WakeWaiting;

impl Wake for WakeWaiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // At the end of a thread the list may be gone before the runtime is.
        let waiting = WAITING.try_with(|waiting| mem::take(&mut *waiting.borrow_mut()));
        for waker in waiting.unwrap_or_default() {
            waker.wake();
        }
    }
}
