//! One worker: a loop, an application of its own, and its listeners.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_net::{BoundSocket, Handshakes, IoLoop, Listener, ShutdownSignals};

use super::stage::{First, Stage, first, reached};
use crate::application::ApplicationFactory;
use crate::error::{Misuse, Result};
use crate::reload::Watcher;

/// Makes the application of a worker.
pub(super) type Factory<S> = Arc<dyn ApplicationFactory<S>>;

/// What all workers of a process are made of.
pub(super) struct Plan<S> {
    pub(super) factory: Factory<S>,
    pub(super) config: ServerConfig,
    pub(super) drain_timeout: Duration,
    pub(super) handshakes: Handshakes,
}

impl<S> Clone for Plan<S> {
    fn clone(&self) -> Self {
        Self {
            factory: Arc::clone(&self.factory),
            config: self.config.clone(),
            drain_timeout: self.drain_timeout,
            handshakes: self.handshakes.clone(),
        }
    }
}

impl<S: 'static> Plan<S> {
    /// Runs the workers of this process: the first on this thread, with the signals.
    ///
    /// With a watcher they also end, as [`Ending::Restart`], when there is a new program to run.
    pub(super) fn run(
        &self,
        mut sets: Vec<Vec<BoundSocket>>,
        watcher: Option<&Watcher>,
    ) -> Result<Ending> {
        let ending = Cell::new(Ending::Stopped);
        let own = sets.pop().unwrap_or_default();
        let (stage, stages) = watch::channel(Stage::Serving);
        let (ended, mut ends) = mpsc::unbounded_channel();
        let mut threads = Vec::with_capacity(sets.len());
        for (number, sockets) in sets.into_iter().enumerate() {
            let (plan, stages) = (self.clone(), stages.clone());
            let sentinel = Sentinel(ended.clone());
            let builder = std::thread::Builder::new().name(format!("worker-{}", number + 1));
            threads.push(builder.spawn(move || {
                let _sentinel = sentinel;
                IoLoop::new()?.run_sync(plan.serve(sockets, stages))
            })?);
        }
        let outcome = IoLoop::new().and_then(|io_loop| {
            io_loop.run_sync(async {
                let serving = self.serve(own, stages);
                let conducting = conduct(&stage, &mut ends, watcher, &ending);
                match first(serving, conducting).await {
                    First::A(result) | First::B(result) => result,
                }
            })
        });
        _ = stage.send(Stage::Stopping);
        let mut outcome: Result = outcome.map_err(Into::into);
        for thread in threads {
            match thread.join() {
                Ok(result) => outcome = outcome.and(result.map_err(Into::into)),
                Err(_) => outcome = Err(Misuse::new("a worker panicked while it started").into()),
            }
        }
        outcome.map(|()| ending.get())
    }

    /// Serves on the running loop until the stage says to stop.
    async fn serve(
        &self,
        sockets: Vec<BoundSocket>,
        mut stages: watch::Receiver<Stage>,
    ) -> io::Result<()> {
        let service = self.factory.make().into_service();
        let server = HttpServer::new(Rc::new(service), &self.config);
        for socket in sockets {
            server.serve_after(Listener::from_bound(socket)?, &self.handshakes);
        }
        reached(&mut stages, Stage::Draining).await;
        let drained = server.drain(self.drain_timeout);
        let drained = match first(drained, reached(&mut stages, Stage::Stopping)).await {
            First::A(drained) => drained,
            First::B(()) => server.drain(Duration::ZERO).await,
        };
        if !drained.is_complete() {
            tracing::warn!(
                target: "waterspout::general",
                "stopped with {} connections still busy", drained.aborted
            );
        }
        Ok(())
    }
}

/// Why the workers of a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Stopped,
    /// There is a new program to run.
    Restart,
}

/// Waits for the signals to stop, or for a new program, and tells the workers. A worker that ends
/// early stops all.
async fn conduct(
    stage: &watch::Sender<Stage>,
    ends: &mut mpsc::UnboundedReceiver<()>,
    watcher: Option<&Watcher>,
    ending: &Cell<Ending>,
) -> io::Result<()> {
    let mut signals = ShutdownSignals::install()?;
    let stop = first(signals.recv(), ends.recv());
    match first(stop, changed(watcher)).await {
        First::A(First::A(signal)) => {
            tracing::info!(target: "waterspout::general", "{signal}: draining");
        }
        First::A(First::B(_)) => {
            tracing::error!(target: "waterspout::general", "a worker ended early");
        }
        First::B(()) => ending.set(Ending::Restart),
    }
    _ = stage.send(Stage::Draining);
    if ending.get() == Ending::Restart {
        first(tokio::time::sleep(RESTART_DRAIN), signals.recv()).await;
    } else {
        let signal = signals.recv().await;
        tracing::info!(target: "waterspout::general", "{signal} again: stopping now");
    }
    _ = stage.send(Stage::Stopping);
    std::future::pending().await
}

/// Time for requests that have begun when the program is restarted.
const RESTART_DRAIN: Duration = Duration::from_secs(1);

async fn changed(watcher: Option<&Watcher>) {
    match watcher {
        Some(watcher) => watcher.changed().await,
        None => std::future::pending().await,
    }
}

/// Reports the end of a worker's thread, however it came.
struct Sentinel(mpsc::UnboundedSender<()>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        _ = self.0.send(());
    }
}
