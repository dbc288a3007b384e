//! So many timers at once, taken back before any is due.

use std::time::Duration;

use tokio::task::{spawn_local, yield_now};
use tokio::time::sleep;
use waterspout_net::IoLoop;

const LATER: Duration = Duration::from_secs(600);

/// `call_later` and `remove_timeout`.
pub(crate) async fn ours(turns: u32) {
    let io_loop = IoLoop::current();
    let timers: Vec<_> = (0..turns)
        .map(|_| io_loop.call_later(LATER, || ()))
        .collect();
    pass(turns).await;
    for timer in &timers {
        io_loop.remove_timeout(timer);
    }
    pass(turns).await;
}

/// A task that sleeps, aborted.
pub(crate) async fn tokio(turns: u32) {
    let timers: Vec<_> = (0..turns)
        .map(|_| spawn_local(sleep(LATER)).abort_handle())
        .collect();
    pass(turns).await;
    for timer in &timers {
        timer.abort();
    }
    pass(turns).await;
}

/// Waits until every task that is ready has had its turn; the loop runs 61 in a pass.
async fn pass(turns: u32) {
    for _ in 0..turns.div_ceil(61) + 1 {
        yield_now().await;
    }
}
