//! What several files need.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use waterspout_net::{BindOptions, BoundSocket, IoLoop, bind_sockets};

/// Long enough for anything that should come, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a future on a new loop; a test that hangs fails instead.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    IoLoop::new()
        .unwrap()
        .run_sync_timeout(PATIENCE, future)
        .expect("the test hangs")
}

/// Runs `act` and returns what this thread logged meanwhile.
pub(crate) fn logged(act: impl FnOnce()) -> String {
    let log = Log::default();
    log.within(act);
    log.text()
}

/// What was logged; clones are the same log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Runs `act`, and keeps what this thread logs meanwhile.
    pub(crate) fn within<T>(&self, act: impl FnOnce() -> T) -> T {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _default = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
        act()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Binds to any port of the loopback address.
pub(crate) fn loopback() -> BoundSocket {
    bind_sockets(0, BindOptions::default().address("127.0.0.1"))
        .unwrap()
        .remove(0)
}
