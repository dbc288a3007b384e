//! What is checked of servers that run by themselves.

use std::collections::HashSet;
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use nix::sys::signal::Signal;

use super::reloading;
use super::started::{Started, rest, send};

/// The checks with their names.
pub(crate) const ALL: &[(&str, fn())] = &[
    (
        "requests_that_have_begun_are_answered_after_sigterm",
        drains,
    ),
    ("a_second_signal_stops_at_once", stops_at_once),
    (
        "threads_share_a_socket_and_have_an_application_each",
        threads,
    ),
    ("reuse_port_gives_each_worker_a_socket", reuse_port),
    ("processes_serve_and_are_restarted", processes),
    ("processes_with_reuse_port_serve", processes_reuse_port),
    ("a_unix_socket_serves_its_owner", unix_socket),
    (
        "a_changed_program_takes_over_process_and_socket",
        reloading::takes_over,
    ),
    (
        "a_failed_build_is_said_and_the_old_program_serves_on",
        reloading::survives_a_failed_build,
    ),
    ("a_factory_that_panics_ends_the_server", panicking_factory),
];

/// Starts a request whose body is not complete.
fn begin(server: &Started) -> TcpStream {
    let mut stream = server.connect();
    send(
        &mut stream,
        "POST /stream HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
    );
    // The server asks for the body, so the handler has begun.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    stream
}

/// Opens a connection that has made a request and keeps quiet.
fn idle(server: &Started) -> TcpStream {
    let mut stream = server.connect();
    send(&mut stream, "GET /worker HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_ne!(stream.read(&mut [0; 1000]).unwrap(), 0);
    stream
}

fn drains() {
    let server = Started::program("one");
    let (mut busy, mut idle) = (begin(&server), idle(&server));
    server.signal(Signal::SIGTERM);
    assert_eq!(rest(&mut idle), "");
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err());
    send(&mut busy, "body");
    let answer = rest(&mut busy);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n4"), "{answer}");
    assert!(server.status().success());
}

fn stops_at_once() {
    let server = Started::program("one");
    let (mut busy, mut idle) = (begin(&server), idle(&server));
    server.signal(Signal::SIGTERM);
    assert_eq!(rest(&mut idle), "");
    server.signal(Signal::SIGINT);
    _ = busy.read_to_string(&mut String::new());
    assert!(server.status().success());
}

/// Asks until so many different workers have answered.
fn ask_workers(server: &Started, count: usize) -> HashSet<String> {
    let mut workers = HashSet::new();
    // The busy worker cannot accept, so others must.
    let mut busy = Vec::new();
    while workers.len() < count {
        assert!(busy.len() < 10_000, "only {workers:?} answer");
        busy.push(idle(server));
        workers.insert(server.get("/worker"));
    }
    workers
}

fn threads() {
    let server = Started::program("threads");
    assert_eq!(ask_workers(&server, 3).len(), 3);
    server.signal(Signal::SIGINT);
    assert!(server.status().success());
}

fn reuse_port() {
    let server = Started::program("reuse_port");
    assert_eq!(ask_workers(&server, 2).len(), 2);
    server.signal(Signal::SIGTERM);
    assert!(server.status().success());
}

fn processes() {
    let server = Started::program("processes");
    let first = ask_workers(&server, 4);
    let mut stream = server.connect();
    send(&mut stream, "GET /crash HTTP/1.1\r\nHost: t\r\n\r\n");
    _ = stream.read_to_string(&mut String::new());
    // One of the two processes lives on, and the other comes back with a new number.
    let mut ids: HashSet<String> = HashSet::new();
    let id = |worker: &str| worker.split(' ').next().unwrap().to_owned();
    let before: HashSet<String> = first.iter().map(|worker| id(worker)).collect();
    while ids.difference(&before).count() < 1 {
        ids.insert(id(&server.get("/worker")));
    }
    server.signal(Signal::SIGTERM);
    assert!(server.status().success());
}

fn processes_reuse_port() {
    let server = Started::program("processes_reuse_port");
    assert_eq!(ask_workers(&server, 2).len(), 2);
    server.signal(Signal::SIGTERM);
    assert!(server.status().success());
}

fn unix_socket() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("server.sock");
    let server = Started::program(path.to_str().unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).unwrap();
    let request = "GET /worker HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    send(&mut stream, request);
    assert!(rest(&mut stream).starts_with("HTTP/1.1 200 OK\r\n"));
    server.signal(Signal::SIGTERM);
    assert!(server.status().success());
}

fn panicking_factory() {
    let mut server = Started::program("panic");
    // Whichever worker was the second.
    let line = server.line();
    assert!(
        line.is_empty() || line == "a worker panicked while it started",
        "{line}"
    );
    assert!(!server.status().success());
}
