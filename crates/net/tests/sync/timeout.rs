use std::future::{pending, ready};
use std::pin::pin;
use std::time::Duration;

use waterspout_net::IoLoop;
use waterspout_net::task::{sleep, with_timeout};

use super::support::{LONG, SHORT, logged, run};

#[test]
fn fails_when_the_time_is_over() {
    run(async {
        let error = with_timeout(SHORT, pending::<()>()).await.unwrap_err();
        assert_eq!(error.to_string(), "operation timed out after 0.01 seconds");
        let when = IoLoop::current().time() + LONG;
        let error = with_timeout(when, pending::<()>()).await.unwrap_err();
        assert_eq!(error.timeout(), LONG);
    });
}

#[test]
fn gives_what_comes_before() {
    run(async {
        let answer = async {
            sleep(SHORT).await;
            "answer"
        };
        assert_eq!(with_timeout(LONG, answer).await, Ok("answer"));
    });
}

#[test]
fn hands_out_the_error_of_the_future() {
    run(async {
        let failure = async {
            sleep(SHORT).await;
            Err::<(), _>("failed")
        };
        assert_eq!(with_timeout(LONG, failure).await, Ok(Err("failed")));
    });
}

#[test]
fn a_future_that_is_ready_is_never_too_late() {
    run(async {
        assert_eq!(with_timeout(Duration::ZERO, ready(1)).await, Ok(1));
        let past = IoLoop::current().time() - SHORT;
        assert_eq!(with_timeout(past, ready(2)).await, Ok(2));
        assert_eq!(with_timeout(Duration::MAX, ready(3)).await, Ok(3));
    });
}

#[test]
fn a_lent_future_goes_on() {
    run(async {
        let mut slow = pin!(async {
            sleep(2 * SHORT).await;
            "late"
        });
        assert!(with_timeout(SHORT, &mut slow).await.is_err());
        assert_eq!(slow.await, "late");
    });
}

#[test]
fn a_spawned_task_goes_on_and_its_failure_is_logged() {
    let log = logged(async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        IoLoop::current().spawn_callback(async move {
            sleep(2 * SHORT).await;
            _ = sender.send(());
            Err::<(), _>("failed after the timeout")
        });
        let mut receiver = pin!(receiver);
        assert!(with_timeout(SHORT, &mut receiver).await.is_err());
        assert!(receiver.await.is_ok());
        sleep(SHORT).await;
    });
    assert!(log.contains("failed after the timeout"), "{log}");
}

#[test]
fn waits_for_work_of_a_thread() {
    let answer = IoLoop::new()
        .unwrap()
        .run_sync(async { with_timeout(LONG, tokio::task::spawn_blocking(|| 42)).await });
    assert_eq!(answer.unwrap().unwrap(), 42);
}
