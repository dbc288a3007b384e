//! The programs that the checks start.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{ExitCode, exit, id};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, raise};
use waterspout_net::{
    BindOptions, ForkOutcome, IoLoop, IoStream, MAX_RESTARTS, PeerAddr, ShutdownSignals, TcpServer,
    bind_sockets, fork_processes, task_id,
};

/// The variable that names the directory in which lives are counted.
pub(crate) const DIRECTORY: &str = "WATERSPOUT_TEST_DIRECTORY";

pub(crate) fn run(program: &str) -> ExitCode {
    match program {
        "restarts" => restarts(),
        "signal_death" => signal_death(),
        "gives_up" => gives_up(),
        "drains" => drains(0),
        "fails_to_drain" => drains(1),
        "idles" => idles(),
        "fork_after_loop" => fork_after_loop(),
        "fork_after_thread" => fork_after_thread(),
        "fork_in_worker" => fork_in_worker(),
        "fork" => forks(),
        "listens" => serve(listens()),
        "binds_and_starts" => serve(binds_and_starts()),
        "adds_sockets" => serve(adds_sockets()),
        "makes_loops" => makes_loops(),
        other => panic!("no program {other}"),
    }
    ExitCode::SUCCESS
}

/// Forks; the supervisor says how it ended and goes no further.
fn fork(processes: usize, max_restarts: u32) -> usize {
    match fork_processes(processes, max_restarts) {
        Ok(ForkOutcome::Worker(id)) => {
            assert_eq!(task_id(), Some(id));
            id
        }
        Ok(ForkOutcome::Ended) => {
            assert_eq!(task_id(), None);
            println!("ended");
            exit(0)
        }
        Err(error) => {
            println!("{error}");
            exit(1)
        }
    }
}

/// Says that this worker lives, and which of its lives it is.
fn live(worker: usize) -> usize {
    let directory = env::var(DIRECTORY).unwrap();
    let path = format!("{directory}/{worker}");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    writeln!(file, "{}", id()).unwrap();
    std::fs::read_to_string(&path).unwrap().lines().count()
}

/// Each worker crashes three times, in different ways.
fn restarts() {
    let worker = fork(3, MAX_RESTARTS);
    let life = live(worker);
    exit([2, 3, 4, 0][life - 1])
}

fn signal_death() {
    let worker = fork(1, MAX_RESTARTS);
    if live(worker) == 1 {
        raise(Signal::SIGKILL).unwrap();
    }
}

/// Worker 0 crashes again and again, worker 1 would stay for ever.
fn gives_up() {
    if fork(2, 2) == 0 {
        exit(1);
    }
    forever();
}

/// The workers end with `status` when they are asked to.
fn drains(status: i32) {
    let worker = fork(2, MAX_RESTARTS);
    IoLoop::new().unwrap().run_sync(async {
        let mut signals = ShutdownSignals::install().unwrap();
        println!("worker {worker} is ready");
        println!("worker {worker} drains after {}", signals.recv().await);
    });
    exit(status)
}

/// The workers do nothing about signals.
fn idles() {
    let worker = fork(2, MAX_RESTARTS);
    println!("worker {worker} is ready");
    forever();
}

fn forever() -> ! {
    loop {
        thread::sleep(Duration::MAX);
    }
}

fn fork_after_loop() {
    let io_loop = IoLoop::new().unwrap();
    let error = fork_processes(2, 0).unwrap_err();
    println!("{} {error}", error.is_too_late());
    drop(io_loop);
    println!("{}", fork_processes(2, 0).is_err());
}

fn fork_after_thread() {
    thread::spawn(|| forever());
    let error = fork_processes(2, 0).unwrap_err();
    println!("{} {error}", error.is_too_late());
}

fn fork_in_worker() {
    fork(1, 0);
    println!("{}", fork_processes(1, 0).unwrap_err());
}

fn forks() {
    let worker = fork(0, 0);
    println!("worker {worker}");
}

/// Answers one connection with the number of the worker, then ends the process: so each worker
/// answers once.
fn server() -> TcpServer<impl AsyncFn(IoStream, PeerAddr) + 'static> {
    let handler = async move |mut stream: IoStream, _peer: PeerAddr| {
        let answer = format!("{:?}\n", task_id());
        stream.write(answer.as_bytes()).await.unwrap();
        exit(0)
    };
    TcpServer::new(handler).bind_options(local())
}

fn local() -> BindOptions {
    BindOptions::default().address("127.0.0.1")
}

fn serve(io_loop: Option<IoLoop>) {
    if let Some(io_loop) = io_loop {
        io_loop.start();
    } else {
        println!("ended");
    }
}

fn listens() -> Option<IoLoop> {
    let io_loop = IoLoop::new().unwrap();
    io_loop.run_sync(async {
        let server = server();
        server.listen(0).unwrap();
        println!("{}", server.local_addrs()[0].port().unwrap());
    });
    Some(io_loop)
}

fn binds_and_starts() -> Option<IoLoop> {
    // Chosen here and bound again, so that the port is known before the fork. Said only when no
    // connection can come to the first socket any more.
    let chosen = bind_sockets(0, local().reuse_port(true)).unwrap().remove(0);
    let port = chosen.local_addr().unwrap().port().unwrap();
    let server = server().bind_options(local().reuse_port(true));
    server.bind(port).unwrap();
    drop(chosen);
    println!("{port}");
    server.start(3).unwrap()
}

fn adds_sockets() -> Option<IoLoop> {
    let sockets = bind_sockets(0, local()).unwrap();
    println!("{}", sockets[0].local_addr().unwrap().port().unwrap());
    if fork_processes(3, MAX_RESTARTS).unwrap() == ForkOutcome::Ended {
        return None;
    }
    let io_loop = IoLoop::new().unwrap();
    io_loop
        .run_sync(async { server().add_sockets(sockets) })
        .unwrap();
    Some(io_loop)
}

/// Makes loops one after the other, uses them, and says what is left of them.
fn makes_loops() {
    let count = |what| {
        std::fs::read_dir(format!("/proc/self/{what}"))
            .unwrap()
            .count()
    };
    let once = || {
        let io_loop = IoLoop::new().unwrap();
        let handle = io_loop.handle();
        handle.add_callback(|| ());
        io_loop.call_later(Duration::from_secs(600), || ());
        io_loop.run_sync(async {
            let (one, other) = tokio::net::UnixStream::pair().unwrap();
            let (mut one, mut other) = (IoStream::from_unix(one), IoStream::from_unix(other));
            one.write(b"x").await.unwrap();
            other.read_bytes(1).await.unwrap();
            IoLoop::current().spawn_callback(async move { other.read_bytes(1).await.map(drop) });
            let blocking = IoLoop::current().run_in_executor(None, || 1);
            assert_eq!(blocking.await.unwrap(), 1);
        });
    };
    // The first one leaves what a process has once.
    once();
    let before = (count("fd"), count("task"));
    for _ in 0..50 {
        once();
    }
    // A thread that was joined may still be listed for a moment.
    while count("task") > before.1 {
        thread::yield_now();
    }
    assert_eq!((count("fd"), count("task")), before);
    println!("nothing is left");
}
