//! Handlers, readers and writers of descriptors: sockets, pipes, and what cannot be watched.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use crate::support::{PATIENCE, logged, run};
use tokio::task::yield_now;
use waterspout_net::{FdEvents, IoLoop};

fn pair() -> (UnixStream, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    (near, far)
}

/// Runs the loop until `done`; a test that hangs fails instead.
fn run_until(io_loop: &IoLoop, done: impl Fn() -> bool) {
    let waited = io_loop.run_sync_timeout(PATIENCE, async {
        while !done() {
            yield_now().await;
        }
    });
    waited.expect("the test hangs");
}

#[test]
fn a_handler_gets_the_descriptor_and_what_it_is_ready_for() {
    let io_loop = IoLoop::new().unwrap();
    let (near, mut far) = pair();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let handler = move |fd, events| {
        log.borrow_mut().push((fd, events));
        IoLoop::current().remove_handler(&fd);
    };
    io_loop.add_handler(&near, FdEvents::READ, handler).unwrap();
    far.write_all(b"x").unwrap();
    run_until(&io_loop, || !seen.borrow().is_empty());
    assert_eq!(*seen.borrow(), [(near.as_raw_fd(), FdEvents::READ)]);
}

#[test]
fn a_handler_that_leaves_octets_is_called_again_until_none_are_left() {
    let io_loop = IoLoop::new().unwrap();
    let (near, mut far) = pair();
    let read = Rc::new(RefCell::new(Vec::new()));
    let (octets, mut socket) = (Rc::clone(&read), near.try_clone().unwrap());
    let handler = move |_fd, _events| {
        let mut one = [0];
        socket.read_exact(&mut one).unwrap();
        octets.borrow_mut().push(one[0]);
    };
    io_loop.add_handler(&near, FdEvents::READ, handler).unwrap();
    far.write_all(b"hello").unwrap();
    run_until(&io_loop, || read.borrow().len() == 5);
    far.write_all(b" again").unwrap();
    run_until(&io_loop, || read.borrow().len() == 11);
    assert_eq!(*read.borrow(), b"hello again");
}

#[test]
fn a_handler_is_called_while_other_tasks_keep_the_loop_busy() {
    let io_loop = IoLoop::new().unwrap();
    let (near, far) = pair();
    let reached = Rc::new(Cell::new(false));
    let seen = Rc::clone(&reached);
    io_loop.spawn_callback(async {
        loop {
            yield_now().await;
        }
    });
    io_loop.add_reader(&near, move || seen.set(true)).unwrap();
    drop(far);
    run_until(&io_loop, || reached.get());
}

#[test]
fn a_handler_that_is_always_ready_leaves_the_loop_to_others() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    io_loop.add_writer(&near, || ()).unwrap();
    let turns = Rc::new(Cell::new(0));
    let counted = Rc::clone(&turns);
    io_loop.spawn_callback(async move {
        loop {
            yield_now().await;
            counted.set(counted.get() + 1);
        }
    });
    run_until(&io_loop, || turns.get() > 1000);
}

#[test]
fn update_handler_changes_what_the_handler_waits_for() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let handler = move |fd, events| {
        log.borrow_mut().push(events);
        IoLoop::current()
            .update_handler(&fd, FdEvents::READ)
            .unwrap();
    };
    io_loop.add_handler(&near, FdEvents::READ, handler).unwrap();
    io_loop.update_handler(&near, FdEvents::WRITE).unwrap();
    run_until(&io_loop, || !seen.borrow().is_empty());
    io_loop.run_sync(async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    assert_eq!(*seen.borrow(), [FdEvents::WRITE]);
}

#[test]
fn an_error_comes_to_a_handler_that_waits_for_nothing() {
    let io_loop = IoLoop::new().unwrap();
    let (reader, writer) = io::pipe().unwrap();
    let seen = Rc::new(RefCell::new(None));
    let log = Rc::clone(&seen);
    let handler = move |fd, events| {
        *log.borrow_mut() = Some(events);
        IoLoop::current().remove_handler(&fd);
    };
    io_loop
        .add_handler(&reader, FdEvents::NONE, handler)
        .unwrap();
    drop(writer);
    run_until(&io_loop, || seen.borrow().is_some());
    assert_eq!(*seen.borrow(), Some(FdEvents::ERROR));
}

#[test]
fn a_handler_removed_by_another_in_the_same_pass_is_not_called() {
    let io_loop = IoLoop::new().unwrap();
    let ((first, _far_first), (second, _far_second)) = (pair(), pair());
    let called = Rc::new(Cell::new(0));
    for (own, other) in [(&first, second.as_raw_fd()), (&second, first.as_raw_fd())] {
        let called = Rc::clone(&called);
        let handler = move |_fd, _events| {
            called.set(called.get() + 1);
            IoLoop::current().remove_handler(&other);
        };
        io_loop.add_handler(own, FdEvents::READ, handler).unwrap();
    }
    (&_far_first).write_all(b"x").unwrap();
    (&_far_second).write_all(b"x").unwrap();
    run_until(&io_loop, || called.get() > 3);
    let left = [
        io_loop.remove_handler(&first),
        io_loop.remove_handler(&second),
    ];
    assert_eq!(left.iter().filter(|there| **there).count(), 1);
}

