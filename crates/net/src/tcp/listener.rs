//! Accepting connections on a loop.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::time::{Sleep, sleep};

use super::accept_error::{AfterError, after};
use super::{BoundSocket, PeerAddr};
use crate::IoStream;

/// How long the first wait is after the process ran out of descriptors or memory.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Accepts connections from one socket on the running loop.
///
/// Accepting never fails for good. A connection that broke before it was accepted is skipped. When
/// the process has too many open files, or the machine too little memory, accepting waits, 100 ms
/// at first and 1 s at most, and says so in the log once until it works again; clients meanwhile
/// queue in the backlog.
///
/// # Examples
///
/// ```
/// use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets};
///
/// let options = BindOptions::default().address("127.0.0.1");
/// let socket = bind_sockets(0, options)?.remove(0);
/// let port = socket.local_addr()?.port().unwrap();
/// IoLoop::new()?.run_sync(async {
///     let mut listener = Listener::from_bound(socket)?;
///     let client = std::net::TcpStream::connect(("127.0.0.1", port))?;
///     let (_stream, peer) = listener.accept().await;
///     assert_eq!(peer.to_string(), client.local_addr()?.to_string());
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Listener {
    socket: Socket,
    state: State,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

enum State {
    Accepting,
    /// Accepting failed for lack of something, and is tried anew after the wait.
    Waiting {
        alarm: Pin<Box<Sleep>>,
        next_wait: Duration,
    },
    /// The wait is over and nothing has been accepted yet.
    Retrying {
        next_wait: Duration,
    },
}

impl Listener {
    /// Ties a bound socket to the running loop.
    ///
    /// # Errors
    ///
    /// The error of the system if the loop cannot watch the socket.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn from_bound(socket: BoundSocket) -> io::Result<Self> {
        let socket = match socket {
            BoundSocket::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                Socket::Tcp(TcpListener::from_std(socket)?)
            }
            BoundSocket::Unix(socket) => {
                socket.set_nonblocking(true)?;
                Socket::Unix(UnixListener::from_std(socket)?)
            }
        };
        Ok(Self {
            socket,
            state: State::Accepting,
        })
    }

    /// Waits for the next connection.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no connection is lost, and a wait after an error goes on where it was.
    pub async fn accept(&mut self) -> (IoStream, PeerAddr) {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Polls for the next connection.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(IoStream, PeerAddr)> {
        loop {
            ready!(self.poll_wait(cx));
            match ready!(self.socket.poll_accept(cx)) {
                Ok(accepted) => {
                    self.state = State::Accepting;
                    return Poll::Ready(accepted);
                }
                Err(error) if after(&error) == AfterError::TakeNext => {
                    tracing::debug!(
                        "skipped a connection that broke before it was accepted: {error}"
                    );
                }
                Err(error) => self.wait_after(&error),
            }
        }
    }

    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Waiting { alarm, next_wait } = &mut self.state {
            ready!(alarm.as_mut().poll(cx));
            self.state = State::Retrying {
                next_wait: *next_wait,
            };
        }
        Poll::Ready(())
    }

    #[cold]
    fn wait_after(&mut self, error: &io::Error) {
        let wait = match self.state {
            State::Retrying { next_wait } => next_wait,
            State::Accepting | State::Waiting { .. } => {
                tracing::error!(
                    "cannot accept connections for now, they wait in the backlog: {error} \
                     (raise the limit of open files, `ulimit -n`, or allow fewer connections)"
                );
                FIRST_WAIT
            }
        };
        let next_wait = (wait * 2).min(LONGEST_WAIT);
        self.state = State::Waiting {
            alarm: Box::pin(sleep(wait)),
            next_wait,
        };
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}

impl Socket {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(IoStream, PeerAddr)>> {
        match self {
            Self::Tcp(socket) => {
                let (stream, address) = ready!(socket.poll_accept(cx))?;
                if !cfg!(target_os = "linux") {
                    // Elsewhere it may not be inherited. A connection that broke already shows it
                    // at the first read.
                    _ = stream.set_nodelay(true);
                }
                Poll::Ready(Ok((IoStream::from_tcp(stream), PeerAddr::Tcp(address))))
            }
            Self::Unix(socket) => {
                let (stream, _unnamed) = ready!(socket.poll_accept(cx))?;
                Poll::Ready(Ok((IoStream::from_unix(stream), PeerAddr::Unix)))
            }
        }
    }
}
