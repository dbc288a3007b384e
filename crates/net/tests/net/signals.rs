//! The signals that ask a server to stop.

use std::sync::{Mutex, MutexGuard, mpsc};
use std::thread;

use crate::support::run;
use nix::sys::signal::{Signal, kill};
use nix::unistd::getpid;
use waterspout_net::{IoLoop, ShutdownSignal, ShutdownSignals, shutdown_signal};

/// Every loop of the process receives a signal, so one test runs at a time.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap()
}

fn send(signal: Signal) {
    kill(getpid(), signal).unwrap();
}

#[test]
fn the_second_signal_is_seen_as_well_as_the_first() {
    let _alone = alone();
    run(async {
        let mut signals = ShutdownSignals::install().unwrap();
        send(Signal::SIGINT);
        assert_eq!(signals.recv().await, ShutdownSignal::Interrupt);
        send(Signal::SIGINT);
        assert_eq!(signals.recv().await, ShutdownSignal::Interrupt);
        send(Signal::SIGTERM);
        assert_eq!(signals.recv().await.to_string(), "SIGTERM");
    });
}

#[test]
fn a_signal_between_two_calls_of_recv_is_kept() {
    let _alone = alone();
    run(async {
        let mut signals = ShutdownSignals::install().unwrap();
        let mut others = ShutdownSignals::install().unwrap();
        send(Signal::SIGTERM);
        assert_eq!(others.recv().await, ShutdownSignal::Terminate);
        assert_eq!(signals.recv().await, ShutdownSignal::Terminate);
    });
}

#[test]
fn the_future_completes_at_the_first_signal() {
    let _alone = alone();
    run(async {
        IoLoop::current().spawn_callback(async { send(Signal::SIGTERM) });
        assert_eq!(shutdown_signal().await.unwrap(), ShutdownSignal::Terminate);
    });
}

#[test]
fn every_loop_of_the_process_receives_the_signal() {
    let _alone = alone();
    let (ready, is_ready) = mpsc::channel();
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let ready = ready.clone();
            thread::spawn(move || {
                run(async move {
                    let mut signals = ShutdownSignals::install().unwrap();
                    ready.send(()).unwrap();
                    signals.recv().await
                })
            })
        })
        .collect();
    (0..3).for_each(|_| is_ready.recv().unwrap());
    send(Signal::SIGTERM);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), ShutdownSignal::Terminate);
    }
}
