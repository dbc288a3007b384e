//! Functions on threads, and what becomes of them.

use std::cell::RefCell;
use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::thread;

use crate::support::{logged, run};
use waterspout_net::{ExecutorFuture, IoLoop, Job, ThreadPool};

#[test]
fn a_function_runs_on_another_thread() {
    let here = thread::current().id();
    let there = run(async {
        let id = || thread::current().id();
        IoLoop::current().run_in_executor(None, id).await.unwrap()
    });
    assert_ne!(here, there);
}

#[test]
fn the_loop_goes_on_while_a_function_blocks() {
    let (send, receive) = channel();
    run(async {
        let blocked = IoLoop::current().run_in_executor(None, move || receive.recv().unwrap());
        IoLoop::current().add_callback(move || send.send("unblocked").unwrap());
        assert_eq!(blocked.await.unwrap(), "unblocked");
    });
}

#[test]
fn a_pool_runs_its_functions_in_order_on_its_threads() {
    let pool = ThreadPool::new(1).unwrap();
    let (send, receive) = channel();
    run(async {
        let io_loop = IoLoop::current();
        let mut results = Vec::new();
        for number in 0..20 {
            let send = send.clone();
            let work = move || {
                send.send(number).unwrap();
                thread::current().name().unwrap().to_owned()
            };
            results.push(io_loop.run_in_executor(Some(&pool), work));
        }
        for result in results {
            assert_eq!(result.await.unwrap(), "executor-0");
        }
    });
    drop(send);
    assert_eq!(
        receive.iter().collect::<Vec<_>>(),
        (0..20).collect::<Vec<_>>()
    );
}

#[test]
fn a_panic_of_the_function_is_an_error_and_the_thread_lives_on() {
    let pool = ThreadPool::new(1).unwrap();
    run(async {
        let io_loop = IoLoop::current();
        let failed: ExecutorFuture<()> =
            io_loop.run_in_executor(Some(&pool), || panic!("no such table"));
        let error = failed.await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.to_string(), "panic in executor: no such table");
        assert_eq!(io_loop.run_in_executor(Some(&pool), || 1).await, Ok(1));
    });
}

#[test]
fn a_function_whose_future_is_dropped_before_it_began_is_not_run() {
    let pool = ThreadPool::new(1).unwrap();
    let (release, released) = channel::<()>();
    run(async {
        let io_loop = IoLoop::current();
        let first = io_loop.run_in_executor(Some(&pool), move || released.recv());
        let second = io_loop.run_in_executor(Some(&pool), || unreachable!("nobody wants it"));
        drop::<ExecutorFuture<()>>(second);
        release.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(io_loop.run_in_executor(Some(&pool), || 3).await, Ok(3));
    });
}

/// Panics when it is dropped, and prints nothing.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        resume_unwind(Box::new("dropped"));
    }
}

#[test]
fn a_thread_outlives_what_panics_when_it_is_dropped() {
    let pool = ThreadPool::new(1).unwrap();
    let (release, released) = channel::<()>();
    run(async {
        let io_loop = IoLoop::current();
        let first = io_loop.run_in_executor(Some(&pool), move || released.recv());
        let fragile = Fragile;
        drop(io_loop.run_in_executor(Some(&pool), move || drop(fragile)));
        release.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(io_loop.run_in_executor(Some(&pool), || 3).await, Ok(3));
    });
}

thread_local! {
    static AWAITED: RefCell<Option<ExecutorFuture<()>>> = const { RefCell::new(None) };
}

#[test]
fn a_panic_that_nobody_waits_for_is_logged() {
    let jobs = RefCell::new(Vec::new());
    let later = |job: Job| jobs.borrow_mut().push(job);
    let log = logged(|| {
        run(async {
            let future = IoLoop::current().run_in_executor(Some(&later), || {
                AWAITED.take();
                resume_unwind(Box::new("nobody saw it"));
            });
            AWAITED.set(Some(future));
            for job in jobs.take() {
                job();
            }
        });
    });
    assert!(log.contains("panic in executor: nobody saw it"), "{log}");
}

#[test]
fn a_pool_that_is_shut_down_runs_what_it_has_and_takes_no_more() {
    let pool = ThreadPool::new(2).unwrap();
    run(async {
        let io_loop = IoLoop::current();
        let earlier = io_loop.run_in_executor(Some(&pool), || "ran");
        pool.shutdown();
        let later = io_loop.run_in_executor(Some(&pool), || "too late");
        assert_eq!(earlier.await, Ok("ran"));
        let error = later.await.unwrap_err();
        assert!(!error.is_panic());
        assert!(error.to_string().contains("it was shut down"), "{error}");
    });
}

#[test]
fn the_default_executor_is_the_one_that_was_set() {
    run(async {
        let io_loop = IoLoop::current();
        io_loop.set_default_executor(|job: Job| {
            thread::Builder::new()
                .name("mine".to_owned())
                .spawn(job)
                .unwrap();
        });
        let name = || thread::current().name().map(str::to_owned);
        let found = io_loop.run_in_executor(None, name).await.unwrap();
        assert_eq!(found.as_deref(), Some("mine"));
    });
}

#[test]
fn an_executor_that_drops_a_function_makes_it_an_error() {
    run(async {
        let refused = IoLoop::current().run_in_executor(Some(&drop::<Job>), || 1);
        assert!(!refused.await.unwrap_err().is_panic());
    });
}

#[test]
fn a_loop_that_is_gone_runs_no_function() {
    let io_loop = IoLoop::new().unwrap();
    let handle = io_loop.clone();
    drop(io_loop);
    let future = handle.run_in_executor(None, || 1);
    let error = run(future).unwrap_err();
    assert!(error.to_string().contains("the loop is gone"), "{error}");
}

#[test]
fn a_pool_of_no_threads_is_refused() {
    let error = ThreadPool::new(0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("give it at least one"));
}
