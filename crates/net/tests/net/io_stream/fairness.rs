//! A task that never has to wait lets the others run.

use std::cell::Cell;
use std::rc::Rc;

use tokio::net::{TcpListener, TcpStream};
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
fn count_turns() -> Rc<Cell<u32>> {
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
