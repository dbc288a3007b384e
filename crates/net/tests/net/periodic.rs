//! `PeriodicCallback`, on a paused clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::support::logged;
use tokio::time::sleep;
use waterspout_net::{IoLoop, PeriodicCallback};

const PERIOD: Duration = Duration::from_secs(10);

type Times = Rc<RefCell<Vec<u64>>>;

/// Seconds since the loop was made, rounded: timers have a resolution of a millisecond.
fn seconds(io_loop: &IoLoop, start: std::time::Instant) -> u64 {
    (io_loop.time() - start + Duration::from_millis(500)).as_secs()
}

/// Runs a callback that takes `durations` seconds, one after the other; returns when each began.
fn times_of(durations: &'static [u64]) -> Vec<u64> {
    let io_loop = IoLoop::new_paused().unwrap();
    let (start, times) = (io_loop.time(), Times::default());
    let seen = Rc::clone(&times);
    let callback = PeriodicCallback::new_async(PERIOD, async move || {
        let number = seen.borrow().len();
        seen.borrow_mut().push(seconds(&IoLoop::current(), start));
        sleep(Duration::from_secs(durations[number])).await;
        if number + 1 == durations.len() {
            IoLoop::current().stop();
        }
    });
    let callback = callback.unwrap();
    io_loop.add_callback(move || callback.start());
    io_loop.start();
    times.take()
}

#[test]
fn calls_lie_on_a_grid_whatever_they_take() {
    assert_eq!(times_of(&[0, 0, 0]), [10, 20, 30]);
    assert_eq!(times_of(&[9, 9, 9]), [10, 20, 30]);
}

#[test]
fn a_long_call_skips_the_missed_times_and_never_overlaps() {
    assert_eq!(times_of(&[11, 25, 0, 0]), [10, 30, 60, 70]);
}

#[test]
fn a_plain_function_is_called_each_period() {
    let io_loop = IoLoop::new_paused().unwrap();
    let (start, times) = (io_loop.time(), Times::default());
    let seen = Rc::clone(&times);
    let callback = PeriodicCallback::new(PERIOD, move || {
        seen.borrow_mut().push(seconds(&IoLoop::current(), start));
    })
    .unwrap();
    io_loop.run_sync(async {
        callback.start();
        callback.start();
        assert!(callback.is_running());
        sleep(Duration::from_secs(35)).await;
        callback.stop();
        assert!(!callback.is_running());
        sleep(Duration::from_secs(35)).await;
    });
    assert_eq!(*times.borrow(), [10, 20, 30]);
}

#[test]
fn a_new_start_begins_a_new_grid() {
    let io_loop = IoLoop::new_paused().unwrap();
    let (start, times) = (io_loop.time(), Times::default());
    let seen = Rc::clone(&times);
    let callback = PeriodicCallback::new(PERIOD, move || {
        seen.borrow_mut().push(seconds(&IoLoop::current(), start));
    })
    .unwrap();
    io_loop.run_sync(async {
        callback.start();
        sleep(Duration::from_secs(13)).await;
        callback.stop();
        callback.start();
        sleep(Duration::from_secs(22)).await;
    });
    assert_eq!(*times.borrow(), [10, 23, 33]);
}

#[test]
fn a_stop_and_a_start_during_a_call_make_no_second_call_beside_it() {
    let io_loop = IoLoop::new_paused().unwrap();
    let (start, times) = (io_loop.time(), Times::default());
    let seen = Rc::clone(&times);
    let callback = PeriodicCallback::new_async(PERIOD, async move || {
        seen.borrow_mut().push(seconds(&IoLoop::current(), start));
        sleep(Duration::from_secs(15)).await;
        seen.borrow_mut().push(seconds(&IoLoop::current(), start));
    })
    .unwrap();
    io_loop.run_sync(async {
        callback.start();
        sleep(Duration::from_secs(12)).await;
        callback.stop();
        callback.start();
        sleep(Duration::from_secs(30)).await;
        callback.stop();
    });
    // The first call ends at 25; the second was due at 22 and waits for it.
    assert_eq!(*times.borrow(), [10, 25, 25, 40]);
}

#[test]
fn a_callback_may_stop_itself() {
    let io_loop = IoLoop::new_paused().unwrap();
    let this: Rc<RefCell<Option<PeriodicCallback>>> = Rc::default();
    let (inside, count) = (Rc::clone(&this), Times::default());
    let seen = Rc::clone(&count);
    let callback = PeriodicCallback::new(PERIOD, move || {
        seen.borrow_mut().push(0);
        inside.borrow().as_ref().unwrap().stop();
    });
    *this.borrow_mut() = Some(callback.unwrap());
    io_loop.run_sync(async {
        this.borrow().as_ref().unwrap().start();
        sleep(PERIOD * 5).await;
    });
    assert_eq!(count.borrow().len(), 1);
}

#[test]
fn a_call_that_fails_or_panics_is_logged_and_the_next_comes() {
    let io_loop = IoLoop::new_paused().unwrap();
    let mut number = 0;
    let callback = PeriodicCallback::new_async(PERIOD, async move || {
        number += 1;
        assert!(number != 2, "second");
        if number == 3 {
            Ok(())
        } else {
            Err(format!("number {number}"))
        }
    });
    let callback = callback.unwrap();
    let log = logged(|| {
        io_loop.run_sync(async {
            callback.start();
            sleep(Duration::from_secs(45)).await;
        });
    });
    let expected = [
        "exception in callback: number 1",
        "panic in callback: second",
    ];
    assert!(expected.iter().all(|text| log.contains(text)), "{log}");
    assert!(log.contains("exception in callback: number 4"), "{log}");
}

#[test]
fn jitter_keeps_each_time_within_its_share_of_the_period() {
    let io_loop = IoLoop::new_paused().unwrap();
    let start = io_loop.time();
    let offsets: Rc<RefCell<Vec<f64>>> = Rc::default();
    let seen = Rc::clone(&offsets);
    let callback = PeriodicCallback::new(PERIOD, move || {
        seen.borrow_mut()
            .push((IoLoop::current().time() - start).as_secs_f64());
    });
    let callback = callback.unwrap().jitter(0.5);
    io_loop.run_sync(async {
        callback.start();
        sleep(PERIOD * 100).await;
    });
    let offsets = offsets.borrow();
    let gaps: Vec<f64> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| (7.4..12.6).contains(gap)), "{gaps:?}");
    assert!(
        gaps.iter().any(|gap| (gap - gaps[0]).abs() > 0.01),
        "{gaps:?}"
    );
}

#[test]
fn a_period_of_zero_is_an_error_that_says_so() {
    let error = PeriodicCallback::new(Duration::ZERO, || {}).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the period of a PeriodicCallback must be longer than zero"
    );
}
