//! Starts examples as programs of their own and talks to them.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod tcp_server_modes;
mod testbed_pages;
mod testbed_security;
mod testbed_tls;
mod testbed_typed;

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use waterspout::net::{PipeIoStream, Subprocess};

/// The file of an example.
///
/// Cargo builds the examples that are no tests themselves (`test` is not set for them) beside the
/// tests of the whole package, but not for `--test programs` alone: then they are built here.
fn program(name: &str) -> PathBuf {
    let mut path = env::current_exe().unwrap();
    path.pop();
    path.pop();
    let path = path.join("examples").join(name);
    if !path.exists() {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // With the features of the whole test command, so that nothing else is built anew.
        let built = Command::new(cargo)
            .args(["build", "--workspace", "--all-features", "--example", name])
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(built.success());
    }
    path
}

/// Starts the testbed with one worker on a free port; its URL comes last.
async fn testbed(arguments: Command) -> (Subprocess, PipeIoStream, String) {
    let mut command = arguments;
    command
        .args(["--port", "0", "--workers", "1"])
        .stdout(Stdio::piped());
    let mut server = Subprocess::spawn(command).unwrap();
    let mut stdout = server.stdout.take().unwrap();
    let line = stdout.read_until(b"\n", 1000).await.unwrap();
    let line = String::from_utf8(line.to_vec()).unwrap();
    let url = line.split_whitespace().find(|word| word.contains("://"));
    let url = url.unwrap_or_else(|| panic!("no URL in {line:?}"));
    let url = url.trim_end_matches('/').replace("127.0.0.1", "localhost");
    (server, stdout, url)
}
