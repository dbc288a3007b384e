use std::rc::Rc;

use waterspout_net::sync::{BoundedSemaphore, Semaphore};
use waterspout_net::task::{gather, moment, sleep};

use super::support::{LONG, Polled, SHORT, run};

#[test]
fn gives_permits_in_the_order_of_those_who_wait() {
    let semaphore = Semaphore::new(2);
    let first = Polled::new(semaphore.acquire()).ready();
    let second = Polled::new(semaphore.acquire()).ready();
    let mut third = Polled::waiting(semaphore.acquire());
    let mut fourth = Polled::waiting(semaphore.acquire());
    drop(second);
    assert!(fourth.poll().is_pending());
    let third = third.ready();
    drop((first, third));
    assert_eq!(semaphore.value(), 1);
    _ = fourth.ready();
    assert_eq!(semaphore.value(), 2);
}

#[test]
fn nobody_overtakes_who_was_given_a_permit() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    let mut waiter = Polled::waiting(semaphore.acquire());
    drop(permit);
    assert!(semaphore.try_acquire().is_none());
    Polled::waiting(semaphore.acquire());
    _ = waiter.ready();
}

#[test]
fn may_be_released_without_having_been_acquired() {
    let semaphore = Semaphore::new(0);
    assert!(semaphore.try_acquire().is_none());
    semaphore.release();
    semaphore.release();
    assert_eq!(semaphore.value(), 2);
    semaphore.try_acquire().unwrap().forget();
    assert_eq!(semaphore.value(), 1);
}

#[test]
fn a_timeout_does_not_change_the_number_of_permits() {
    run(async {
        let semaphore = Semaphore::new(2);
        let permits = (semaphore.acquire().await, semaphore.acquire().await);
        assert!(semaphore.acquire_timeout(SHORT).await.is_err());
        assert_eq!(semaphore.value(), 0);
        drop(permits);
        assert_eq!(semaphore.value(), 2);
    });
}

#[test]
fn a_permit_that_comes_in_time_is_given() {
    run(async {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.acquire().await;
        let (given, ()) = tokio::join!(semaphore.acquire_timeout(LONG), async {
            sleep(SHORT).await;
            drop(permit);
        });
        assert!(given.is_ok());
    });
}

#[test]
fn keeps_nothing_of_many_who_have_timed_out() {
    run(async {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.acquire().await;
        let many = gather((0..101).map(|_| semaphore.acquire_timeout(SHORT))).await;
        assert!(many.iter().all(Result::is_err));
        assert_eq!(format!("{semaphore:?}"), "Semaphore [locked]");
        drop(permit);
    });
}

#[test]
fn says_how_it_stands() {
    let semaphore = Semaphore::new(2);
    assert_eq!(format!("{semaphore:?}"), "Semaphore [unlocked,value:2]");
    let _permits = (semaphore.try_acquire(), semaphore.try_acquire());
    assert_eq!(format!("{semaphore:?}"), "Semaphore [locked]");
    let _waiter = Polled::waiting(semaphore.acquire());
    assert_eq!(format!("{semaphore:?}"), "Semaphore [locked,waiters:1]");
}

#[test]
fn holds_as_many_as_it_has_permits_under_contention() {
    run(async {
        let semaphore = Semaphore::new(2);
        let inside = std::cell::Cell::new(0);
        let task = async |_number: usize| {
            let _permit = semaphore.acquire().await;
            inside.set(inside.get() + 1);
            assert!(inside.get() <= 2);
            moment().await;
            inside.set(inside.get() - 1);
        };
        gather((0..50).map(task)).await;
        assert_eq!(semaphore.value(), 2);
    });
}

#[test]
fn a_permit_comes_back_when_a_task_fails() {
    run(async {
        let semaphore = Semaphore::new(1);
        let fail = async {
            let _permit = semaphore.acquire().await;
            Err::<(), _>("failed")
        };
        assert!(fail.await.is_err());
        assert_eq!(semaphore.value(), 1);
    });
}

#[test]
fn an_owned_permit_moves_into_a_task() {
    run(async {
        let semaphore = Rc::new(Semaphore::default());
        let permit = Rc::clone(&semaphore).acquire_owned().await;
        tokio::task::spawn_local(async move { drop(permit) });
        drop(semaphore.acquire().await);
    });
}

#[test]
fn a_dropped_waiter_loses_its_place_or_passes_its_permit_on() {
    let semaphore = Semaphore::new(1);
    drop(Polled::new(semaphore.acquire()));
    let permit = semaphore.try_acquire().unwrap();
    let never_called = Polled::waiting(semaphore.acquire());
    let called = Polled::waiting(semaphore.acquire());
    let mut last = Polled::waiting(semaphore.acquire());
    drop(never_called);
    drop(permit);
    assert_eq!((called.wakes(), last.wakes()), (1, 0));
    drop(called);
    drop(last.ready());
    assert_eq!(semaphore.value(), 1);
}

#[test]
fn a_dropped_waiter_gives_its_permit_back_when_nobody_waits() {
    let semaphore = Semaphore::new(0);
    let waiter = Polled::waiting(semaphore.acquire());
    semaphore.release();
    drop(waiter);
    assert_eq!(semaphore.value(), 1);
}

#[test]
fn a_bounded_one_refuses_a_permit_too_many() {
    let semaphore = BoundedSemaphore::default();
    let error = semaphore.release().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("semaphore released too many times")
    );
    semaphore.try_acquire().unwrap().forget();
    assert_eq!(semaphore.value(), 0);
    semaphore.release().unwrap();
    assert_eq!(semaphore.release(), Err(error));
    assert_eq!(
        format!("{semaphore:?}"),
        "BoundedSemaphore [unlocked,value:1]"
    );
}

#[test]
fn a_bounded_one_takes_no_permit_back_that_somebody_holds() {
    let semaphore = BoundedSemaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    assert!(semaphore.release().is_err());
    semaphore.try_acquire().unwrap().forget();
    semaphore.release().unwrap();
    assert!(semaphore.release().is_err());
    drop(held);
    assert_eq!(semaphore.value(), 2);
}

#[test]
fn a_bounded_one_waits_like_any_other() {
    run(async {
        let semaphore = BoundedSemaphore::new(1);
        let permit = semaphore.acquire().await;
        assert!(semaphore.acquire_timeout(SHORT).await.is_err());
        drop(permit);
        assert!(semaphore.acquire_timeout(SHORT).await.is_ok());
    });
}
