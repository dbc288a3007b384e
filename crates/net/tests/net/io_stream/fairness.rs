//! A task that never has to wait lets the others run.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::coop::{has_budget_remaining, poll_proceed};
use tokio::task::spawn_local;
use waterspout_net::IoStream;

use crate::support::run;

/// Two ends of a connection that takes many small writes before anybody reads.
async fn connected() -> (IoStream, IoStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let one = TcpStream::connect(listener.local_addr().unwrap());
    let (one, other) = tokio::join!(one, listener.accept());
    (
        IoStream::from_tcp(one.unwrap()),
        IoStream::from_tcp(other.unwrap().0),
    )
}

/// Counts the turns that another task gets.
pub(crate) fn count_turns() -> Rc<Cell<u32>> {
    let turns = Rc::new(Cell::new(0));
    let counted = Rc::clone(&turns);
    spawn_local(async move {
        loop {
            counted.set(counted.get() + 1);
            tokio::task::yield_now().await;
        }
    });
    turns
}

#[test]
fn a_task_that_writes_to_a_socket_with_room_lets_others_run() {
    run(async {
        let (mut one, mut other) = connected().await;
        // It has waited for octets before, and one write is free then.
        other.write(b"go").await.unwrap();
        assert_eq!(one.read_bytes(2).await.unwrap(), "go");
        let turns = count_turns();
        let writing = spawn_local(async move {
            for _ in 0..1000 {
                one.write(b"x").await.unwrap();
            }
            one
        });
        let _one = writing.await.unwrap();
        assert!(turns.get() >= 4, "{} turns", turns.get());
    });
}

#[test]
fn a_task_that_answers_what_is_there_already_lets_others_run() {
    run(async {
        let (mut one, mut other) = connected().await;
        let turns = count_turns();
        let answering = spawn_local(async move {
            for _ in 0..1000 {
                other.write(b"question").await.unwrap();
                one.fill().await.unwrap();
                one.consume(one.buffered().len());
                one.enqueue(b"answer");
                one.flush().await.unwrap();
            }
        });
        answering.await.unwrap();
        assert!(turns.get() >= 4, "{} turns", turns.get());
    });
}

#[test]
fn a_task_that_looks_for_octets_before_each_write_lets_others_run() {
    run(async {
        let (mut one, _other) = connected().await;
        let turns = count_turns();
        let writing = spawn_local(async move {
            for _ in 0..1000 {
                // As in a `select!` whose other branch is ready: the wait is over without a yield.
                let there = poll_fn(|cx| Poll::Ready(one.poll_fill(cx).is_ready())).await;
                assert!(!there);
                one.enqueue(b"x");
                one.flush().await.unwrap();
            }
            one
        });
        let _one = writing.await.unwrap();
        assert!(turns.get() >= 4, "{} turns", turns.get());
    });
}

#[test]
fn a_task_that_should_yield_reads_nothing_more_before_it_does() {
    run(async {
        let (mut one, mut other) = connected().await;
        other.write(b"there").await.unwrap();
        assert_eq!(one.read_bytes(1).await.unwrap(), "t");
        one.consume(4);
        other.write(b"more").await.unwrap();
        tokio::task::yield_now().await;
        poll_fn(|cx| {
            while has_budget_remaining() {
                if let Poll::Ready(proceed) = poll_proceed(cx) {
                    proceed.made_progress();
                }
            }
            for attempt in 0..3 {
                assert!(one.poll_fill(cx).is_pending(), "attempt {attempt}");
            }
            Poll::Ready(())
        })
        .await;
        assert_eq!(one.read_bytes(4).await.unwrap(), "more");
    });
}
