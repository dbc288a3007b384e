//! Networking on single-threaded event loops, in the style of Tornado: no `Send`, no locks.
//!
//! # The model
//!
//! - A **loop**, [`IoLoop`], runs on one thread and does one thing at a time. Whatever runs on it may
//!   hold `Rc` and `RefCell`. It is a tokio runtime underneath, so any crate made for tokio works.
//! - A **task** is a future that the loop runs beside others, from
//!   [`spawn_callback`](IoLoop::spawn_callback). It gives the thread back only where it awaits. One
//!   that fails or panics is logged, and the loop goes on. A **callback** is a plain function that
//!   the loop calls in its next pass, from [`add_callback`](IoLoop::add_callback); through a
//!   [`LoopHandle`] other threads may ask for one too.
//! - A **timer** calls a function at a time: [`call_later`](IoLoop::call_later),
//!   [`call_at`](IoLoop::call_at) and [`PeriodicCallback`].
//! - A **deadline**, [`Deadline`], bounds how long a connection may take. It is coarse and costs next
//!   to nothing to move, which a connection does several times per request.
//! - A **stream**, [`IoStream`], is a socket with buffers, and owns none while nothing is in flight.
//!   Streams come from a [`Listener`], or from a [`TcpServer`], which calls a function for each.
//! - Tasks wait for each other by events, locks and queues ([`sync`]), and for several futures at
//!   once, or for a time, by [`task`].
//! - Beside streams there are datagrams ([`UdpEndpoint`]), child programs ([`Subprocess`]), and
//!   protocols in **callback form** ([`Protocol`]) for code that comes from asyncio or Twisted.
//! - A **worker** is one loop on one processor core. To use more cores, run more workers, as threads
//!   or, by [`fork_processes`], as processes under a **supervisor**. They share listening sockets
//!   ([`BoundSocket`]) and nothing else.
//!
//! # Example
//!
//! A server that answers each line with its length, and a client for it:
//!
//! ```
//! use tokio::net::TcpStream;
//! use waterspout_net::{BindOptions, IoLoop, IoStream, PeerAddr, StreamError, TcpServer};
//!
//! async fn measure(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
//!     loop {
//!         let line = stream.read_until(b"\n", 64 * 1024).await?;
//!         stream.write(format!("{}\n", line.len() - 1).as_bytes()).await?;
//!     }
//! }
//!
//! let server = TcpServer::new(measure).bind_options(BindOptions::default().address("127.0.0.1"));
//! IoLoop::new()?.run_sync(async {
//!     server.listen(0)?;
//!     let port = server.local_addrs()[0].port().expect("TCP has ports");
//!
//!     let mut client = IoStream::from_tcp(TcpStream::connect(("127.0.0.1", port)).await?);
//!     client.write(b"waterspout\n").await?;
//!     assert_eq!(client.read_until(b"\n", 100).await?, "10\n");
//!     Ok::<(), std::io::Error>(())
//! })?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Cancel safety
//!
//! Every async function of this crate can be dropped at any await without losing data, or its
//! documentation says otherwise.
//!
//! # Features
//!
//! - `tls-aws-lc`, `tls-ring`: TLS, with the cryptography of aws-lc, which is fast, or of ring, which
//!   builds quickly. Both include `tls`, which alone has no cryptography; with both, aws-lc is used.
//! - `dns-hickory`: `DnsResolver`, which asks name servers on the loop and remembers what they say.
//! - `test-util`: `IoLoop::new_paused`, a loop whose clock jumps over waits.

#![deny(unsafe_code)]

mod causes;
mod io_loop;
mod io_stream;
mod memory;
mod page_cache;
mod pool;
mod process;
mod protocol;
mod proxy_protocol;
mod resolver;
mod shelf;
mod sock;
pub mod sync;
pub mod task;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
mod udp;

pub use io_loop::{
    Blame, CloseError, Deadline, Executor, ExecutorError, ExecutorFuture, FdError, FdEvents,
    InvalidPeriod, IoLoop, Job, LoopHandle, LoopState, Outcome, PeriodicCallback, ShutdownSignal,
    ShutdownSignals, SignalCallback, StallHistogram, TICK, ThreadPool, TimedOut, TimeoutHandle,
    Watchdog, WatchedSignal, When, blame, is_watched, shutdown_signal, spawn_named, ticks,
};
pub use io_stream::{
    FileSender, InvalidReadRegex, IoStream, PeerCredentials, PipeIoStream, ReadRegex, SharedStream,
    StreamConfig, StreamError, TlsInfo, pipe,
};
pub use page_cache::read_cached;
pub use pool::{BUFFER_SIZE, BufferPool};
pub use process::{
    CalledProcessError, ForkError, ForkOutcome, MAX_RESTARTS, Subprocess, cpu_count,
    fork_processes, open_files_limit, task_id,
};
pub use protocol::{
    ChildPipe, DatagramProtocol, DatagramTransport, Protocol, StreamTransport, SubprocessProtocol,
    SubprocessTransport, run_datagram_protocol, run_protocol, run_subprocess_protocol,
    spawn_datagram_protocol, spawn_protocol,
};
pub use proxy_protocol::{InvalidNetwork, Network, ProxyError, ProxyHeader, ProxyProtocol};
pub use resolver::{
    CachedResolver, OverrideResolver, ResolveError, Resolver, Resolving, SystemResolver,
    is_valid_ip,
};
#[cfg(feature = "dns-hickory")]
pub use resolver::{DnsConfig, DnsResolver};
pub use shelf::{Aging, Shelf};
pub use sock::{
    sock_accept, sock_connect, sock_recv, sock_recv_from, sock_recv_into, sock_send_to,
    sock_sendall,
};
pub use tcp::{
    AcceptHandler, BindOptions, BoundAddr, BoundSocket, ConnectError, ConnectOptions, Family,
    Handshake, Handshakes, Listener, PeerAddr, Shaking, TcpClient, TcpServer, add_accept_handler,
    bind_sockets, bind_unix_socket,
};
#[cfg(feature = "tls")]
pub use tls::{
    ClientCertificates, TlsAcceptor, TlsClientConfig, TlsConnector, TlsError, TlsServerConfig,
};
pub use udp::UdpEndpoint;
