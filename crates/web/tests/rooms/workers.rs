//! Several workers of one process: a loop, a server and rooms on a thread each.

use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;
use waterspout::net::IoLoop;
use waterspout::{Application, RoomHub, RoomsConfig};

use crate::support::{Peer, chatting, serve, until};

/// A worker on a thread of its own, until it is dropped.
pub(crate) struct Worker {
    pub(crate) port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Worker {
    pub(crate) fn start(hub: &RoomHub) -> Self {
        let (ready, port) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let hub = hub.clone();
        let thread = thread::spawn(move || {
            IoLoop::new().unwrap().run_sync(async {
                let rooms = hub.rooms();
                ready
                    .send(serve(chatting(Application::new(rooms))))
                    .unwrap();
                _ = stopped.await;
            });
        });
        Self {
            port: port.recv().unwrap(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}

#[test]
fn what_is_said_on_one_worker_is_heard_on_all() {
    let hub = RoomHub::new();
    let (first, second) = (Worker::start(&hub), Worker::start(&hub));
    IoLoop::new().unwrap().run_sync(async {
        let mut one = Peer::join(first.port, "/a").await;
        let mut two = Peer::join(second.port, "/a?nick=two").await;
        one.say("hi").await;
        one.expect_text("hi").await;
        two.expect_text("hi").await;
        hub.send("a", "from no worker").unwrap();
        one.expect_text("from no worker").await;
        two.expect_text("from no worker").await;
        assert_eq!(hub.members("a"), 2);
        two.close().await;
        until(|| hub.members("a") == 1).await;
        one.close().await;
        until(|| hub.is_empty()).await;
        assert_eq!(hub.lost(), 0);
    });
}

#[test]
fn all_workers_see_one_order() {
    const EACH: usize = 500;
    let hub = RoomHub::with_config(RoomsConfig::default().history(2 * EACH));
    let (first, second) = (Worker::start(&hub), Worker::start(&hub));
    IoLoop::new().unwrap().run_sync(async {
        let mut one = Peer::join(first.port, "/a").await;
        let mut two = Peer::join(second.port, "/a").await;
        for number in 0..EACH {
            one.say(&format!("one {number}")).await;
            two.say(&format!("two {number}")).await;
        }
        let (mut heard_one, mut heard_two) = (Vec::new(), Vec::new());
        for _ in 0..2 * EACH {
            heard_one.push(one.text().await);
            heard_two.push(two.text().await);
        }
        assert_eq!(heard_one, heard_two);
        let mut ones = heard_one.iter().filter(|text| text.starts_with("one"));
        assert!((0..EACH).all(|number| ones.next() == Some(&format!("one {number}"))));
        let rooms = hub.rooms();
        let remembered = rooms.room("a").unwrap().history(None).messages;
        let texts = remembered
            .iter()
            .map(|recorded| recorded.message.as_text().unwrap());
        assert!(texts.eq(heard_one.iter().map(String::as_str)));
    });
}

#[test]
fn a_worker_that_does_not_come_to_read_loses_messages_and_they_are_counted() {
    let hub = RoomHub::with_config(RoomsConfig::default().max_backlog(10_000));
    let worker = Worker::start(&hub);
    IoLoop::new().unwrap().run_sync(async {
        let mut peer = Peer::join(worker.port, "/a").await;
        // This loop has the room open and is busy sending.
        let rooms = hub.rooms();
        let room = rooms.room("a").unwrap();
        let listener = room.listen().unwrap();
        thread::scope(|scope| {
            scope
                .spawn(|| (0..100).for_each(|_| hub.send("a", "x".repeat(1000)).unwrap()))
                .join()
                .unwrap();
        });
        assert!(hub.lost() > 0);
        drop(listener);
        assert_eq!(peer.text().await.len(), 1000);
    });
}
