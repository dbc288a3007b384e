//! Tasks made in batches, and their results.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::spawn_local;
use waterspout_net::IoLoop;

const BATCH: u32 = 1000;

/// `add_future`: a task, and a callback with what it returns.
pub(crate) async fn ours(turns: u32) {
    let io_loop = IoLoop::current();
    let (sum, all) = (Rc::new(Cell::new(0)), Rc::new(Notify::new()));
    for batch in 0..turns / BATCH {
        for number in 0..BATCH {
            let (sum, all) = (Rc::clone(&sum), Rc::clone(&all));
            io_loop.add_future(task(number), move |number| {
                sum.set(sum.get() + u64::from(number));
                if number == BATCH - 1 {
                    all.notify_one();
                }
            });
        }
        all.notified().await;
        assert_eq!(sum.get(), expected(batch), "every task has run");
    }
}

/// `spawn_local`, and its handle awaited.
pub(crate) async fn tokio(turns: u32) {
    let mut sum = 0;
    for batch in 0..turns / BATCH {
        let tasks: Vec<_> = (0..BATCH).map(|number| spawn_local(task(number))).collect();
        for task in tasks {
            sum += u64::from(task.await.expect("no task panics"));
        }
        assert_eq!(sum, expected(batch), "every task has run");
    }
}

/// The same as [`ours`], with a watchdog.
pub(crate) fn watched(io_loop: &IoLoop, turns: u32) {
    let _watchdog = io_loop
        .watch_stalls(Duration::from_millis(100))
        .expect("a watchdog");
    io_loop.run_sync(ours(turns));
}

async fn task(number: u32) -> u32 {
    black_box(number)
}

fn expected(batch: u32) -> u64 {
    u64::from(batch + 1) * u64::from(BATCH) * u64::from(BATCH - 1) / 2
}
