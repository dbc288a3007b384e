//! Becoming the new program.

use std::env;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use waterspout_net::BoundSocket;

use super::Watcher;
use super::inherited::{COUNT, FIRST, MARK, OWNER};

/// Tries that are made while a linker has the program's file open for writing.
const TRIES: u32 = 50;

/// Replaces this program by what its file holds now, with the same arguments, and the sockets kept open.
///
/// Returns only if that fails.
pub(crate) fn restart(mut watcher: Watcher, sockets: &[BoundSocket]) -> io::Error {
    watcher.run_hooks();
    for _ in 1..TRIES {
        let error = exec(&watcher, sockets);
        if error.kind() != io::ErrorKind::ExecutableFileBusy {
            return error;
        }
        // Nothing runs on this thread any more.
        std::thread::sleep(Duration::from_millis(100));
    }
    exec(&watcher, sockets)
}

fn exec(watcher: &Watcher, sockets: &[BoundSocket]) -> io::Error {
    let mut mappings = Vec::with_capacity(sockets.len());
    for (child_fd, socket) in (FIRST..).zip(sockets) {
        match socket.as_fd().try_clone_to_owned() {
            Ok(parent_fd) => mappings.push(mapping(parent_fd, child_fd)),
            Err(error) => return error,
        }
    }
    let mut arguments = env::args_os();
    let mut command = Command::new(&watcher.program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command
        .args(arguments)
        .env(COUNT, sockets.len().to_string())
        .env(OWNER, std::process::id().to_string())
        .env(MARK, "1");
    match command.fd_mappings(mappings) {
        Ok(command) => command.exec(),
        Err(collision) => io::Error::other(collision),
    }
}

fn mapping(parent_fd: OwnedFd, child_fd: i32) -> FdMapping {
    FdMapping {
        parent_fd,
        child_fd,
    }
}