#[test]
fn a_number_used_again_after_a_removal_is_another_descriptor() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    let fd = near.as_raw_fd();
    let wrong = |_fd, _events| panic!("removed");
    io_loop.add_handler(&near, FdEvents::READ, wrong).unwrap();
    io_loop.remove_handler(&near);
    drop(near);
    let (again, mut far) = pair();
    let called = Rc::new(Cell::new(false));
    let seen = Rc::clone(&called);
    io_loop.add_reader(&again, move || seen.set(true)).unwrap();
    far.write_all(b"x").unwrap();
    run_until(&io_loop, || called.get());
    assert!(io_loop.remove_reader(&again));
    // Not certain in a process with other threads, but then nothing is shown either.
    assert!(again.as_raw_fd() == fd || !io_loop.remove_handler(&fd));
}

#[test]
fn reader_and_writer_stand_side_by_side_and_are_replaced() {
    let io_loop = IoLoop::new().unwrap();
    let (near, mut far) = pair();
    let (reads, writes) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    io_loop.add_reader(&near, || panic!("replaced")).unwrap();
    let (seen, fd) = (Rc::clone(&reads), near.as_raw_fd());
    let reader = move || {
        seen.set(seen.get() + 1);
        assert!(IoLoop::current().remove_reader(&fd));
    };
    io_loop.add_reader(&near, reader).unwrap();
    let seen = Rc::clone(&writes);
    let writer = move || {
        seen.set(seen.get() + 1);
        assert!(IoLoop::current().remove_writer(&fd));
    };
    io_loop.add_writer(&near, writer).unwrap();
    run_until(&io_loop, || writes.get() == 1);
    assert_eq!(reads.get(), 0);
    far.write_all(b"x").unwrap();
    run_until(&io_loop, || reads.get() == 1);
    assert_eq!(writes.get(), 1);
    assert!(!io_loop.remove_reader(&near));
}

#[test]
fn a_second_handler_for_a_descriptor_is_refused() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    io_loop
        .add_handler(&near, FdEvents::READ, |_, _| ())
        .unwrap();
    let error = io_loop
        .add_handler(&near.as_raw_fd(), FdEvents::WRITE, |_, _| ())
        .unwrap_err();
    assert!(error.is_taken());
    assert_eq!(error.fd(), near.as_raw_fd());
    assert!(error.to_string().contains("change it with update_handler"));
    assert!(io_loop.add_reader(&near, || ()).unwrap_err().is_taken());
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn an_unknown_descriptor_is_ignored_by_remove_and_refused_by_update() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    assert!(!io_loop.remove_handler(&near));
    let error = io_loop.update_handler(&near, FdEvents::READ).unwrap_err();
    assert!(error.is_unknown());
    assert!(error.to_string().contains("add it with add_handler first"));
}

#[test]
fn a_file_or_a_closed_descriptor_is_refused_with_advice() {
    let io_loop = IoLoop::new().unwrap();
    let file = tempfile::tempfile().unwrap();
    let error = io_loop.add_reader(&file, || ()).unwrap_err();
    assert!(error.to_string().contains("run_in_executor"), "{error}");
    let error = io_loop.add_reader(&-1, || ()).unwrap_err();
    assert!(error.to_string().contains("must be open"), "{error}");
}

#[test]
fn a_loop_that_is_gone_watches_nothing() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.clone();
    drop(io_loop);
    let (near, _far) = pair();
    let error = handle.add_reader(&near, || ()).unwrap_err();
    assert!(error.to_string().contains("the loop is gone"), "{error}");
}

#[test]
fn a_handler_that_panics_is_logged_and_called_again() {
    let io_loop = IoLoop::new().unwrap();
    let (near, mut far) = pair();
    let called = Rc::new(Cell::new(0));
    let counted = Rc::clone(&called);
    let reader = move || {
        counted.set(counted.get() + 1);
        assert!(counted.get() > 2, "too early");
        IoLoop::current().stop();
    };
    io_loop.add_reader(&near, reader).unwrap();
    far.write_all(b"x").unwrap();
    let log = logged(|| io_loop.start());
    assert_eq!(log.matches("panic in callback: too early").count(), 2);
}

#[test]
fn handlers_are_dropped_with_the_loop_even_if_they_hold_handles_of_it() {
    let io_loop = IoLoop::new().unwrap();
    let (near, _far) = pair();
    let token = Rc::new(());
    let (kept, handle) = (Rc::clone(&token), io_loop.clone());
    let reader = move || drop((Rc::clone(&kept), handle.clone()));
    io_loop.add_reader(&near, reader).unwrap();
    drop(io_loop);
    assert_eq!(Rc::strong_count(&token), 1);
}

#[test]
fn a_handler_may_own_the_socket_it_closes() {
    run(async {
        let (near, mut far) = pair();
        let fd = near.as_raw_fd();
        let mut owned = Some(near);
        let reader = move || {
            IoLoop::current().remove_reader(&fd);
            drop(owned.take());
        };
        IoLoop::current().add_reader(&fd, reader).unwrap();
        far.write_all(b"x").unwrap();
        far.set_nonblocking(true).unwrap();
        while far.write(b"x").is_ok() {
            yield_now().await;
        }
    });
}
