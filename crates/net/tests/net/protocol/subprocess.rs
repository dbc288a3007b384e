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

/// More than the pipes of a child and its own buffers hold.
const MUCH: usize = 1 << 20;

/// Feeds a child whenever it is asked to go on, so many times.
#[derive(Default)]
struct Feeder {
    left: usize,
    paused: bool,
    echoed: usize,
    transport: Option<SubprocessTransport>,
}

impl SubprocessProtocol for Feeder {
    fn connection_made(&mut self, transport: &SubprocessTransport) {
        transport.write(&[b'x'; MUCH]);
        assert_eq!(transport.write_buffer_size(), MUCH);
        self.transport = Some(transport.clone());
    }

    fn pause_writing(&mut self) {
        assert!(!self.paused);
        self.paused = true;
    }

    fn resume_writing(&mut self) {
        assert!(self.paused);
        self.paused = false;
        let transport = self.transport.as_ref().unwrap();
        assert!(transport.write_buffer_size() <= 16 * 1024);
        if self.left == 0 {
            transport.write_eof();
        } else {
            self.left -= 1;
            transport.write(&[b'x'; MUCH]);
        }
    }

    fn pipe_data_received(&mut self, _pipe: ChildPipe, data: &[u8]) {
        self.echoed += data.len();
    }
}

#[test]
fn a_child_that_reads_slowly_pauses_the_writer_and_gets_everything() {
    run(async {
        let feeder = Feeder {
            left: 2,
            ..Feeder::default()
        };
        let feeder = run_subprocess_protocol(shell("cat"), feeder).await.unwrap();
        assert_eq!((feeder.left, feeder.echoed), (0, 3 * MUCH));
        assert_eq!(feeder.transport.unwrap().write_buffer_size(), 0);
    });
}

/// Closes its transport when the child has said something.
#[derive(Default)]
struct Closer {
    events: Vec<String>,
    transport: Option<SubprocessTransport>,
}

impl SubprocessProtocol for Closer {
    fn connection_made(&mut self, transport: &SubprocessTransport) {
        self.transport = Some(transport.clone());
    }

    fn pipe_data_received(&mut self, _pipe: ChildPipe, _data: &[u8]) {
        self.events.push("data".into());
        let transport = self.transport.as_ref().unwrap();
        transport.close();
        transport.close();
    }

    fn pipe_connection_lost(&mut self, pipe: ChildPipe, cause: Option<&io::Error>) {
        assert!(cause.is_none(), "{cause:?}");
        self.events.push(format!("{pipe:?} closed"));
    }

    fn process_exited(&mut self, returncode: i32) {
        self.events.push(format!("exited {returncode}"));
    }

    fn connection_lost(&mut self) {
        self.events.push("lost".into());
    }
}

#[test]
fn close_ends_a_child_whose_own_child_holds_its_pipes() {
    run(async {
        let script = "sleep 5 & echo here; exec sleep 30";
        let closer = run_subprocess_protocol(shell(script), Closer::default()).await;
        let events = [
            "data",
            "Stdin closed",
            "Stdout closed",
            "Stderr closed",
            "exited -9",
            "lost",
        ];
        assert_eq!(closer.unwrap().events, events);
    });
}
