//! Connecting with TLS.

use std::io;

use super::TlsConnector;
use crate::tcp::{Progress, Stage, Why};
use crate::{ConnectError, ConnectOptions, IoStream, TcpClient};

impl TcpClient {
    /// Connects to a port of `host` and encrypts the connection; the server must have a certificate
    /// for `host`. Tornado's `connect` with `ssl_options`.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and if the handshake fails: the source is a
    /// [`TlsError`](super::TlsError) then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: every attempt is closed.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use waterspout_net::{ConnectOptions, IoLoop, TcpClient, TlsClientConfig, TlsConnector};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let tls = TlsConnector::new(&TlsClientConfig::default())?;
    ///     let options = ConnectOptions::default();
    ///     let mut stream = TcpClient::new().connect_tls("example.org", 443, &tls, &options).await?;
    ///     stream.write(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n").await?;
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn connect_tls(
        &self,
        host: &str,
        port: u16,
        connector: &TlsConnector,
        options: &ConnectOptions,
    ) -> Result<IoStream, ConnectError> {
        let progress = Progress::new(host);
        let open = async {
            let stream = self.open(host, port, options, &progress).await?;
            progress.enter(Stage::Handshake(host.to_owned()));
            let encrypted = connector.connect(stream, host).await;
            encrypted.map_err(|error| progress.error(Why::System(io::Error::from(error))))
        };
        progress.within(options.timeout, open).await
    }
}
