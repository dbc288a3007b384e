//! Connecting to an address that is known.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::{TcpStream, UnixStream};
use tokio::time::sleep;

use super::{IoStream, StreamError};

/// How long a client of a Unix socket waits before it tries again.
const FIRST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_millis(100);

impl IoStream {
    /// Connects to a TCP address. Names and several addresses are the business of a client.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] with the real error, such as a refused connection.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the attempt ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::error::Error;
    /// use waterspout_net::{IoLoop, IoStream};
    ///
    /// let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = socket.local_addr()?;
    /// drop(socket); // nobody listens there now
    /// IoLoop::new()?.run_sync(async {
    ///     let error = IoStream::connect_tcp(address).await.unwrap_err();
    ///     assert!(error.source().unwrap().to_string().contains("refused"));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn connect_tcp(address: SocketAddr) -> Result<Self, StreamError> {
        let connected = TcpStream::connect(address).await.and_then(|socket| {
            socket.set_nodelay(true)?;
            Ok(socket)
        });
        match connected {
            Ok(socket) => Ok(Self::from_tcp(socket)),
            Err(error) => Err(StreamError::Closed(Some(error))),
        }
    }

    /// Connects to a Unix socket. On Linux a path that begins with a NUL is an abstract name.
    ///
    /// While the backlog of the listener is full this waits, as a blocking connect does: bound it with a
    /// timeout.
    ///
    /// # Errors
    ///
    /// [`StreamError::Closed`] with the real error.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the attempt ends.
    pub async fn connect_unix(path: impl AsRef<Path>) -> Result<Self, StreamError> {
        let mut wait = FIRST_WAIT;
        loop {
            match UnixStream::connect(&path).await {
                Ok(socket) => return Ok(Self::from_unix(socket)),
                // The backlog is full, and nothing tells when it is not.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) => return Err(StreamError::Closed(Some(error))),
            }
        }
    }
}
