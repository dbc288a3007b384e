//! Callbacks for signals. Each test has a signal of its own, since all run in one process.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::{PATIENCE, logged};
use nix::sys::signal::{Signal, raise};
use tokio::task::yield_now;
use waterspout_net::{IoLoop, WatchedSignal};

fn run_until(io_loop: &IoLoop, done: impl Fn() -> bool) {
    let waited = io_loop.run_sync_timeout(PATIENCE, async {
        while !done() {
            yield_now().await;
        }
    });
    waited.expect("the test hangs");
}

#[test]
fn a_handler_is_called_for_each_signal_until_it_is_removed() {
    let io_loop = IoLoop::new().unwrap();
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let handler = move || counted.set(counted.get() + 1);
    io_loop
        .add_signal_handler(WatchedSignal::USER1, handler)
        .unwrap();
    for expected in 1..4 {
        raise(Signal::SIGUSR1).unwrap();
        run_until(&io_loop, || calls.get() == expected);
    }
    raise(Signal::SIGUSR1).unwrap();
    assert!(io_loop.remove_signal_handler(WatchedSignal::USER1));
    assert!(!io_loop.remove_signal_handler(WatchedSignal::USER1));
    io_loop.stop();
    io_loop.start();
    assert_eq!(calls.get(), 3);
}

#[test]
fn a_second_handler_replaces_the_first() {
    let io_loop = IoLoop::new().unwrap();
    let signal = WatchedSignal::WINDOW_CHANGE;
    io_loop
        .add_signal_handler(signal, || unreachable!("replaced"))
        .unwrap();
    io_loop
        .add_signal_handler(signal, || IoLoop::current().stop())
        .unwrap();
    raise(Signal::SIGWINCH).unwrap();
    assert_eq!(logged(|| io_loop.start()), "");
}

#[test]
fn a_handler_that_panics_is_logged_and_called_again() {
    let io_loop = IoLoop::new().unwrap();
    let mut calls = 0;
    let handler = move || {
        calls += 1;
        IoLoop::current().stop();
        assert!(calls > 1, "first time");
    };
    io_loop
        .add_signal_handler(WatchedSignal::ALARM, handler)
        .unwrap();
    let log = logged(|| {
        for _ in 0..2 {
            raise(Signal::SIGALRM).unwrap();
            io_loop.start();
        }
    });
    assert_eq!(log.matches("panic in callback: first time").count(), 1);
}

#[test]
fn signals_that_cannot_be_caught_are_refused_with_a_reason() {
    let io_loop = IoLoop::new().unwrap();
    for (number, name) in [
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (0, "signal 0"),
        (4000, "signal 4000"),
    ] {
        let signal = WatchedSignal::from_number(number);
        let error = io_loop.add_signal_handler(signal, || ()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(name), "{error}");
    }
}

#[test]
fn a_callback_from_a_signal_is_called_as_long_as_it_is_kept() {
    let io_loop = IoLoop::new().unwrap();
    let token = Rc::new(Cell::new(0));
    let counted = Rc::clone(&token);
    let asked = io_loop
        .add_callback_from_signal(move || counted.set(counted.get() + 1))
        .unwrap();
    let other = asked.clone();
    std::thread::spawn(move || other.call()).join().unwrap();
    run_until(&io_loop, || token.get() == 1);
    asked.call();
    run_until(&io_loop, || token.get() == 2);
    drop(asked);
    run_until(&io_loop, || Rc::strong_count(&token) == 1);
}

#[test]
fn a_callback_from_a_signal_can_be_asked_for_more_often_than_a_socket_holds() {
    let io_loop = IoLoop::new().unwrap();
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let asked = io_loop
        .add_callback_from_signal(move || counted.set(counted.get() + 1))
        .unwrap();
    for _ in 0..100_000 {
        asked.call();
    }
    run_until(&io_loop, || calls.get() > 0);
    drop(io_loop);
    asked.call();
}
