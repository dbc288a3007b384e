//! A server that calls a function for every connection.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::{
    BindOptions, BoundAddr, BoundSocket, Handshake, Handshakes, Listener, PeerAddr, bind_sockets,
};
use crate::io_loop::Guarded;
use crate::process::{ForkOutcome, MAX_RESTARTS, fork_processes};
use crate::{IoLoop, IoStream, Outcome};

/// Calls an async function for every connection that comes in.
///
/// The function gets the stream and the address of the client. It runs as a task of its own; when it
/// returns, the stream is dropped and the connection closed. If it fails or panics, that is logged
/// and the server goes on. It need not be `Send`.
///
/// There are three ways to run a server, as in Tornado:
///
/// - One process: [`listen`](Self::listen) inside a running loop.
/// - Several processes, the short way: [`bind`](Self::bind), then [`start`](Self::start).
/// - Several processes, step by step: [`bind_sockets`](super::bind_sockets), then
///   [`fork_processes`](crate::fork_processes), then [`add_sockets`](Self::add_sockets) inside the
///   loop of each worker.
///
/// Dropping the value leaves the server running; [`stop`](Self::stop) stops it.
///
/// # Examples
///
/// An echo server:
///
/// ```no_run
/// use waterspout_net::{IoLoop, IoStream, PeerAddr, StreamError, TcpServer};
///
/// async fn echo(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
///     loop {
///         let line = stream.read_until(b"\n", 64 * 1024).await?;
///         stream.write(&line).await?;
///     }
/// }
///
/// fn main() -> std::io::Result<()> {
///     let io_loop = IoLoop::new()?;
///     io_loop.run_sync(async { TcpServer::new(echo).listen(8888) })?;
///     io_loop.start();
///     Ok(())
/// }
/// ```
pub struct TcpServer<H> {
    shared: Rc<Shared<H>>,
    options: BindOptions,
    greeting: Greeting,
}

/// What comes before the handler.
#[derive(Debug, Clone)]
struct Greeting {
    handshakes: Handshakes,
    timeout: Duration,
}

/// The time for TLS and the header of a proxy.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

struct Shared<H> {
    handler: H,
    /// Bound, and waiting for `start`.
    bound: RefCell<Vec<BoundSocket>>,
    accepting: RefCell<Vec<Accepting>>,
    /// What the handshakes have to do while the server accepts.
    watching: RefCell<Vec<AbortHandle>>,
}

/// A socket that the server accepts from.
struct Accepting {
    address: BoundAddr,
    /// Empty as soon as the server is stopped: then the socket is closed at once.
    listener: Slot,
    task: Option<AbortHandle>,
}

type Slot = Rc<RefCell<Option<Listener>>>;

impl<H, R> TcpServer<H>
where
    H: AsyncFn(IoStream, PeerAddr) -> R + 'static,
    R: Outcome + 'static,
{
    /// Makes a server that calls `handler` for every connection. It listens to nothing yet.
    #[must_use]
    pub fn new(handler: H) -> Self {
        let shared = Shared {
            handler,
            bound: RefCell::default(),
            accepting: RefCell::default(),
            watching: RefCell::default(),
        };
        Self {
            shared: Rc::new(shared),
            options: BindOptions::default(),
            greeting: Greeting {
                handshakes: Handshakes::default(),
                timeout: HANDSHAKE_TIMEOUT,
            },
        }
    }

    /// Adds a handshake that each connection goes through before the handler gets it, such as a
    /// `TlsAcceptor` or a [`ProxyProtocol`](crate::ProxyProtocol); the header of a proxy comes
    /// before TLS. A connection whose handshake fails is closed, and the log says why at level
    /// info.
    #[must_use]
    pub fn handshake(mut self, handshake: impl Handshake + 'static) -> Self {
        self.greeting.handshakes.push(handshake);
        self
    }

    /// Sets the time for all handshakes of a connection. Default: 10 s.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.greeting.timeout = timeout;
        self
    }

    /// Sets how [`listen`](Self::listen) and [`bind`](Self::bind) bind. Default: all interfaces.
    #[must_use]
    pub fn bind_options(mut self, options: BindOptions) -> Self {
        self.options = options;
        self
    }

    /// Binds to `port`, 0 for any, and accepts on the running loop.
    ///
    /// # Errors
    ///
    /// As [`bind_sockets`](super::bind_sockets).
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn listen(&self, port: u16) -> io::Result<()> {
        self.add_sockets(bind_sockets(port, self.options.clone())?)
    }

    /// Binds to `port`, 0 for any, for a [`start`](Self::start) to come. May be called several
    /// times.
    ///
    /// # Errors
    ///
    /// As [`bind_sockets`](super::bind_sockets).
    pub fn bind(&self, port: u16) -> io::Result<()> {
        self.shared
            .bound
            .borrow_mut()
            .extend(bind_sockets(port, self.options.clone())?);
        Ok(())
    }

    /// Starts the server in this many processes on what was bound, and returns the loop to run.
    ///
    /// With 1 nothing is forked, and with 0 there is a process per processor. Each worker gets a
    /// loop. The first process gets `None`, after all its workers have ended; see
    /// [`fork_processes`](crate::fork_processes), of which this uses
    /// [`MAX_RESTARTS`](crate::MAX_RESTARTS).
    ///
    /// # Errors
    ///
    /// A [`ForkError`](crate::ForkError) inside if forking is refused or was given up, or the error
    /// of the system if no loop can be made.
    ///
    /// # Panics
    ///
    /// Panics if a loop runs on this thread: use [`listen`](Self::listen) there.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use waterspout_net::{IoStream, PeerAddr, TcpServer, task_id};
    ///
    /// async fn greet(mut stream: IoStream, _peer: PeerAddr) {
    ///     let greeting = format!("hello from worker {:?}\n", task_id());
    ///     _ = stream.write(greeting.as_bytes()).await;
    /// }
    ///
    /// fn main() -> std::io::Result<()> {
    ///     let server = TcpServer::new(greet);
    ///     server.bind(8888)?;
    ///     if let Some(io_loop) = server.start(0)? {
    ///         io_loop.start();
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn start(&self, processes: usize) -> io::Result<Option<IoLoop>> {
        if processes != 1 && fork_processes(processes, MAX_RESTARTS)? == ForkOutcome::Ended {
            return Ok(None);
        }
        let io_loop = IoLoop::new()?;
        io_loop.run_sync(async { self.add_sockets(self.shared.bound.take()) })?;
        Ok(Some(io_loop))
    }

    /// Accepts from `sockets` on the running loop.
    ///
    /// # Errors
    ///
    /// The error of the system if the loop cannot watch a socket.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn add_sockets(&self, sockets: impl IntoIterator<Item = BoundSocket>) -> io::Result<()> {
        sockets
            .into_iter()
            .try_for_each(|socket| self.add_socket(socket))
    }

    fn add_socket(&self, socket: BoundSocket) -> io::Result<()> {
        let address = socket.local_addr()?;
        let listener = Rc::new(RefCell::new(Some(Listener::from_bound(socket)?)));
        self.watch();
        let greeting = Rc::new(self.greeting.clone());
        let task = accept_all(Rc::clone(&self.shared), greeting, Rc::clone(&listener));
        let task = IoLoop::current().spawn_abortable(Guarded::task(task));
        self.shared.accepting.borrow_mut().push(Accepting {
            address,
            listener,
            task,
        });
        Ok(())
    }

    /// Starts what the handshakes have to do, once.
    fn watch(&self) {
        let mut watching = self.shared.watching.borrow_mut();
        if watching.is_empty() {
            let watchers = self.greeting.handshakes.watchers();
            let spawn = |watcher| IoLoop::current().spawn_abortable(Guarded::task(watcher));
            watching.extend(watchers.into_iter().filter_map(spawn));
        }
    }
}

