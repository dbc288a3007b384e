use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use waterspout_http::server::ServerConfig;
use waterspout_net::{
    BindOptions, BoundAddr, BoundSocket, ForkOutcome, Handshakes, MAX_RESTARTS, ProxyProtocol,
    cpu_count, fork_processes,
};

use super::address::ListenAddr;
use super::sockets::Sockets;
use super::worker::{Ending, Factory, Plan};
use crate::application::ApplicationFactory;
use crate::error::{Error, Misuse, Result};
use crate::reload::{Autoreload, Watcher, close_unmatched, restart};

/// Serves an application over HTTP, on one worker or on many.
///
/// A worker is one event loop on one thread, with an application of its own that the factory makes:
/// handlers share it without locks, and what all workers share the factory captures, as an `Arc`.
/// Processes are the other way to be many; each has as many workers as were asked for.
///
/// # Examples
///
/// ```no_run
/// use waterspout::{Application, Context, HttpServer, Result};
///
/// async fn hello(_cx: &mut Context) -> &'static str {
///     "Hello, world"
/// }
///
/// fn main() -> Result<()> {
///     HttpServer::new(|| Application::new(()).get("/", hello))
///         .workers(0)
///         .listen(8888)?
///         .run()
/// }
/// ```
pub struct HttpServer<S = ()> {
    factory: Factory<S>,
    config: ServerConfig,
    sockets: Sockets,
    workers: usize,
    processes: Option<usize>,
    reuse_port: bool,
    drain_timeout: Duration,
    autoreload: Option<Autoreload>,
    pub(super) handshakes: Handshakes,
}

/// The mode of a Unix socket: for its owner alone, as Tornado's.
const UNIX_MODE: u32 = 0o600;

