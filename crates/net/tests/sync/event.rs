use waterspout_net::IoLoop;
use waterspout_net::sync::Event;

use super::support::{Polled, SHORT, run};

#[test]
fn releases_all_who_wait_when_it_is_set() {
    let event = Event::new();
    let mut waiters: Vec<_> = (0..5).map(|_| Polled::waiting(event.wait())).collect();
    event.set();
    event.set();
    assert!(event.is_set());
    for waiter in &mut waiters {
        assert_eq!(waiter.wakes(), 1);
        waiter.ready();
    }
}

#[test]
fn does_not_wait_when_it_is_set() {
    let event = Event::new();
    event.set();
    Polled::new(event.wait()).ready();
}

#[test]
fn waits_again_after_a_clear() {
    let event = Event::new();
    event.set();
    event.clear();
    assert!(!event.is_set());
    let mut waiter = Polled::waiting(event.wait());
    event.set();
    waiter.ready();
}

#[test]
fn releases_who_waited_though_clear_follows_at_once() {
    let event = Event::new();
    let mut early = Polled::waiting(event.wait());
    event.set();
    event.clear();
    let mut late = Polled::waiting(event.wait());
    early.ready();
    assert!(late.poll().is_pending());
}

#[test]
fn times_out_by_duration_and_by_instant() {
    run(async {
        let event = Event::new();
        assert!(event.wait_timeout(SHORT).await.is_err());
        let when = IoLoop::current().time() + SHORT;
        let error = event.wait_timeout(when).await.unwrap_err();
        assert_eq!(error.to_string(), "operation timed out after 0.01 seconds");
        assert!(IoLoop::current().time() >= when);
    });
}

#[test]
fn a_set_event_is_never_too_late() {
    run(async {
        let event = Event::new();
        event.set();
        let past = IoLoop::current().time() - SHORT;
        assert!(event.wait_timeout(past).await.is_ok());
    });
}

#[test]
fn a_dropped_waiter_is_forgotten() {
    let event = Event::new();
    drop(Polled::waiting(event.wait()));
    let called = Polled::waiting(event.wait());
    assert_eq!(format!("{event:?}"), "Event { set: false, waiters: 1 }");
    event.set();
    drop(called);
    assert_eq!(format!("{event:?}"), "Event { set: true, waiters: 0 }");
}
