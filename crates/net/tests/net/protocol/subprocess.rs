//! Protocols over child programs.

use std::io;
use std::process::{Command, Stdio};

use crate::support::run;
use waterspout_net::{ChildPipe, SubprocessProtocol, SubprocessTransport, run_subprocess_protocol};

#[derive(Default)]
struct Recorder {
    input: &'static str,
    kill: bool,
    output: Vec<u8>,
    events: Vec<String>,
    transport: Option<SubprocessTransport>,
}

impl SubprocessProtocol for Recorder {
    fn connection_made(&mut self, transport: &SubprocessTransport) {
        assert!(transport.pid() > 0);
        transport.write(self.input.as_bytes());
        if self.kill {
            transport.terminate().unwrap();
        } else {
            transport.write_eof();
        }
        self.transport = Some(transport.clone());
    }

    fn pipe_data_received(&mut self, pipe: ChildPipe, data: &[u8]) {
        if pipe == ChildPipe::Stderr {
            self.events.push("stderr".into());
        }
        self.output.extend_from_slice(data);
    }

    fn pipe_connection_lost(&mut self, pipe: ChildPipe, cause: Option<&io::Error>) {
        assert!(cause.is_none(), "{cause:?}");
        self.events.push(format!("{pipe:?} closed"));
    }

    fn process_exited(&mut self, returncode: i32) {
        assert_eq!(
            self.transport.as_ref().unwrap().returncode(),
            Some(returncode)
        );
        self.events.push(format!("exited {returncode}"));
    }

    fn connection_lost(&mut self) {
        self.events.push("lost".into());
    }
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn what_a_child_writes_and_how_it_ends_is_reported() {
    run(async {
        let recorder = Recorder {
            input: "in",
            ..Recorder::default()
        };
        let recorder = run_subprocess_protocol(shell("cat; echo ' out'; exit 3"), recorder)
            .await
            .unwrap();
        assert_eq!(recorder.output, b"in out\n");
        let mut events = recorder.events;
        assert_eq!(events.pop().unwrap(), "lost");
        events.sort();
        assert_eq!(
            events,
            ["Stderr closed", "Stdin closed", "Stdout closed", "exited 3"]
        );
    });
}

#[test]
fn a_child_that_is_killed_has_its_signal_with_a_minus() {
    run(async {
        let recorder = Recorder {
            kill: true,
            ..Recorder::default()
        };
        let recorder = run_subprocess_protocol(shell("exec sleep 1000"), recorder)
            .await
            .unwrap();
        assert!(recorder.events.contains(&"exited -15".to_owned()));
    });
}

#[test]
fn a_child_that_cannot_start_is_an_error() {
    run(async {
        let started = run_subprocess_protocol(Command::new("/no/such"), Recorder::default());
        let error = started.await.err().unwrap();
        assert!(error.to_string().contains("no such program"), "{error}");
    });
}
