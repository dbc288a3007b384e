use std::error::Error;
use std::io;

use waterspout_net::IoLoop;
use waterspout_net::task::{CallbackError, callback_future};

use super::support::{Polled, SHORT, logged, run};

#[test]
fn a_callback_completes_the_future() {
    let (completer, future) = callback_future::<_, String>();
    let mut future = Polled::waiting(future);
    completer.complete("value");
    assert_eq!(future.wakes(), 1);
    assert_eq!(future.ready(), Ok("value"));
}

#[test]
fn a_callback_fails_the_future_with_the_error_itself() {
    let (completer, future) = callback_future::<(), _>();
    completer.fail(io::Error::other("disk on fire"));
    let error = Polled::new(future).ready().unwrap_err();
    assert_eq!(error.to_string(), "disk on fire");
    assert!(error.source().is_none());
    assert!(matches!(error, CallbackError::Failed(_)));
}

#[test]
fn a_callback_may_come_before_the_future_is_awaited() {
    run(async {
        let (completer, future) = callback_future::<_, String>();
        completer.into_callback()(Ok(1));
        assert_eq!(future.await, Ok(1));
    });
}

#[test]
fn a_callback_of_the_loop_is_awaited() {
    run(async {
        let (completer, future) = callback_future::<_, String>();
        IoLoop::current().call_later(SHORT, move || completer.complete(2));
        assert_eq!(future.await, Ok(2));
    });
}

#[test]
fn a_callback_that_is_dropped_fails_the_future() {
    let (completer, future) = callback_future::<(), io::Error>();
    let mut future = Polled::waiting(future);
    drop(completer);
    assert_eq!(future.wakes(), 1);
    let error = future.ready().unwrap_err();
    assert!(error.to_string().starts_with("the callback was dropped"));
}

#[test]
fn completing_a_dropped_future_does_nothing() {
    let log = logged(async {
        let (completer, future) = callback_future::<_, String>();
        assert!(!completer.is_cancelled());
        drop(future);
        assert!(completer.is_cancelled());
        completer.complete(1);
    });
    assert_eq!(log, "");
}

#[test]
fn failing_a_dropped_future_is_logged() {
    let log = logged(async {
        let (completer, future) = callback_future::<(), _>();
        drop(Polled::waiting(future));
        completer.finish(Err("nobody waits"));
    });
    assert!(
        log.contains("exception after the future was dropped: nobody waits"),
        "{log}"
    );
}

#[test]
fn says_how_it_stands() {
    let (completer, future) = callback_future::<u8, String>();
    assert_eq!(format!("{future:?}"), "CallbackFuture(\"waiting\")");
    completer.complete(1);
    assert_eq!(format!("{future:?}"), "CallbackFuture(\"decided\")");
}

#[test]
fn the_last_task_that_polled_it_is_woken() {
    let (completer, future) = callback_future::<_, String>();
    let mut first = Polled::waiting(future);
    let mut second = Polled::waiting(std::future::poll_fn(|_| first.poll()));
    completer.complete(1);
    assert_eq!(second.ready(), Ok(1));
}