impl<H> TcpServer<H> {
    /// Stops accepting and closes the listening sockets at once. Connections that are open stay so.
    /// Stopping twice changes nothing.
    pub fn stop(&self) {
        self.shared.bound.take();
        self.shared
            .watching
            .take()
            .iter()
            .for_each(AbortHandle::abort);
        for accepting in self.shared.accepting.take() {
            accepting.listener.take();
            if let Some(task) = accepting.task {
                task.abort();
            }
        }
    }

    /// Returns the addresses that the server accepts on, with their real ports.
    #[must_use]
    pub fn local_addrs(&self) -> Vec<BoundAddr> {
        let accepting = self.shared.accepting.borrow();
        accepting
            .iter()
            .map(|accepting| accepting.address.clone())
            .collect()
    }
}

impl<H> fmt::Debug for TcpServer<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpServer")
            .field("accepting", &self.local_addrs())
            .finish_non_exhaustive()
    }
}

/// Starts a task for each connection, until the slot is empty.
async fn accept_all<H, R>(shared: Rc<Shared<H>>, greeting: Rc<Greeting>, slot: Slot)
where
    H: AsyncFn(IoStream, PeerAddr) -> R + 'static,
    R: Outcome + 'static,
{
    let io_loop = IoLoop::current();
    let next = || {
        poll_fn(|cx| match &mut *slot.borrow_mut() {
            Some(listener) => listener.poll_accept(cx).map(Some),
            None => Poll::Ready(None),
        })
    };
    while let Some((stream, peer)) = next().await {
        let shared = Rc::clone(&shared);
        if greeting.handshakes.is_empty() {
            serve(shared, stream, peer);
            continue;
        }
        let greeting = Rc::clone(&greeting);
        // In a task of its own, so that its memory is gone when the handler begins.
        io_loop.spawn(Guarded::task(async move {
            if let Some((stream, peer)) = greet(&greeting, stream, peer).await {
                serve(shared, stream, peer);
            }
        }));
    }
}

fn serve<H, R>(shared: Rc<Shared<H>>, stream: IoStream, peer: PeerAddr)
where
    H: AsyncFn(IoStream, PeerAddr) -> R + 'static,
    R: Outcome + 'static,
{
    // The task holds what the handler's future holds, and not its arguments once more: they come in a
    // box that is gone when the handler begins.
    let arguments = Box::new((stream, peer));
    let connection = async move {
        let handling = {
            let (stream, peer) = *arguments;
            (shared.handler)(stream, peer)
        };
        handling.await
    };
    IoLoop::current().spawn(Guarded::callback::<H>(connection));
}

async fn greet(
    greeting: &Greeting,
    stream: IoStream,
    peer: PeerAddr,
) -> Option<(IoStream, PeerAddr)> {
    let complete = greeting.handshakes.complete(stream, peer);
    match tokio::time::timeout(greeting.timeout, complete).await {
        Ok(Ok(greeted)) => return Some(greeted),
        Ok(Err(error)) => tracing::info!("closed a connection from {peer}: {error:#}"),
        Err(_) => tracing::info!(
            "closed a connection from {peer}: its handshake took too long (limit handshake_timeout)"
        ),
    }
    None
}