impl<S: 'static> HttpServer<S> {
    /// Creates a server from what makes the application of each worker.
    ///
    /// The factory runs on the worker's loop, so it may start tasks there.
    #[must_use]
    pub fn new(factory: impl ApplicationFactory<S>) -> Self {
        Self {
            factory: Arc::new(factory),
            config: ServerConfig::default(),
            sockets: Sockets::default(),
            workers: 1,
            processes: None,
            reuse_port: false,
            drain_timeout: Duration::from_secs(30),
            autoreload: None,
            handshakes: Handshakes::default(),
        }
    }

    /// Binds to an address: a port on all interfaces, or one address with a port. May be called
    /// several times.
    ///
    /// # Errors
    ///
    /// Fails if the text names no port, or with the error of the system, which names the address.
    pub fn listen(self, address: impl Into<ListenAddr>) -> Result<Self> {
        self.bind(address, BindOptions::default())
    }

    /// Binds to an address with options, such as the backlog.
    ///
    /// # Errors
    ///
    /// Fails as [`listen`](Self::listen) does.
    pub fn bind(
        mut self,
        address: impl Into<ListenAddr>,
        mut options: BindOptions,
    ) -> Result<Self> {
        let parts = address.into().into_parts();
        let (host, port) = parts
            .map_err(|text| Misuse::new(format!("cannot listen on {text:?}: it names no port")))?;
        options.address = host.or(options.address);
        options.reuse_port |= self.reuse_port;
        self.sockets.bind(port, &options)?;
        Ok(self)
    }

    /// Binds to a Unix socket that only its owner may use.
    ///
    /// For another mode, hand the socket of [`bind_unix_socket`](waterspout_net::bind_unix_socket) to
    /// [`add_sockets`](Self::add_sockets).
    ///
    /// # Errors
    ///
    /// Fails with the error of the system, which names the path.
    pub fn listen_unix(mut self, path: impl AsRef<Path>) -> Result<Self> {
        let backlog = BindOptions::default().backlog;
        self.sockets.bind_unix(path.as_ref(), UNIX_MODE, backlog)?;
        Ok(self)
    }

    /// Serves on sockets that are bound already: by
    /// [`bind_sockets`](waterspout_net::bind_sockets), or handed over by a service manager.
    #[must_use]
    pub fn add_sockets(mut self, sockets: impl IntoIterator<Item = BoundSocket>) -> Self {
        self.sockets.add(sockets);
        self
    }

    /// Sets the number of workers in each process; 0 is one per core. Default: 1.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = if workers == 0 { cpu_count() } else { workers };
        self
    }

    /// Serves with so many processes, forked by [`run`](Self::run) and restarted if they crash; 0 is
    /// one per core. Default: no process is forked.
    #[must_use]
    pub fn processes(mut self, processes: usize) -> Self {
        self.processes = Some(if processes == 0 {
            cpu_count()
        } else {
            processes
        });
        self
    }

    /// Gives every worker listening sockets of its own, with SO_REUSEPORT: the system spreads the
    /// connections evenly, whether a worker is busy or not. Default: `false`, which shares one
    /// socket; the worker that is free first accepts.
    ///
    /// # Panics
    ///
    /// Panics if it comes after a socket is bound: it cannot apply to that one any more.
    #[must_use]
    #[track_caller]
    pub fn reuse_port(mut self, reuse_port: bool) -> Self {
        assert!(
            self.sockets.is_empty(),
            "reuse_port() must come before listen(), bind() and add_sockets()"
        );
        self.reuse_port = reuse_port;
        self
    }

    /// Sets limits and deadlines. Default: [`ServerConfig::default`].
    #[must_use]
    pub fn config(mut self, config: ServerConfig) -> Self {
        self.config = config;
        self
    }

    /// Sets how long requests that have begun may take once the server is told to stop. Default:
    /// 30 s.
    #[must_use]
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.drain_timeout = timeout;
        self
    }

    /// Has connections from trusted proxies begin with a header of the PROXY protocol, which names
    /// the client: `remote_ip` is the client's then. It comes before TLS. Default: none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use waterspout::net::ProxyProtocol;
    /// use waterspout::{Application, Context, HttpServer, Result};
    ///
    /// fn main() -> Result<()> {
    ///     HttpServer::new(|| Application::new(()).get("/", async |cx: &mut Context| cx.remote_ip().to_string()))
    ///         .proxy_protocol(ProxyProtocol::new(["10.0.0.0/8".parse()?]))
    ///         .listen(8888)?
    ///         .run()
    /// }
    /// ```
    #[must_use]
    pub fn proxy_protocol(mut self, proxies: ProxyProtocol) -> Self {
        self.handshakes.push_first(proxies);
        self
    }

    /// Restarts the program when it changes, and keeps the sockets open: for development. Default: off.
    #[must_use]
    pub fn autoreload(mut self, settings: Autoreload) -> Self {
        self.autoreload = Some(settings);
        self
    }

    /// Returns the addresses it is bound to, with the port the system chose where 0 was asked for.
    #[must_use]
    pub fn addresses(&self) -> Vec<BoundAddr> {
        self.sockets.addresses()
    }

    /// Serves until SIGTERM or SIGINT, and then until the requests that have begun are answered or
    /// the [`drain_timeout`](Self::drain_timeout) is over. A second signal stops at once.
    ///
    /// # Errors
    ///
    /// Fails if no socket is bound, if a loop, thread or process cannot be made, or if a worker
    /// ended before it was told to.
    ///
    /// # Panics
    ///
    /// Panics if a loop runs on this thread, and where the factory panics.
    pub fn run(self) -> Result {
        if self.sockets.is_empty() {
            return Err(Misuse::new("run() needs a listen() before it").into());
        }
        close_unmatched();
        let watcher = match self.autoreload {
            Some(settings) if self.processes.is_none() => Some(Watcher::new(settings)?),
            Some(_) => {
                tracing::warn!(target: "waterspout::general", "no autoreload: there are processes");
                None
            }
            None => None,
        };
        let kept = if watcher.is_some() {
            self.sockets.try_clone()?
        } else {
            Vec::new()
        };
        let processes = self.processes.unwrap_or(1);
        let mut sets = self.sockets.split(processes * self.workers)?;
        if self.processes.is_some() {
            match fork_processes(processes, MAX_RESTARTS)? {
                ForkOutcome::Worker(number) => {
                    let first = number * self.workers;
                    sets = sets.drain(first..first + self.workers).collect();
                }
                ForkOutcome::Ended => return Ok(()),
            }
        }
        let plan = Plan {
            factory: self.factory,
            config: self.config,
            drain_timeout: self.drain_timeout,
            handshakes: self.handshakes,
        };
        match (plan.run(sets, watcher.as_ref())?, watcher) {
            (Ending::Restart, Some(watcher)) => {
                let error = restart(watcher, &kept);
                Err(Error::from(error))
            }
            _ => Ok(()),
        }
    }
}

impl<S> fmt::Debug for HttpServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("addresses", &self.sockets.addresses())
            .field("workers", &self.workers)
            .field("processes", &self.processes)
            .finish_non_exhaustive()
    }
}
