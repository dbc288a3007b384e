//! Running, stopping, callbacks, and what happens when a loop goes.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, logged, run};
use tokio::task::yield_now;
use waterspout_net::{IoLoop, StreamError, bind_unix_socket};

/// Returns the message of the panic in `act`.
fn panic_of(act: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(act)).unwrap_err();
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .unwrap_or_else(|| panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn run_sync_returns_what_the_future_returns() {
    let io_loop = IoLoop::new().unwrap();
    let local = Rc::new(5);
    assert_eq!(io_loop.run_sync(async { *local + 1 }), 6);
    assert_eq!(io_loop.run_sync(async { "again" }), "again");
}

#[test]
fn run_sync_with_a_timeout_gives_an_error_that_says_how_long() {
    let io_loop = IoLoop::new().unwrap();
    let error = io_loop
        .run_sync_timeout(Duration::from_millis(1), pending::<()>())
        .unwrap_err();
    assert_eq!(error.to_string(), "operation timed out after 0.001 seconds");
    assert_eq!(error.timeout(), Duration::from_millis(1));
    assert_eq!(io_loop.run_sync_timeout(PATIENCE, async { 7 }), Ok(7));
}

#[test]
fn there_is_a_current_loop_only_while_it_runs() {
    assert!(IoLoop::try_current().is_none());
    let io_loop = IoLoop::new().unwrap();
    assert!(IoLoop::try_current().is_none());
    io_loop.run_sync(async { assert!(IoLoop::try_current().is_some()) });
    assert!(IoLoop::try_current().is_none());
    let message = panic_of(|| drop(IoLoop::current()));
    assert!(
        message.contains("no IoLoop runs on this thread"),
        "{message}"
    );
}

#[test]
fn a_loop_inside_a_loop_is_refused_with_a_clear_text() {
    let message = panic_of(|| run(async { IoLoop::new().unwrap().run_sync(async {}) }));
    assert!(
        message.contains("runs on this thread already: await"),
        "{message}"
    );
    assert!(IoLoop::try_current().is_none());
}

#[test]
fn stop_from_a_callback_ends_start() {
    let io_loop = IoLoop::new().unwrap();
    io_loop.add_callback(|| IoLoop::current().stop());
    io_loop.start();
}

#[test]
fn stop_before_start_makes_one_pass() {
    let io_loop = IoLoop::new().unwrap();
    let count = Rc::new(Cell::new(0));
    for _ in 0..500 {
        let count = Rc::clone(&count);
        io_loop.add_callback(move || count.set(count.get() + 1));
    }
    io_loop.stop();
    io_loop.stop();
    io_loop.start();
    assert_eq!(count.get(), 500);
}

#[test]
fn a_loop_starts_again_after_a_stop() {
    let io_loop = IoLoop::new().unwrap();
    for _ in 0..3 {
        io_loop.call_later(Duration::from_millis(1), || IoLoop::current().stop());
        io_loop.start();
    }
}

#[test]
fn several_stops_in_one_pass_end_one_start() {
    let io_loop = IoLoop::new().unwrap();
    io_loop.add_callback(|| IoLoop::current().stop());
    io_loop.add_callback(|| IoLoop::current().stop());
    let handle = io_loop.handle();
    io_loop.handle().add_callback(move || handle.stop());
    io_loop.start();

    let waited = Rc::new(Cell::new(false));
    let flag = Rc::clone(&waited);
    io_loop.call_later(Duration::from_millis(5), move || {
        flag.set(true);
        IoLoop::current().stop();
    });
    io_loop.start();
    assert!(waited.get());
}

#[test]
fn another_thread_stops_an_idle_loop() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    let stopper = thread::spawn(move || handle.stop());
    io_loop.start();
    stopper.join().unwrap();
}

#[test]
fn another_thread_wakes_an_idle_loop_at_once() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    let (send, receive) = tokio::sync::oneshot::channel();
    let (idle, is_idle) = std::sync::mpsc::channel();
    let waker = thread::spawn(move || {
        is_idle.recv().unwrap();
        let asked = Instant::now();
        handle.add_callback(move || send.send(asked.elapsed()).unwrap());
    });
    let waited = io_loop.run_sync_timeout(PATIENCE, async {
        IoLoop::current().add_callback(move || idle.send(()).unwrap());
        receive.await.unwrap()
    });
    // Nothing else wakes it until all patience is gone.
    assert!(waited.unwrap() < PATIENCE / 2);
    waker.join().unwrap();
}

#[test]
fn callbacks_run_in_order_and_never_inside_the_call_that_adds_them() {
    run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        for number in 0..200 {
            let order = Rc::clone(&order);
            IoLoop::current().call_soon(move || order.borrow_mut().push(number));
        }
        assert!(order.borrow().is_empty());
        while order.borrow().len() < 200 {
            yield_now().await;
        }
        assert!(order.borrow().is_sorted());
    });
}

