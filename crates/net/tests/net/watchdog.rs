//! Stalls: named while they last, and counted when they are over.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Log, PATIENCE};
use waterspout_net::{IoLoop, StallHistogram, Watchdog, blame, spawn_named};

const THRESHOLD: Duration = Duration::from_millis(5);

/// Makes a loop with a watchdog that logs where the test can read it.
fn watched() -> (IoLoop, Watchdog, Log) {
    let log = Log::default();
    let io_loop = IoLoop::new().unwrap();
    let watchdog = log.within(|| io_loop.watch_stalls(THRESHOLD).unwrap());
    (io_loop, watchdog, log)
}

/// Blocks this thread until the log says that the loop is blocked, in a line with these words.
///
/// On a busy machine something else may have been held up, and named, before.
fn block(log: &Log, words: &str) {
    let start = Instant::now();
    let told = |line: &str| line.contains("the loop is blocked") && line.contains(words);
    while !log.text().lines().any(told) {
        assert!(
            start.elapsed() < PATIENCE,
            "no watchdog barked: {}",
            log.text()
        );
        thread::yield_now();
    }
}

/// Runs the loop until stalls have been counted.
fn counted(io_loop: &IoLoop, stalls: &StallHistogram, count: u64) {
    let waited = io_loop.run_sync_timeout(PATIENCE, async {
        while stalls.count() < count {
            tokio::task::yield_now().await;
        }
    });
    waited.expect("the stall is counted");
}

#[test]
fn a_callback_that_blocks_is_named_while_it_blocks() {
    const NAME: &str = "a_callback_that_blocks_is_named_while_it_blocks";
    fn careless(log: &Log) {
        block(log, NAME);
    }
    let (io_loop, watchdog, log) = watched();
    let inside = log.clone();
    io_loop.add_callback(move || careless(&inside));
    counted(&io_loop, &watchdog.stalls(), 1);
    let text = log.text();
    let line = text.lines().find(|line| line.contains(NAME)).unwrap();
    assert!(line.contains("5ms"), "{line}");
    assert!(text.contains("the loop was blocked for"), "{text}");
    // A busy machine may hold up something else for longer: then the log has named that.
    let (length, blamed) = watchdog.stalls().longest().unwrap();
    assert!(
        length >= THRESHOLD && text.contains(blamed),
        "{length:?} {blamed}: {text}"
    );
}

#[test]
fn a_task_and_the_future_of_run_sync_are_named_too() {
    async fn careless_task(log: Log) {
        tokio::task::yield_now().await;
        block(&log, "careless_task");
    }
    let (io_loop, watchdog, log) = watched();
    io_loop.spawn_callback(careless_task(log.clone()));
    counted(&io_loop, &watchdog.stalls(), 1);
    assert!(log.text().contains("careless_task"), "{}", log.text());

    let (io_loop, watchdog, log) = watched();
    io_loop.run_sync(careless_task(log.clone()));
    counted(&io_loop, &watchdog.stalls(), 1);
    assert!(log.text().contains("careless_task"), "{}", log.text());
}

#[test]
fn a_task_of_tokio_that_blocks_is_found_without_a_name() {
    let (io_loop, watchdog, log) = watched();
    let inside = log.clone();
    io_loop.run_sync(async {
        _ = tokio::task::spawn_local(async move { block(&inside, "spawned through tokio") }).await;
    });
    counted(&io_loop, &watchdog.stalls(), 1);
    assert!(
        log.text().contains("spawned through tokio"),
        "{}",
        log.text()
    );
}

#[test]
fn names_can_be_given_to_tasks_of_tokio_and_to_parts_of_them() {
    let (io_loop, watchdog, log) = watched();
    let inside = log.clone();
    io_loop.run_sync(async {
        _ = spawn_named("the whole", async move { block(&inside, "the whole") }).await;
    });
    counted(&io_loop, &watchdog.stalls(), 1);
    assert!(log.text().contains("the whole"), "{}", log.text());

    let (io_loop, watchdog, log) = watched();
    let inside = log.clone();
    io_loop.run_sync(async {
        let task = spawn_named("the whole", async move {
            let _blame = blame("a part");
            block(&inside, "a part");
        });
        _ = task.await;
    });
    counted(&io_loop, &watchdog.stalls(), 1);
    assert!(log.text().contains("a part"), "{}", log.text());
}

#[cfg(target_os = "linux")]
#[test]
fn the_log_says_that_a_callback_waits_in_the_kernel() {
    let (io_loop, watchdog, log) = watched();
    let (release, released) = std::sync::mpsc::channel();
    let seen = log.clone();
    let releaser = thread::spawn(move || {
        block(&seen, "it waits in the kernel");
        release.send(()).unwrap();
    });
    io_loop.add_callback(move || released.recv().unwrap());
    counted(&io_loop, &watchdog.stalls(), 1);
    releaser.join().unwrap();
    assert!(
        log.text().contains("it waits in the kernel"),
        "{}",
        log.text()
    );
}

#[test]
fn a_loop_that_does_not_run_is_not_blocked() {
    let (io_loop, watchdog, log) = watched();
    // A second loop and its watchdog show that time enough has gone by.
    let (other, other_watchdog, other_log) = watched();
    let inside = other_log.clone();
    other.add_callback(move || block(&inside, ""));
    counted(&other, &other_watchdog.stalls(), 1);
    assert_eq!(watchdog.stalls().count(), 0);
    assert_eq!(log.text(), "");
    assert_eq!(io_loop.run_sync(async { 1 }), 1);
}

#[test]
fn a_watchdog_may_come_and_go_while_the_loop_runs() {
    let log = Log::default();
    let io_loop = IoLoop::new().unwrap();
    let stalls = io_loop.run_sync(async {
        let watch = || IoLoop::current().watch_stalls(THRESHOLD).unwrap();
        let first = log.within(watch);
        let second = log.within(watch);
        drop(first);
        block(&log, "");
        while second.stalls().count() == 0 {
            tokio::task::yield_now().await;
        }
        second.stalls()
    });
    assert!(stalls.total() >= THRESHOLD);
    let found: u64 = stalls.buckets().iter().map(|(_, count)| count).sum();
    assert_eq!(found, stalls.count());
}

#[test]
fn a_threshold_that_is_too_short_is_refused() {
    let io_loop = IoLoop::new().unwrap();
    let error = io_loop.watch_stalls(Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("a millisecond or more"));
}
