//! A loop that sleeps, woken by another thread, which waits for the answer.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_local;
use waterspout_net::IoLoop;

/// `LoopHandle::add_callback`.
pub(crate) async fn ours(turns: u32) {
    let handle = IoLoop::current().handle();
    let (done, all) = oneshot::channel();
    let other = thread::spawn(move || {
        let (answer, answered) = channel();
        // A clone per callback would be measured with it.
        let answer: &'static Sender<u32> = Box::leak(Box::new(answer));
        for number in 0..turns {
            handle.add_callback(move || answer.send(number).expect("the other thread waits"));
            assert_eq!(answered.recv(), Ok(number), "the loop answers");
        }
        done.send(()).expect("the loop waits");
    });
    all.await.expect("the other thread ends well");
    other.join().expect("the other thread ends well");
}

/// A channel that a task waits on.
pub(crate) async fn tokio(turns: u32) {
    let (ask, mut asked) = mpsc::unbounded_channel();
    let (answer, answered) = channel();
    let other = thread::spawn(move || {
        for number in 0..turns {
            ask.send(number).expect("the loop receives");
            assert_eq!(answered.recv(), Ok(number), "the loop answers");
        }
    });
    let task = spawn_local(async move {
        while let Some(number) = asked.recv().await {
            answer.send(number).expect("the other thread waits");
        }
    });
    task.await.expect("the task ends well");
    other.join().expect("the other thread ends well");
}
