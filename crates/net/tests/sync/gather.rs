use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::ready;
use std::rc::Rc;
use std::time::Duration;

use waterspout_net::task::{boxed, callback_future, gather, moment, multi, multi_map, sleep};

use super::support::{LONG, Polled, SHORT, logged, run};

async fn later(milliseconds: u64) -> Result<u64, String> {
    sleep(Duration::from_millis(milliseconds)).await;
    Ok(milliseconds)
}

async fn failing(milliseconds: u64) -> Result<u64, String> {
    sleep(Duration::from_millis(milliseconds)).await;
    Err(format!("failed after {milliseconds}"))
}

#[test]
fn gives_values_in_the_order_of_the_list() {
    run(async {
        assert_eq!(
            multi([later(30), later(10), later(20)]).await,
            Ok(vec![30, 10, 20])
        );
        assert_eq!(gather([ready(1), ready(2)]).await, [1, 2]);
    });
}

#[test]
fn gives_a_map_for_a_map() {
    run(async {
        let futures = BTreeMap::from([("foo", later(2)), ("bar", later(1))]);
        let values: BTreeMap<_, _> = multi_map(futures).await.unwrap();
        assert_eq!(values, BTreeMap::from([("bar", 1), ("foo", 2)]));
        let failed = multi_map([("foo", boxed(failing(2))), ("bar", boxed(failing(1)))]);
        let failed: Result<BTreeMap<_, _>, _> = failed.await;
        assert_eq!(failed.unwrap_err(), "failed after 2");
    });
}

#[test]
fn an_empty_list_is_ready() {
    assert_eq!(
        Polled::new(multi::<std::future::Ready<Result<u8, u8>>, _, _>([])).ready(),
        Ok(vec![])
    );
    assert!(
        Polled::new(gather([] as [std::future::Ready<()>; 0]))
            .ready()
            .is_empty()
    );
}

#[test]
fn runs_side_by_side() {
    run(async {
        let begin = tokio::time::Instant::now();
        gather((0..100).map(|_| sleep(LONG))).await;
        assert!(begin.elapsed() < 2 * LONG);
    });
}

#[test]
fn polls_only_those_that_were_woken() {
    run(async {
        let polls = Rc::new(RefCell::new(0));
        let counted = |index| {
            let polls = Rc::clone(&polls);
            async move {
                let mut inner = std::pin::pin!(later(index));
                std::future::poll_fn(|cx| {
                    *polls.borrow_mut() += 1;
                    inner.as_mut().poll(cx)
                })
                .await
            }
        };
        gather((0..2000).map(counted)).await;
        assert!(*polls.borrow() <= 2 * 2000, "{} polls", polls.borrow());
    });
}

#[test]
fn returns_the_first_error_of_the_list_after_all_are_done() {
    run(async {
        let done = Rc::new(RefCell::new(Vec::new()));
        let task = |index, fails, time: Duration| {
            let done = Rc::clone(&done);
            async move {
                sleep(time).await;
                done.borrow_mut().push(index);
                if fails { Err(index) } else { Ok(index) }
            }
        };
        let result = multi([
            task(0, false, 4 * SHORT),
            task(1, true, 3 * SHORT),
            task(2, true, SHORT),
            task(3, false, 2 * SHORT),
        ]);
        assert_eq!(result.await, Err(1));
        assert_eq!(*done.borrow(), [2, 3, 1, 0]);
    });
}

#[test]
fn logs_the_errors_that_it_does_not_return() {
    let log = logged(async {
        let failed = multi([failing(2), failing(1), failing(3)]).await;
        assert_eq!(failed.unwrap_err(), "failed after 2");
    });
    assert!(!log.contains("failed after 2"), "{log}");
    assert!(
        log.contains("failed after 1") && log.contains("failed after 3"),
        "{log}"
    );
}

#[test]
fn gathering_logs_nothing_and_gives_all_errors() {
    let log = logged(async {
        let results = gather([failing(2), failing(1)]).await;
        assert!(results.iter().all(Result::is_err));
    });
    assert_eq!(log, "");
}

#[test]
fn futures_that_are_ready_run_one_after_the_other_and_moments_interleave() {
    let activity = |first_yields: bool, second_yields: bool| {
        let letters = RefCell::new(String::new());
        let task = async |letter: char, yields: bool| {
            for _ in 0..5 {
                letters.borrow_mut().push(letter);
                if yields {
                    moment().await;
                } else {
                    ready(()).await;
                }
            }
        };
        run(gather([task('a', first_yields), task('b', second_yields)]));
        letters.into_inner()
    };
    assert_eq!(activity(false, false), "aaaaabbbbb");
    assert_eq!(activity(true, true), "ababababab");
    assert_eq!(activity(true, false), "abbbbbaaaa");
}

#[test]
fn futures_that_wake_themselves_do_not_keep_the_loop() {
    let mut busy = Polled::new(gather([std::future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        std::task::Poll::<()>::Pending
    })]));
    for turn in 1..4 {
        assert!(busy.poll().is_pending());
        assert!(busy.wakes() >= turn);
    }
}

#[test]
fn wakes_the_task_that_polled_it_last() {
    let (completer, future) = callback_future::<_, String>();
    let mut gathered = Box::pin(gather([future]));
    let first = Polled::waiting(gathered.as_mut());
    let before = first.wakes();
    drop(first);
    let mut second = Polled::waiting(gathered.as_mut());
    completer.complete(1);
    assert_eq!((before, second.wakes()), (0, 1));
    assert_eq!(second.ready(), [Ok(1)]);
}

#[test]
fn drops_its_futures_when_it_is_dropped() {
    let (completer, future) = callback_future::<u8, String>();
    let never_polled = gather([future]);
    drop(never_polled);
    assert!(completer.is_cancelled());
    let (completer, future) = callback_future::<u8, String>();
    drop(Polled::waiting(gather([future])));
    assert!(completer.is_cancelled());
}

#[test]
fn a_future_may_be_woken_from_another_thread() {
    let outputs = waterspout_net::IoLoop::new().unwrap().run_sync(async {
        let thread =
            |number| async move { tokio::task::spawn_blocking(move || number).await.unwrap() };
        gather((0..20).map(thread)).await
    });
    assert_eq!(outputs, (0..20).collect::<Vec<_>>());
}
