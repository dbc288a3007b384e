//! The thread that asks the loop for answers.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::StallHistogram;
use super::beat::Shared;
use super::thread::doing;
use crate::io_loop::LoopHandle;

/// What a stall is blamed on if nothing that has a name ran.
const UNNAMED: &str = "a task spawned through tokio";
const SEVERAL: &str = "several in a row";

pub(super) struct Watcher {
    pub(super) beat: Arc<Shared>,
    pub(super) io_loop: LoopHandle,
    pub(super) threshold: Duration,
    pub(super) stalls: StallHistogram,
    /// Has no sender any more when the watchdog is dropped.
    pub(super) stopped: Receiver<()>,
}

/// The watchdog or the loop is gone.
struct Over;

impl Watcher {
    pub(super) fn start(self) -> io::Result<()> {
        // The log of whoever asked for the watchdog, also if it is one of this thread only.
        let log = tracing::dispatcher::get_default(Clone::clone);
        let watch = move || {
            tracing::dispatcher::with_default(&log, || while let Ok(()) = self.look() {});
        };
        Builder::new().name("watchdog".to_owned()).spawn(watch)?;
        Ok(())
    }

    /// Waits a little, asks once, and sees a stall through to its end.
    fn look(&self) -> Result<(), Over> {
        match self.stopped.recv_timeout(self.threshold / 4) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Err(Over),
        }
        let Some(run) = self.beat.run() else {
            return Ok(());
        };
        let (sender, answer) = channel();
        let (asked, turns) = (Instant::now(), self.beat.turns());
        self.io_loop
            .spawn_callback(async move { _ = sender.send(Instant::now()) });
        match answer.recv_timeout(self.threshold) {
            Ok(_) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err(Over),
            Err(RecvTimeoutError::Timeout) => {}
        }
        // A loop that does not run does not answer, and blocks nobody.
        if self.beat.run() != Some(run) {
            return Ok(());
        }
        let name = self.culprit(turns);
        let doing = doing(self.beat.thread());
        tracing::warn!(
            callback = name,
            doing,
            "the loop is blocked for more than {:?}",
            self.threshold
        );
        let length = self.wait(&answer, asked, run)?;
        tracing::warn!(callback = name, "the loop was blocked for {length:?}");
        self.stalls.record(length, name);
        Ok(())
    }

    /// Names what has been running since the loop was asked.
    fn culprit(&self, turns: u64) -> &'static str {
        let name = self.beat.name().unwrap_or(UNNAMED);
        if self.beat.turns() == turns {
            name
        } else {
            SEVERAL
        }
    }

    /// Waits for the end of a stall and returns its length.
    fn wait(&self, answer: &Receiver<Instant>, asked: Instant, run: u64) -> Result<Duration, Over> {
        loop {
            match answer.recv_timeout(self.threshold / 4) {
                Ok(answered) => return Ok(answered.saturating_duration_since(asked)),
                Err(RecvTimeoutError::Disconnected) => return Err(Over),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Err(TryRecvError::Disconnected) = self.stopped.try_recv() {
                return Err(Over);
            }
            if self.beat.run() != Some(run) {
                return Ok(asked.elapsed());
            }
        }
    }
}
