//! Acquiring a lock and releasing it.

use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_local, yield_now};
use waterspout_net::sync::Lock;

const TASKS: u64 = 8;

/// One task acquires and releases; nobody waits.
pub(crate) async fn ours(turns: u64) {
    let lock = Lock::new(0);
    for _ in 0..turns {
        *lock.acquire().await += 1;
    }
    assert_eq!(lock.into_inner(), turns, "each turn counted");
}

/// The same with tokio's mutex.
pub(crate) async fn tokio(turns: u64) {
    let lock = Mutex::new(0);
    for _ in 0..turns {
        *lock.lock().await += 1;
    }
    assert_eq!(lock.into_inner(), turns, "each turn counted");
}

/// Eight tasks hold it over an await, so that seven wait all the time.
pub(crate) async fn ours_tasks(turns: u64) {
    let lock = Rc::new(Lock::new(0));
    let task = |_| {
        let lock = Rc::clone(&lock);
        spawn_local(async move {
            for _ in 0..turns / TASKS {
                let mut count = lock.acquire().await;
                yield_now().await;
                *count += 1;
            }
        })
    };
    finish((0..TASKS).map(task).collect()).await;
    assert_eq!(
        *lock.acquire().await,
        turns / TASKS * TASKS,
        "each turn counted"
    );
}

/// The same with tokio's mutex.
pub(crate) async fn tokio_tasks(turns: u64) {
    let lock = Arc::new(Mutex::new(0));
    let task = |_| {
        let lock = Arc::clone(&lock);
        spawn_local(async move {
            for _ in 0..turns / TASKS {
                let mut count = lock.lock().await;
                yield_now().await;
                *count += 1;
            }
        })
    };
    finish((0..TASKS).map(task).collect()).await;
    assert_eq!(
        *lock.lock().await,
        turns / TASKS * TASKS,
        "each turn counted"
    );
}

async fn finish(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        task.await.expect("every task ends");
    }
}
