use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use waterspout_net::IoLoop;
use waterspout_net::sync::Condition;
use waterspout_net::task::{gather, moment, sleep};

use super::support::{LONG, Polled, SHORT, run};

/// Returns which of the waiters are released, by polling each once.
fn released<F: Future>(waiters: &mut [Option<Polled<F>>]) -> Vec<usize> {
    let ready = |(index, place): (usize, &mut Option<Polled<F>>)| {
        let ready = place.as_mut()?.poll().is_ready();
        if ready {
            *place = None;
        }
        ready.then_some(index)
    };
    waiters.iter_mut().enumerate().filter_map(ready).collect()
}

#[test]
fn releases_one_after_the_other_in_order() {
    let condition = Condition::new();
    let wait = |_| Some(Polled::waiting(condition.wait()));
    let mut waiters: Vec<_> = (0..4).map(wait).collect();
    for expected in 0..4 {
        condition.notify(1);
        assert_eq!(released(&mut waiters), [expected]);
    }
}

#[test]
fn releases_several_and_no_more_than_wait() {
    let condition = Condition::new();
    let wait = |_| Some(Polled::waiting(condition.wait()));
    let mut waiters: Vec<_> = (0..6).map(wait).collect();
    condition.notify(2);
    assert_eq!(released(&mut waiters), [0, 1]);
    condition.notify(3);
    assert_eq!(released(&mut waiters), [2, 3, 4]);
    condition.notify(100);
    assert_eq!(released(&mut waiters), [5]);
}

#[test]
fn releases_all() {
    let condition = Condition::new();
    let wait = |_| Some(Polled::waiting(condition.wait()));
    let mut waiters: Vec<_> = (0..4).map(wait).collect();
    condition.notify_all();
    let late = Polled::waiting(condition.wait());
    assert_eq!(released(&mut waiters), [0, 1, 2, 3]);
    assert_eq!(late.wakes(), 0);
}

#[test]
fn forgets_a_notification_that_nobody_waits_for() {
    let condition = Condition::new();
    condition.notify(1);
    condition.notify_all();
    Polled::waiting(condition.wait());
}

#[test]
fn says_false_after_the_timeout_and_true_before() {
    run(async {
        let condition = Condition::new();
        assert!(!condition.wait_timeout(SHORT).await);
        assert!(!condition.wait_timeout(IoLoop::current().time()).await);
        let (notified, ()) = tokio::join!(condition.wait_timeout(LONG), async {
            sleep(SHORT).await;
            condition.notify(1);
        });
        assert!(notified);
    });
}

#[test]
fn who_has_timed_out_does_not_count() {
    run(async {
        let condition = Condition::new();
        let wait = async |timeout: Duration| condition.wait_timeout(timeout).await;
        let notify = async {
            sleep(2 * SHORT).await;
            condition.notify(2);
        };
        let waiters = gather([wait(LONG), wait(SHORT), wait(LONG), wait(LONG / 2)]);
        let (notified, ()) = tokio::join!(waiters, notify);
        assert_eq!(notified, [true, false, true, false]);
    });
}

#[test]
fn notifying_all_spares_who_has_timed_out() {
    run(async {
        let condition = Condition::new();
        let waiters = [LONG, SHORT, LONG].map(|timeout| condition.wait_timeout(timeout));
        let notify = async {
            sleep(2 * SHORT).await;
            condition.notify_all();
        };
        let (notified, ()) = tokio::join!(gather(waiters), notify);
        assert_eq!(notified, [true, false, true]);
    });
}

#[test]
fn may_be_notified_from_who_was_released() {
    let order = Rc::new(RefCell::new(Vec::new()));
    run(async {
        let condition = Condition::new();
        let waiter = async |name: u8| {
            condition.wait().await;
            order.borrow_mut().push(name);
            if name == 0 {
                condition.notify(2);
            }
        };
        let waiters = gather([waiter(0), waiter(1), waiter(2)]);
        tokio::join!(waiters, async {
            moment().await;
            condition.notify(1);
        });
    });
    assert_eq!(*order.borrow(), [0, 1, 2]);
}

#[test]
fn keeps_nothing_of_many_who_have_timed_out() {
    run(async {
        let condition = Condition::new();
        let many = (0..101).map(|_| condition.wait_timeout(SHORT));
        assert!(gather(many).await.iter().all(|notified| !notified));
        assert_eq!(format!("{condition:?}"), "Condition { waiters: 0 }");
    });
}

#[test]
fn a_dropped_waiter_passes_its_notification_on() {
    let condition = Condition::new();
    let first = Polled::waiting(condition.wait());
    let mut second = Polled::waiting(condition.wait());
    condition.notify(1);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    drop(first);
    second.ready();
}

#[test]
fn a_dropped_waiter_passes_nothing_on_when_all_were_notified() {
    let condition = Condition::new();
    let first = Polled::waiting(condition.wait());
    condition.notify_all();
    let mut late = Polled::waiting(condition.wait());
    drop(first);
    assert!(late.poll().is_pending());
}
