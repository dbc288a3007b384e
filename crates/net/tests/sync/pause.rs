use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use waterspout_net::IoLoop;
use waterspout_net::task::{moment, sleep, sleep_until};

use super::support::{LONG, Polled, run};

#[test]
fn sleeps_as_long_as_it_was_told() {
    run(async {
        let begin = IoLoop::current().time();
        sleep(LONG).await;
        assert!(IoLoop::current().time() >= begin + LONG);
        sleep_until(begin + 2 * LONG).await;
        assert!(IoLoop::current().time() >= begin + 2 * LONG);
    });
}

#[test]
fn a_time_that_has_gone_by_is_no_wait() {
    run(async {
        let begin = IoLoop::current().time();
        sleep_until(begin - Duration::from_secs(1)).await;
        sleep(Duration::ZERO).await;
        assert!(IoLoop::current().time() - begin < Duration::from_secs(1));
    });
}

#[test]
fn a_moment_lets_callbacks_run() {
    run(async {
        let ran = Rc::new(Cell::new(false));
        let callback = Rc::clone(&ran);
        IoLoop::current().add_callback(move || callback.set(true));
        moment().await;
        assert!(ran.get());
    });
}

#[test]
fn tasks_that_wait_for_moments_keep_their_order() {
    let order = Rc::new(RefCell::new(String::new()));
    run(async {
        let task = |letter| {
            let order = Rc::clone(&order);
            tokio::task::spawn_local(async move {
                for _ in 0..3 {
                    order.borrow_mut().push(letter);
                    moment().await;
                }
            })
        };
        for task in ['a', 'b', 'c'].map(task) {
            task.await.unwrap();
        }
    });
    assert_eq!(*order.borrow(), "abcabcabc");
}

#[test]
fn a_loop_that_ends_amid_a_moment_disturbs_no_other() {
    for _ in 0..3 {
        IoLoop::new().unwrap().run_sync(async {
            tokio::task::spawn_local(moment());
            drop(Polled::waiting(moment()));
        });
    }
    run(moment());
}

#[test]
fn pauses_may_be_dropped() {
    run(async {
        drop(Polled::waiting(sleep(LONG)));
        drop(Polled::waiting(moment()));
        drop(sleep(LONG));
    });
}
