//! Putting into a queue and getting from it.

use std::hint::black_box;
use std::rc::Rc;

use tokio::sync::mpsc;
use waterspout_net::sync::Queue;

/// One task puts and gets; nobody waits.
pub(crate) async fn ours(turns: u64) {
    let queue = Queue::new(16);
    for number in 0..turns {
        queue.put(black_box(number)).await;
        assert_eq!(queue.get().await, number, "the same number comes back");
    }
}

/// One task puts without waiting, as into tokio's channel without a limit, and gets.
pub(crate) async fn ours_unbounded(turns: u64) {
    let queue = Queue::new(0);
    for number in 0..turns {
        queue.put_nowait(black_box(number)).expect("no limit");
        assert_eq!(queue.get().await, number, "the same number comes back");
    }
}

/// The same through a bounded channel.
pub(crate) async fn tokio(turns: u64) {
    let (sender, mut receiver) = mpsc::channel(16);
    for number in 0..turns {
        sender.send(black_box(number)).await.expect("open");
        assert_eq!(
            receiver.recv().await,
            Some(number),
            "the same number comes back"
        );
    }
}

/// The same through an unbounded channel.
pub(crate) async fn tokio_unbounded(turns: u64) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for number in 0..turns {
        sender.send(black_box(number)).expect("open");
        assert_eq!(
            receiver.recv().await,
            Some(number),
            "the same number comes back"
        );
    }
}

/// One task puts, another gets, with room for 16: both wait again and again.
pub(crate) async fn ours_tasks(turns: u64) {
    let queue = Rc::new(Queue::new(16));
    let inbox = Rc::clone(&queue);
    let consumer = tokio::task::spawn_local(async move {
        for number in 0..turns {
            assert_eq!(inbox.get().await, number, "in order");
        }
    });
    for number in 0..turns {
        queue.put(black_box(number)).await;
    }
    consumer.await.expect("all have come");
}

/// The same through a bounded channel.
pub(crate) async fn tokio_tasks(turns: u64) {
    let (sender, mut receiver) = mpsc::channel(16);
    let consumer = tokio::task::spawn_local(async move {
        for number in 0..turns {
            assert_eq!(receiver.recv().await, Some(number), "in order");
        }
    });
    for number in 0..turns {
        sender.send(black_box(number)).await.expect("open");
    }
    consumer.await.expect("all have come");
}
