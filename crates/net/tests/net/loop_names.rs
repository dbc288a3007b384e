//! Closing, `add_future`, `add_timeout`, and asyncio's names.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, logged, run};
use waterspout_net::IoLoop;

#[test]
fn run_forever_and_run_until_complete_are_start_and_run_sync() {
    let io_loop = IoLoop::new().unwrap();
    assert_eq!(io_loop.run_until_complete(async { 7 }), 7);
    let handle = io_loop.handle();
    std::thread::spawn(move || handle.call_soon_threadsafe(|| IoLoop::instance().stop()));
    io_loop.run_forever();
}

#[test]
fn a_callback_of_call_soon_keeps_its_order_and_can_be_taken_back() {
    let io_loop = IoLoop::new().unwrap();
    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |number| {
        let order = Rc::clone(&order);
        move || order.borrow_mut().push(number)
    };
    let first = io_loop.call_soon(note(1));
    io_loop.add_callback(note(2));
    io_loop.call_soon(note(3));
    let inner = io_loop.call_soon(note(4));
    let handle = io_loop.call_soon(move || inner.cancel());
    io_loop.remove_timeout(&first);
    io_loop.stop();
    io_loop.start();
    handle.cancel();
    assert_eq!(*order.borrow(), [2, 3, 4]);
}

#[test]
fn a_loop_is_running_only_inside() {
    let io_loop = IoLoop::new().unwrap();
    assert!(!io_loop.is_running());
    io_loop.run_sync(async { assert!(IoLoop::current().is_running()) });
    assert!(!io_loop.is_running());
}

#[test]
fn close_drops_every_task_at_once() {
    let io_loop = IoLoop::new().unwrap();
    let token = Rc::new(());
    let kept = Rc::clone(&token);
    io_loop.spawn_callback(async move {
        std::future::pending::<()>().await;
        drop(kept);
    });
    io_loop.close().unwrap();
    assert_eq!(Rc::strong_count(&token), 1);
    assert!(io_loop.is_closed());
}

#[test]
fn closing_twice_says_so() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.clone();
    io_loop.close().unwrap();
    assert!(io_loop.close().unwrap_err().is_closed());
    assert!(handle.close().unwrap_err().is_closed());
}

#[test]
fn a_running_loop_or_a_handle_is_not_closed() {
    let io_loop = IoLoop::new().unwrap();
    let error = io_loop.run_sync(async { IoLoop::current().close().unwrap_err() });
    assert!(error.is_running());
    assert!(error.to_string().contains("call stop"), "{error}");
    let error = io_loop.clone().close().unwrap_err();
    assert!(error.to_string().contains("close the value"), "{error}");
    assert_eq!(io_loop.run_sync(async { 1 }), 1);
}

#[test]
fn what_is_asked_of_a_closed_loop_is_dropped() {
    let io_loop = IoLoop::new().unwrap();
    io_loop.close().unwrap();
    io_loop.add_callback(|| unreachable!());
    io_loop.add_future(async {}, |()| unreachable!());
    io_loop.add_timeout(Duration::ZERO, || unreachable!());
    io_loop.handle().add_callback(|| unreachable!());
}

#[test]
fn callbacks_added_while_another_thread_sees_the_loop_close_harm_nobody() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    let adder = std::thread::spawn(move || {
        for _ in 0..1000 {
            handle.add_callback(|| ());
        }
    });
    io_loop.stop();
    io_loop.start();
    io_loop.close().unwrap();
    adder.join().unwrap();
}

#[test]
fn add_future_never_calls_back_inside_the_call() {
    let io_loop = IoLoop::new().unwrap();
    let seen = Rc::new(Cell::new(0));
    let (inside, outside) = (Rc::clone(&seen), Rc::clone(&seen));
    io_loop.run_sync(async move {
        let (send, done) = tokio::sync::oneshot::channel();
        IoLoop::current().add_future(std::future::ready(4), move |number| {
            inside.set(number);
            _ = send.send(());
        });
        assert_eq!(outside.get(), 0);
        done.await.unwrap();
    });
    assert_eq!(seen.get(), 4);
}

#[test]
fn a_panic_in_a_callback_of_add_future_is_logged() {
    let log = logged(|| {
        let io_loop = IoLoop::new().unwrap();
        io_loop.add_future(async { "bad" }, |text| panic!("{text} result"));
        io_loop.stop();
        io_loop.start();
    });
    assert!(log.contains("panic in callback: bad result"), "{log}");
}

#[test]
fn add_timeout_takes_instants_and_durations() {
    let fired = Rc::new(RefCell::new(Vec::new()));
    run(async {
        let io_loop = IoLoop::current();
        let (first, second) = (Rc::clone(&fired), Rc::clone(&fired));
        let (send, done) = tokio::sync::oneshot::channel();
        let late = io_loop.time() + Duration::from_millis(20);
        io_loop.add_timeout(late, move || {
            second.borrow_mut().push("instant");
            _ = send.send(());
        });
        io_loop.add_timeout(Duration::from_millis(1), move || {
            first.borrow_mut().push("duration");
        });
        let taken_back = io_loop.add_timeout(PATIENCE, || unreachable!());
        taken_back.cancel();
        done.await.unwrap();
    });
    assert_eq!(*fired.borrow(), ["duration", "instant"]);
}

#[test]
fn add_timeout_in_the_past_fires_in_the_next_pass() {
    let io_loop = IoLoop::new().unwrap();
    let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
    io_loop.add_timeout(past, || IoLoop::current().stop());
    io_loop.start();
}
