//! Connecting to an address that is known.

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::{TcpStream, UnixStream};

use super::{IoStream, StreamError};

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
        match UnixStream::connect(path).await {
            Ok(socket) => Ok(Self::from_unix(socket)),
            Err(error) => Err(StreamError::Closed(Some(error))),
        }
    }
}
