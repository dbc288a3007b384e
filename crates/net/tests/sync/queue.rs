use std::cell::RefCell;
use std::rc::Rc;

use waterspout_net::IoLoop;
use waterspout_net::sync::{Queue, QueueEmpty, TaskDoneTooOften};
use waterspout_net::task::{gather, moment, sleep};

use super::support::{LONG, Polled, SHORT, run};

#[test]
fn gives_items_in_the_order_in_which_they_were_put() {
    let queue = Queue::new(0);
    for item in 0..10 {
        queue.put_nowait(item).unwrap();
    }
    let taken: Vec<_> = (0..10).map(|_| queue.get_nowait().unwrap()).collect();
    assert_eq!(taken, (0..10).collect::<Vec<_>>());
    assert_eq!(queue.get_nowait(), Err(QueueEmpty));
}

#[test]
fn has_a_limit_or_none() {
    let queue = Queue::new(2);
    assert_eq!(queue.maxsize(), 2);
    assert!(queue.is_empty() && !queue.is_full());
    queue.put_nowait("a").unwrap();
    assert!(!queue.is_empty() && !queue.is_full());
    queue.put_nowait("b").unwrap();
    assert!(queue.is_full());
    assert_eq!(queue.qsize(), 2);
    let full = queue.put_nowait("c").unwrap_err();
    assert!(full.to_string().starts_with("queue is full (maxsize 2)"));
    assert_eq!(full.into_inner(), "c");
    assert!(!Queue::<u8>::default().is_full());
}

#[test]
fn says_what_it_holds_and_who_waits() {
    let queue = Queue::new(1);
    queue.put_nowait('a').unwrap();
    let _putter = Polled::waiting(queue.put('b'));
    let expected = "Queue { maxsize: 1, items: ['a'], getters: 0, putters: 1, unfinished: 1 }";
    assert_eq!(format!("{queue:?}"), expected);
}

#[test]
fn an_error_of_an_empty_queue_says_what_to_do() {
    let error = Queue::<u8>::new(1).get_nowait().unwrap_err();
    assert_eq!(
        error.to_string(),
        "queue is empty: wait for an item with get"
    );
}

#[test]
fn serves_waiting_getters_in_their_order() {
    let queue = Queue::new(1);
    let mut first = Polled::waiting(queue.get());
    let mut second = Polled::waiting(queue.get());
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    assert_eq!((queue.qsize(), queue.is_full()), (0, false));
    assert_eq!(queue.get_nowait(), Err(QueueEmpty));
    Polled::waiting(queue.get());
    assert_eq!((first.ready(), second.ready()), (1, 2));
}

#[test]
fn lets_waiting_putters_in_one_by_one() {
    let queue = Queue::new(1);
    queue.put_nowait(0).unwrap();
    let mut first = Polled::waiting(queue.put(1));
    let mut second = Polled::waiting(queue.put(2));
    assert_eq!(queue.get_nowait(), Ok(0));
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    first.ready();
    assert!(queue.put_nowait(3).is_err());
    assert_eq!(Polled::new(queue.get()).ready(), 1);
    second.ready();
    assert_eq!(queue.get_nowait(), Ok(2));
}

#[test]
fn puts_at_once_when_there_is_room_or_a_getter() {
    let queue = Queue::new(1);
    let mut getter = Polled::waiting(queue.get());
    Polled::new(queue.put(1)).ready();
    Polled::new(queue.put(2)).ready();
    Polled::waiting(queue.put(3));
    assert_eq!(getter.ready(), 1);
}

#[test]
fn a_getter_gives_up_after_its_timeout_and_the_next_is_served() {
    run(async {
        let queue = Queue::new(0);
        assert!(queue.get_timeout(SHORT).await.is_err());
        let past = IoLoop::current().time() - SHORT;
        assert!(queue.get_timeout(past).await.is_err());
        queue.put_nowait(0).unwrap();
        assert_eq!(queue.get_timeout(past).await, Ok(0));
    });
}

#[test]
fn a_getter_is_served_before_its_timeout() {
    run(async {
        let queue = Queue::new(0);
        let (item, ()) = tokio::join!(queue.get_timeout(LONG), async {
            sleep(SHORT).await;
            queue.put_nowait(7).unwrap();
        });
        assert_eq!(item, Ok(7));
    });
}

