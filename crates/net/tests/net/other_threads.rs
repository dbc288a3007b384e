//! What other threads have a loop call.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::UnixStream;
use waterspout_net::{IoLoop, IoStream, LoopHandle};

use crate::support::{logged, run};

/// Lets another thread ask for `count` callbacks, and waits until it has.
fn ask(handle: &LoopHandle, count: usize, callback: impl Fn(usize) + Send + Sync + 'static) {
    let handle = handle.clone();
    let callback = Arc::new(callback);
    let asker = thread::spawn(move || {
        for number in 0..count {
            let callback = Arc::clone(&callback);
            handle.add_callback(move || callback(number));
        }
    });
    asker.join().unwrap();
}

#[test]
fn callbacks_of_one_thread_run_in_the_order_in_which_it_added_them() {
    let io_loop = IoLoop::new().unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    ask(&io_loop.handle(), 1000, move |number| {
        seen.lock().unwrap().push(number);
    });
    io_loop.stop();
    io_loop.start();
    assert_eq!(*order.lock().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn callbacks_added_before_the_loop_runs_keep_their_place_among_those_of_its_own_thread() {
    let io_loop = IoLoop::new().unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let push = |text: &'static str| {
        let order = Arc::clone(&order);
        move || order.lock().unwrap().push(text)
    };
    io_loop.add_callback(push("first"));
    io_loop.handle().add_callback(push("second"));
    io_loop.add_callback(push("third"));
    io_loop.stop();
    io_loop.start();
    assert_eq!(*order.lock().unwrap(), ["first", "second", "third"]);
}

#[test]
fn a_stop_by_another_thread_comes_after_all_that_the_thread_asked_before() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    let asker = thread::spawn(move || {
        for _ in 0..5000 {
            let count = Arc::clone(&count);
            handle.add_callback(move || _ = count.fetch_add(1, Relaxed));
        }
        handle.stop();
    });
    io_loop.start();
    assert_eq!(called.load(Relaxed), 5000);
    asker.join().unwrap();
}

#[test]
fn many_threads_at_once_lose_nothing() {
    let called = Arc::new(AtomicUsize::new(0));
    run(async {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (handle, called) = (IoLoop::current().handle(), Arc::clone(&called));
                thread::spawn(move || {
                    for _ in 0..500 {
                        let called = Arc::clone(&called);
                        handle.add_callback(move || _ = called.fetch_add(1, Relaxed));
                    }
                })
            })
            .collect();
        while called.load(Relaxed) < 4000 {
            tokio::task::yield_now().await;
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(called.load(Relaxed), 4000);
}

#[test]
fn sockets_have_their_turn_while_thousands_of_callbacks_wait() {
    let called = Arc::new(AtomicUsize::new(0));
    let before_the_read = run(async {
        let (near, far) = UnixStream::pair().unwrap();
        let (mut near, mut far) = (IoStream::from_unix(near), IoStream::from_unix(far));
        far.write(b"!").await.unwrap();
        let count = Arc::clone(&called);
        ask(&IoLoop::current().handle(), 10_000, move |_| {
            count.fetch_add(1, Relaxed);
        });
        near.read_bytes(1).await.unwrap();
        called.load(Relaxed)
    });
    assert!(before_the_read < 1000, "{before_the_read} callbacks");
}

#[test]
fn a_panic_is_logged_under_the_name_of_its_callback_and_the_next_ones_run() {
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    let log = logged(|| {
        let io_loop = IoLoop::new().unwrap();
        let handle = io_loop.handle();
        handle.add_callback(|| panic!("asked from far away"));
        handle.add_callback(move || _ = count.fetch_add(1, Relaxed));
        io_loop.stop();
        io_loop.start();
    });
    assert_eq!(called.load(Relaxed), 1);
    assert!(
        log.contains("panic in callback: asked from far away"),
        "{log}"
    );
    assert!(
        log.contains("callback=\"net::other_threads::a_panic_is_logged"),
        "{log}"
    );
}

/// Asks for a callback when it is dropped.
struct AsksAtItsEnd(LoopHandle);

impl Drop for AsksAtItsEnd {
    fn drop(&mut self) {
        self.0.add_callback(|| unreachable!("the loop is gone"));
    }
}

#[test]
fn a_callback_that_is_dropped_with_its_loop_may_ask_for_another() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    for _ in 0..3 {
        let asks = AsksAtItsEnd(handle.clone());
        handle.add_callback(move || drop(asks));
    }
    drop(io_loop);
    handle.add_callback(|| unreachable!("the loop is gone"));
}

#[test]
fn a_callback_may_add_callbacks_and_stop_the_loop() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.handle();
    handle.add_callback(|| {
        let seen = Rc::new(Cell::new(0));
        for _ in 0..100 {
            let seen = Rc::clone(&seen);
            IoLoop::current().add_callback(move || {
                seen.set(seen.get() + 1);
                if seen.get() == 100 {
                    IoLoop::current()
                        .handle()
                        .add_callback(|| IoLoop::current().stop());
                }
            });
        }
    });
    io_loop.start();
}
