//! A program that a check has started, and requests to it.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The variable that names the program to be.
pub(crate) const PROGRAM: &str = "WATERSPOUT_TEST_PROGRAM";

pub(crate) struct Started {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    pub(crate) port: u16,
}

impl Started {
    /// Starts one of the programs and reads its port from its first line.
    pub(crate) fn program(name: &str) -> Self {
        Self::of_file(&env::current_exe().unwrap(), name, &[])
    }

    /// Starts a file, with arguments.
    pub(crate) fn of_file(file: &Path, name: &str, arguments: &[&OsStr]) -> Self {
        let mut command = Command::new(file);
        let command = command
            .args(arguments)
            .env(PROGRAM, name)
            .stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut started = Self {
            child,
            stdout,
            port: 0,
        };
        started.port = started.line().parse().unwrap();
        started
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Makes one request and returns the body of the answer.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        send(
            &mut stream,
            &format!("GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"),
        );
        let answer = rest(&mut stream);
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.id().try_into().unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    pub(crate) fn status(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

pub(crate) fn send(stream: &mut impl Write, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

/// Reads until the server closes.
pub(crate) fn rest(stream: &mut impl Read) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