#[test]
fn the_item_of_a_putter_that_has_timed_out_is_never_put() {
    run(async {
        let queue = Queue::new(1);
        queue.put("in").await;
        let full = queue.put_timeout("late", SHORT).await.unwrap_err();
        assert_eq!(full.into_inner(), "late");
        assert_eq!(queue.get().await, "in");
        assert!(queue.is_empty());
        assert!(queue.put_timeout("next", SHORT).await.is_ok());
    });
}

#[test]
fn a_putter_finds_room_before_its_timeout() {
    run(async {
        let queue = Queue::new(1);
        queue.put(1).await;
        let (put, item) = tokio::join!(queue.put_timeout(2, LONG), async {
            sleep(SHORT).await;
            queue.get().await
        });
        assert_eq!((put.is_ok(), item, queue.get_nowait()), (true, 1, Ok(2)));
    });
}

#[test]
fn those_who_have_timed_out_are_gone_at_once() {
    run(async {
        let queue = Queue::new(1);
        gather((0..10).map(|_| queue.get_timeout(SHORT))).await;
        queue.put(0).await;
        let getter = queue.get();
        gather((0..10).map(|item| queue.put_timeout(item, SHORT))).await;
        assert!(format!("{queue:?}").contains("getters: 0, putters: 0"));
        assert_eq!(getter.await, 0);
        assert!(queue.is_empty());
    });
}

#[test]
fn gives_item_after_item() {
    run(async {
        let queue = Queue::new(0);
        gather((0..5).map(|item| queue.put(item))).await;
        let (mut items, mut sum) = (queue.items(), 0);
        while let Some(item) = items.next().await {
            sum += item;
            if item == 4 {
                break;
            }
        }
        assert_eq!((sum, queue.qsize()), (10, 0));
        assert_eq!(format!("{items:?}"), "Items { .. }");
    });
}

#[test]
fn join_waits_for_task_done_and_not_for_get() {
    let queue = Queue::new(0);
    for item in 0..2 {
        queue.put_nowait(item).unwrap();
    }
    let mut join = Polled::waiting(queue.join());
    queue.get_nowait().unwrap();
    queue.get_nowait().unwrap();
    assert!(join.poll().is_pending());
    queue.task_done().unwrap();
    assert!(join.poll().is_pending());
    queue.task_done().unwrap();
    join.ready();
}

#[test]
fn join_waits_for_items_of_waiting_putters_once_they_are_in() {
    let queue = Queue::new(1);
    queue.put_nowait(1).unwrap();
    let _putter = Polled::waiting(queue.put(2));
    queue.get_nowait().unwrap();
    queue.task_done().unwrap();
    Polled::waiting(queue.join());
    queue.get_nowait().unwrap();
    queue.task_done().unwrap();
    Polled::new(queue.join()).ready();
}

#[test]
fn join_does_not_wait_for_an_empty_queue() {
    Polled::new(Queue::<u8>::new(0).join()).ready();
}

#[test]
fn join_times_out() {
    run(async {
        let queue = Queue::new(0);
        assert!(queue.join_timeout(SHORT).await.is_ok());
        queue.put(0).await;
        assert!(queue.join_timeout(SHORT).await.is_err());
    });
}

#[test]
fn task_done_too_often_is_an_error() {
    let queue = Queue::new(0);
    let error = queue.task_done().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("task_done called too many times")
    );
    queue.put_nowait(0).unwrap();
    queue.task_done().unwrap();
    assert_eq!(queue.task_done(), Err(TaskDoneTooOften));
}

#[test]
fn ten_items_pass_a_queue_for_three_in_order() {
    let history = Rc::new(RefCell::new(Vec::new()));
    run(async {
        let queue = Rc::new(Queue::new(3));
        let (inbox, seen) = (Rc::clone(&queue), Rc::clone(&history));
        IoLoop::current().spawn_callback(async move {
            loop {
                let item = inbox.get().await;
                seen.borrow_mut().push(item);
                moment().await;
                inbox.task_done()?;
            }
            #[expect(unreachable_code, reason = "says which error `?` returns")]
            Ok::<(), TaskDoneTooOften>(())
        });
        for item in 0..10 {
            queue.put(item).await;
        }
        queue.join().await;
    });
    assert_eq!(*history.borrow(), (0..10).collect::<Vec<_>>());
}

#[test]
fn who_gets_and_puts_without_end_lets_others_run() {
    run(async {
        let queue = Queue::new(1);
        let other = tokio::task::spawn_local(async {});
        while !other.is_finished() {
            queue.put(0).await;
            queue.get().await;
        }
    });
}
