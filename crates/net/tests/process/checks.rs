//! What is checked of worker processes.

use std::collections::HashSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::net::TcpStream;
use std::process::Command;

use nix::sys::signal::Signal;
use waterspout_net::cpu_count;

use crate::programs::DIRECTORY;
use crate::started::{PROGRAM, Started};

type Check = (&'static str, fn());

pub(crate) const ALL: [Check; 18] = [
    ("restarts_after_status_2_3_and_4_but_not_after_0", restarts),
    ("restarts_after_death_by_a_signal", signal_death),
    (
        "gives_up_after_too_many_restarts_and_leaves_no_worker",
        gives_up,
    ),
    ("passes_sigterm_on_and_waits", passes_sigterm_on),
    ("passes_sigint_on_and_waits", passes_sigint_on),
    ("restarts_nobody_who_fails_after_sigterm", fails_to_drain),
    (
        "a_signal_ends_workers_that_do_nothing_about_it",
        default_action,
    ),
    ("sighup_ends_workers_that_do_nothing_about_it", hangup),
    ("workers_end_when_the_supervisor_is_killed", orphans),
    ("refuses_to_fork_after_a_loop_was_made", fork_after_loop),
    ("refuses_to_fork_beside_another_thread", fork_after_thread),
    ("refuses_to_fork_in_a_worker", fork_in_worker),
    ("refuses_to_fork_where_sigchld_is_ignored", ignored_sigchld),
    ("zero_processes_means_one_per_processor", one_per_processor),
    ("a_server_listens_in_one_process", listens),
    (
        "a_server_is_bound_and_started_in_three_processes",
        binds_and_starts,
    ),
    (
        "a_server_gets_sockets_after_a_fork_into_three_processes",
        adds_sockets,
    ),
    (
        "loops_that_are_gone_leave_no_descriptor_and_no_thread",
        makes_loops,
    ),
];

/// Starts a program whose workers count their lives in `directory`.
fn counted(program: &str, directory: &tempfile::TempDir) -> Started {
    let mut command = Command::new(env::current_exe().unwrap());
    Started::command(
        command
            .env(PROGRAM, program)
            .env(DIRECTORY, directory.path()),
    )
}

/// Returns the process ids of the lives of a worker.
fn lives(directory: &tempfile::TempDir, worker: usize) -> HashSet<String> {
    let lives = fs::read_to_string(directory.path().join(worker.to_string())).unwrap();
    lives.lines().map(str::to_owned).collect()
}

fn restarts() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = counted("restarts", &directory);
    assert_eq!(program.rest(), ["ended"]);
    assert!(program.status().success());
    for worker in 0..3 {
        assert_eq!(lives(&directory, worker).len(), 4);
    }
}

fn signal_death() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(counted("signal_death", &directory).rest(), ["ended"]);
    assert_eq!(lives(&directory, 0).len(), 2);
}

fn gives_up() {
    let mut program = Started::program("gives_up");
    // The pipe closes only when worker 1 is gone too.
    let text = "gave up after 2 restarts of worker processes; the log says how each ended";
    assert_eq!(program.rest(), [text]);
    assert_eq!(program.status().code(), Some(1));
}

fn drains(program: &mut Started, signal: Signal) {
    assert_eq!(
        program.sorted(2),
        ["worker 0 is ready", "worker 1 is ready"]
    );
    program.send(signal);
    let expected = [0, 1].map(|worker| format!("worker {worker} drains after {signal}"));
    assert_eq!(program.sorted(2), expected);
    assert_eq!(program.rest(), ["ended"]);
    assert!(program.status().success());
}

fn passes_sigterm_on() {
    drains(&mut Started::program("drains"), Signal::SIGTERM);
}

fn passes_sigint_on() {
    drains(&mut Started::program("drains"), Signal::SIGINT);
}

fn fails_to_drain() {
    drains(&mut Started::program("fails_to_drain"), Signal::SIGTERM);
}

