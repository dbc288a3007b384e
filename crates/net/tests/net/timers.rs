//! Timeouts, on a paused clock.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::logged;
use waterspout_net::{IoLoop, TimeoutHandle};

const HOUR: Duration = Duration::from_secs(3600);

/// Runs the loop for `duration` of its own time.
fn run_for(io_loop: &IoLoop, duration: Duration) {
    let handle = io_loop.handle();
    io_loop.call_later(duration, move || handle.stop());
    io_loop.start();
}

#[test]
fn timeouts_fire_in_the_order_of_their_times() {
    let io_loop = IoLoop::new_paused().unwrap();
    let start = io_loop.time();
    let fired = Rc::new(RefCell::new(Vec::new()));
    for hours in [3, 1, 2] {
        let fired = Rc::clone(&fired);
        io_loop.call_later(HOUR * hours, move || {
            fired
                .borrow_mut()
                .push((hours, IoLoop::current().time() - start));
        });
    }
    run_for(&io_loop, HOUR * 4);
    let expected: Vec<_> = (1..4).map(|hours| (hours, HOUR * hours)).collect();
    assert_eq!(*fired.borrow(), expected);
}

#[test]
fn a_time_that_has_gone_by_fires_in_the_next_pass() {
    let io_loop = IoLoop::new_paused().unwrap();
    let start = io_loop.time();
    let past = start.checked_sub(Duration::from_millis(5)).unwrap_or(start);
    io_loop.call_at(past, || IoLoop::current().stop());
    io_loop.start();
    assert_eq!(io_loop.time(), start);
}

#[test]
fn call_at_fires_at_its_time() {
    let io_loop = IoLoop::new_paused().unwrap();
    let when = io_loop.time() + HOUR;
    io_loop.call_at(when, || IoLoop::current().stop());
    io_loop.start();
    assert!(io_loop.time() - when <= Duration::from_millis(1));
}

#[test]
fn a_removed_timeout_does_not_fire_and_is_freed() {
    let io_loop = IoLoop::new_paused().unwrap();
    let token = Rc::new(());
    let kept = Rc::clone(&token);
    let timeout = io_loop.call_later(HOUR, move || panic!("fired {kept:?}"));
    io_loop.remove_timeout(&timeout);
    io_loop.remove_timeout(&timeout);
    io_loop.stop();
    io_loop.start();
    assert_eq!(Rc::strong_count(&token), 1);
    assert_eq!(logged(|| run_for(&io_loop, HOUR * 2)), "");
}

#[test]
fn removing_a_timeout_that_has_fired_changes_nothing() {
    let io_loop = IoLoop::new_paused().unwrap();
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    let timeout = io_loop.call_later(HOUR, move || counted.set(counted.get() + 1));
    run_for(&io_loop, HOUR * 2);
    io_loop.remove_timeout(&timeout);
    run_for(&io_loop, HOUR);
    assert_eq!(count.get(), 1);
}

#[test]
fn a_timeout_removes_another_that_is_due_in_the_same_pass() {
    let io_loop = IoLoop::new_paused().unwrap();
    let when = io_loop.time() + HOUR;
    let handles: Rc<RefCell<Vec<TimeoutHandle>>> = Rc::default();
    let fired = Rc::new(Cell::new(0));
    for other in [1, 0] {
        let (handles_inside, fired) = (Rc::clone(&handles), Rc::clone(&fired));
        let handle = io_loop.call_at(when, move || {
            fired.set(fired.get() + 1);
            IoLoop::current().remove_timeout(&handles_inside.borrow()[other]);
        });
        handles.borrow_mut().push(handle);
    }
    run_for(&io_loop, HOUR * 2);
    assert_eq!(fired.get(), 1);
}

#[test]
fn a_timeout_may_remove_itself_while_it_runs() {
    let io_loop = IoLoop::new_paused().unwrap();
    let handle: Rc<RefCell<Option<TimeoutHandle>>> = Rc::default();
    let itself = Rc::clone(&handle);
    let reached = Rc::new(Cell::new(false));
    let done = Rc::clone(&reached);
    *handle.borrow_mut() = Some(io_loop.call_later(HOUR, move || {
        itself.borrow().as_ref().unwrap().cancel();
        done.set(true);
    }));
    run_for(&io_loop, HOUR * 2);
    assert!(reached.get());
}

#[test]
fn the_longest_delay_never_fires_and_does_not_overflow() {
    let io_loop = IoLoop::new_paused().unwrap();
    io_loop.call_later(Duration::MAX, || unreachable!());
    assert_eq!(logged(|| run_for(&io_loop, HOUR * 24)), "");
}

#[test]
fn a_panic_in_a_timeout_is_logged_and_later_ones_fire() {
    let io_loop = IoLoop::new_paused().unwrap();
    io_loop.call_later(HOUR, || panic!("late"));
    let log = logged(|| run_for(&io_loop, HOUR * 2));
    assert!(log.contains("panic in callback: late"), "{log}");
}

#[test]
fn the_paused_clock_takes_no_time() {
    let before = Instant::now();
    run_for(&IoLoop::new_paused().unwrap(), HOUR * 1000);
    assert!(before.elapsed() < HOUR);
}
