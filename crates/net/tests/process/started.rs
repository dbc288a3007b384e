//! A program that a check has started, and what it prints.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The variable that names the program to be.
pub(crate) const PROGRAM: &str = "WATERSPOUT_TEST_PROGRAM";

/// Long enough for anything that should come, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Started {
    child: Child,
    lines: Receiver<String>,
}

impl Started {
    /// Starts one of the programs.
    pub(crate) fn program(name: &str) -> Self {
        Self::command(Command::new(env::current_exe().unwrap()).env(PROGRAM, name))
    }

    /// Starts one of the programs where no signal is ignored, though it may be where the tests run: by
    /// `nohup`, or by a shell that runs them in the background.
    pub(crate) fn program_with_default_signals(name: &str) -> Self {
        if !cfg!(target_os = "linux") {
            return Self::program(name);
        }
        let mut command = Command::new("env");
        command
            .arg("--default-signal")
            .arg(env::current_exe().unwrap());
        Self::command(command.env(PROGRAM, name))
    }

    pub(crate) fn command(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines() {
                _ = sender.send(line.unwrap());
            }
        });
        Self { child, lines }
    }

    /// Returns the next line of this program or of one of its workers.
    pub(crate) fn line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .expect("the program is silent")
    }

    /// Returns the next `count` lines in alphabetical order: workers print in any.
    pub(crate) fn sorted(&self, count: usize) -> Vec<String> {
        let mut lines: Vec<_> = (0..count).map(|_| self.line()).collect();
        lines.sort();
        lines
    }

    /// Returns what is printed until this program and all its workers have ended.
    pub(crate) fn rest(&self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => return lines,
                Err(RecvTimeoutError::Timeout) => panic!("a program goes on after {lines:?}"),
            }
        }
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    pub(crate) fn status(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Its workers follow it.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
