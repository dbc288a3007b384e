use std::cell::RefCell;

use waterspout_net::sync::Lock;
use waterspout_net::task::{gather, moment, with_timeout};

use super::support::{Polled, SHORT, run};

#[test]
fn is_held_by_one_at_a_time() {
    let lock = Lock::new(());
    assert!(!lock.is_locked());
    let guard = Polled::new(lock.acquire()).ready();
    assert!(lock.is_locked());
    assert!(lock.try_acquire().is_none());
    drop(guard);
    assert!(!lock.is_locked());
    assert!(lock.try_acquire().is_some());
}

#[test]
fn is_given_in_the_order_of_those_who_wait() {
    let order = RefCell::new(Vec::new());
    run(async {
        let lock = Lock::new(());
        let task = async |number: usize| {
            let _guard = lock.acquire().await;
            moment().await;
            order.borrow_mut().push(number);
        };
        gather((0..5).map(task)).await;
    });
    assert_eq!(*order.borrow(), [0, 1, 2, 3, 4]);
}

#[test]
fn guards_a_value_over_awaits() {
    run(async {
        let count = Lock::new(0);
        let task = async |_number: usize| {
            let mut count = count.acquire().await;
            let before = *count;
            moment().await;
            *count = before + 1;
        };
        gather((0..20).map(task)).await;
        assert_eq!(count.into_inner(), 20);
    });
}

#[test]
fn times_out_while_another_holds_it() {
    run(async {
        let lock = Lock::new("value");
        let guard = lock.acquire().await;
        let error = lock.acquire_timeout(SHORT).await.unwrap_err();
        assert_eq!(error.timeout(), SHORT);
        drop(guard);
        assert_eq!(*lock.acquire_timeout(SHORT).await.unwrap(), "value");
    });
}

#[test]
fn is_not_reentrant() {
    run(async {
        let lock = Lock::new(());
        let _guard = lock.acquire().await;
        assert!(with_timeout(SHORT, lock.acquire()).await.is_err());
    });
}

#[test]
fn comes_back_when_a_task_panics() {
    run(async {
        let lock = Lock::<()>::default();
        let guard = lock.acquire().await;
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _guard = guard;
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        assert!(!lock.is_locked());
    });
}

#[test]
fn says_how_it_stands() {
    let lock = Lock::new(7);
    assert_eq!(format!("{lock:?}"), "Lock [unlocked,value:1]");
    let guard = lock.try_acquire().unwrap();
    assert_eq!(format!("{guard:?}"), "7");
    let _waiter = Polled::waiting(lock.acquire());
    assert_eq!(format!("{lock:?}"), "Lock [locked,waiters:1]");
}

#[test]
fn a_dropped_waiter_passes_the_lock_on() {
    let lock = Lock::new(());
    let guard = lock.try_acquire().unwrap();
    let first = Polled::waiting(lock.acquire());
    let mut second = Polled::waiting(lock.acquire());
    drop(guard);
    assert!(second.poll().is_pending());
    drop(first);
    drop(second.ready());
    assert!(!lock.is_locked());
}

#[test]
fn who_takes_it_again_and_again_lets_others_run() {
    run(async {
        let lock = Lock::new(());
        let other = tokio::task::spawn_local(async {});
        while !other.is_finished() {
            drop(lock.acquire().await);
        }
    });
}
