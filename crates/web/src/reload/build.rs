//! Building the program while it runs.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use waterspout_net::Subprocess;

/// Runs the build command to its end and says in the log how it went. Its own output goes where that of
/// this program goes.
pub(super) async fn run((program, arguments): &(OsString, Vec<OsString>)) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let shown = program.to_string_lossy();
    let child = match Subprocess::spawn(command) {
        Ok(child) => child,
        Err(error) => {
            tracing::error!(
                target: "waterspout::general",
                "build command {shown} cannot be started, the old program serves on: {error}"
            );
            return;
        }
    };
    match child.wait_for_exit().await {
        0 => tracing::info!(target: "waterspout::general", "build command {shown} succeeded"),
        code => tracing::error!(
            target: "waterspout::general",
            "build command {shown} failed with {code}, the old program serves on"
        ),
    }
}
