//! Waiting until there is a new program to run.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::snapshot::Snapshot;
use super::{Autoreload, build};

/// Looks at the files from time to time.
#[derive(Debug)]
pub(crate) struct Watcher {
    settings: Autoreload,
    /// This program's file, as it was called when it started: afterwards the system knows it as deleted.
    pub(super) program: PathBuf,
}

impl Watcher {
    /// Takes note of the program's own file.
    pub(crate) fn new(settings: Autoreload) -> io::Result<Self> {
        let program = std::env::current_exe()?;
        Ok(Self { settings, program })
    }

    /// Waits until a restart is due. A program that is just being written is waited for: it has to look
    /// the same twice.
    pub(crate) async fn changed(&self) {
        let settings = &self.settings;
        let pause = settings.check_time.unwrap_or(CHECK_TIME);
        let mut ticks = tokio::time::interval(pause.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let watched = || Snapshot::of(settings.watched.iter().chain([&self.program]));
        let sources = || Snapshot::of(&settings.sources);
        let (before, mut built_from) = (watched(), sources());
        let mut last = watched();
        loop {
            ticks.tick().await;
            let from = sources();
            if let (Some(command), Some(path)) = (&settings.build, built_from.difference(&from)) {
                say(path, "building");
                build::run(command).await;
                built_from = from;
            }
            let now = watched();
            if let Some(path) = before.difference(&now)
                && now == last
                && self.program.is_file()
            {
                say(path, "restarting server");
                return;
            }
            last = now;
        }
    }

    pub(super) fn run_hooks(&mut self) {
        for hook in self.settings.hooks.drain(..) {
            hook();
        }
    }
}

const CHECK_TIME: Duration = Duration::from_millis(500);

fn say(path: &Path, what: &str) {
    tracing::info!(target: "waterspout::general", "{} modified; {what}", path.display());
}