fn ends_by(signal: Signal) {
    let program = Started::program_with_default_signals("idles");
    assert_eq!(
        program.sorted(2),
        ["worker 0 is ready", "worker 1 is ready"]
    );
    program.send(signal);
    assert_eq!(program.rest(), ["ended"]);
}

fn default_action() {
    ends_by(Signal::SIGTERM);
    ends_by(Signal::SIGQUIT);
}

fn hangup() {
    ends_by(Signal::SIGHUP);
}

fn orphans() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let program = Started::program("idles");
    assert_eq!(
        program.sorted(2),
        ["worker 0 is ready", "worker 1 is ready"]
    );
    program.send(Signal::SIGKILL);
    assert!(program.rest().is_empty());
}

fn fork_after_loop() {
    let lines = Started::program("fork_after_loop").rest();
    assert!(
        lines[0].starts_with("true cannot fork: an IoLoop was made"),
        "{lines:?}"
    );
    assert!(lines[0].contains("fork before IoLoop::new"), "{lines:?}");
    // The handlers of signals stay when the loop goes.
    assert_eq!(lines[1..], ["true"]);
}

fn fork_after_thread() {
    let lines = Started::program("fork_after_thread").rest();
    assert!(
        lines[0].starts_with("true cannot fork: 2 threads run"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 1);
}

fn fork_in_worker() {
    let lines = Started::program("fork_in_worker").rest();
    assert!(
        lines[0].starts_with("cannot fork: this process is worker 0 itself"),
        "{lines:?}"
    );
    assert_eq!(lines[1..], ["ended"]);
}

fn ignored_sigchld() {
    let ignoring = |program: &OsStr| {
        let mut command = Command::new("env");
        command.arg("--ignore-signal=CHLD").arg(program);
        command
    };
    // Not every system's `env` can do this.
    if !ignoring("true".as_ref())
        .status()
        .is_ok_and(|status| status.success())
    {
        return;
    }
    let program = env::current_exe().unwrap();
    let lines = Started::command(ignoring(program.as_os_str()).env(PROGRAM, "fork")).rest();
    assert!(
        lines[0].starts_with("cannot fork: SIGCHLD is ignored"),
        "{lines:?}"
    );
}

fn one_per_processor() {
    let program = Started::program("fork");
    let expected: HashSet<_> = (0..cpu_count())
        .map(|worker| format!("worker {worker}"))
        .collect();
    let lines = program.rest();
    assert_eq!(lines.last().map(String::as_str), Some("ended"));
    assert_eq!(
        lines[..lines.len() - 1]
            .iter()
            .cloned()
            .collect::<HashSet<_>>(),
        expected
    );
}

/// Connects until every worker has answered, and checks that the supervisor is content.
fn answers(mut program: Started, expected: &[&str]) -> Vec<String> {
    let port: u16 = program.line().parse().unwrap();
    let mut answers: Vec<_> = expected.iter().map(|_| answer(port)).collect();
    answers.sort();
    assert_eq!(answers, expected);
    let rest = program.rest();
    assert!(program.status().success());
    rest
}

fn answer(port: u16) -> String {
    let mut text = String::new();
    TcpStream::connect(("127.0.0.1", port))
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text.trim().to_owned()
}

fn listens() {
    assert!(answers(Started::program("listens"), &["None"]).is_empty());
}

fn binds_and_starts() {
    let workers = ["Some(0)", "Some(1)", "Some(2)"];
    assert_eq!(
        answers(Started::program("binds_and_starts"), &workers),
        ["ended"]
    );
}

fn adds_sockets() {
    let workers = ["Some(0)", "Some(1)", "Some(2)"];
    assert_eq!(
        answers(Started::program("adds_sockets"), &workers),
        ["ended"]
    );
}

fn makes_loops() {
    assert_eq!(Started::program("makes_loops").rest(), ["nothing is left"]);
}