#[test]
fn a_panic_in_a_callback_is_logged_with_its_message_and_the_loop_goes_on() {
    let log = logged(|| {
        let io_loop = IoLoop::new().unwrap();
        io_loop.add_callback(|| panic!("the answer is {}", 41 + 1));
        io_loop.spawn_callback(async {
            yield_now().await;
            panic!("in a task")
        });
        io_loop.call_later(Duration::from_millis(2), || IoLoop::current().stop());
        io_loop.start();
    });
    assert!(log.contains("panic in callback: the answer is 42"), "{log}");
    assert!(log.contains("panic in callback: in a task"), "{log}");
    assert!(
        log.contains("callback=\"net::io_loop::a_panic_in_a_callback"),
        "{log}"
    );
}

#[test]
fn a_task_that_fails_is_logged_with_its_error() {
    let log = logged(|| {
        run(async {
            IoLoop::current().spawn_callback(async { Err::<(), _>("no such room") });
            IoLoop::current()
                .handle()
                .spawn_callback(async { Err::<(), _>("from far away") });
            IoLoop::current().spawn_callback(async { Ok::<_, String>(()) });
            yield_now().await;
            yield_now().await;
        });
    });
    assert!(log.contains("exception in callback: no such room"), "{log}");
    assert!(
        log.contains("exception in callback: from far away"),
        "{log}"
    );
    assert_eq!(log.lines().count(), 2, "{log}");
}

#[test]
fn the_log_has_the_causes_of_an_error() {
    let log = logged(|| {
        run(async {
            IoLoop::current().spawn_callback(async {
                let cut = io::Error::other("the cable is cut");
                Err::<(), _>(StreamError::Closed(Some(cut)))
            });
            IoLoop::current().spawn_callback(async {
                let path = "/no/such/directory/a.sock";
                bind_unix_socket(path, 0o600, 16).map(drop)
            });
            yield_now().await;
            yield_now().await;
        });
    });
    assert!(
        log.contains("exception in callback: stream is closed: the cable is cut"),
        "{log}"
    );
    let line = log.lines().last().unwrap();
    assert!(line.contains("cannot listen on unix:/no/such"), "{line}");
    assert!(line.contains(": No such file"), "{line}");
}

#[test]
fn a_task_may_run_for_ever() {
    run(async {
        IoLoop::current().spawn_callback(async {
            loop {
                yield_now().await;
            }
        });
        yield_now().await;
    });
}

#[test]
fn dropping_the_owner_drops_the_tasks_and_makes_handles_inert() {
    let token = Rc::new(());
    let io_loop = IoLoop::new().unwrap();
    let kept = Rc::clone(&token);
    let handle_inside = io_loop.clone();
    io_loop.spawn_callback(async move {
        let _kept = (kept, handle_inside);
        pending::<()>().await;
    });
    io_loop.run_sync(yield_now());
    let handle = io_loop.clone();
    assert_eq!(Rc::strong_count(&token), 2);
    drop(io_loop);
    assert_eq!(Rc::strong_count(&token), 1);

    let kept = Rc::clone(&token);
    handle.add_callback(move || drop(kept));
    let timeout = handle.call_later(Duration::ZERO, || unreachable!());
    handle.remove_timeout(&timeout);
    assert_eq!(Rc::strong_count(&token), 1);
    assert!(panic_of(|| handle.run_sync(async {})).contains("this IoLoop is gone"));
}

#[test]
fn an_owner_that_is_dropped_while_its_loop_runs_goes_when_the_run_is_over() {
    let owner = IoLoop::new().unwrap();
    let handle = owner.clone();
    let done = handle.run_sync(async move {
        drop(owner);
        yield_now().await;
        IoLoop::try_current().is_some()
    });
    assert!(done);
    assert!(format!("{handle:?}").contains("gone: true"));
}

#[test]
fn a_loop_can_be_dropped_inside_a_task_of_another() {
    run(async {
        let other = IoLoop::new().unwrap();
        other.spawn_callback(pending::<()>());
        drop(other);
    });
}

#[test]
fn what_other_threads_ask_of_a_loop_that_is_gone_is_dropped_silently() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    let token = Arc::new(());
    let kept = Arc::clone(&token);
    let asker = thread::spawn(move || {
        for _ in 0..1000 {
            let kept = Arc::clone(&kept);
            handle.add_callback(move || drop(kept));
        }
    });
    io_loop.run_sync(yield_now());
    drop(io_loop);
    asker.join().unwrap();
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn each_thread_has_a_loop_of_its_own() {
    let threads: Vec<_> = (0..4)
        .map(|number| {
            thread::spawn(move || {
                run(async move {
                    yield_now().await;
                    number
                })
            })
        })
        .collect();
    let numbers: Vec<i32> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
}
