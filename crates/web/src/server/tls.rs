//! HTTPS.

use waterspout_net::{TlsAcceptor, TlsServerConfig};

use super::HttpServer;
use crate::error::Result;

impl<S: 'static> HttpServer<S> {
    /// Serves HTTPS in place of HTTP, on every socket: with Tornado's `ssl_options`, the files of a
    /// certificate and its key.
    ///
    /// Files that change are read anew, and at SIGHUP too, for the connections that come after;
    /// see [`TlsServerConfig::reload_interval`]. Unless the configuration says otherwise, ALPN
    /// chooses `http/1.1`. A handshake may take
    /// [`handshake_timeout`](waterspout_http::server::ServerConfig::handshake_timeout).
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be used; the text names it and says what to do.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use waterspout::net::TlsServerConfig;
    /// use waterspout::{Application, Context, HttpServer, Result};
    ///
    /// fn main() -> Result<()> {
    ///     HttpServer::new(|| Application::new(()).get("/", async |_: &mut Context| "secret"))
    ///         .tls(&TlsServerConfig::new("cert.pem", "key.pem"))?
    ///         .listen(8443)?
    ///         .run()
    /// }
    /// ```
    pub fn tls(mut self, config: &TlsServerConfig) -> Result<Self> {
        let acceptor = if config.alpn.is_empty() {
            TlsAcceptor::new(&config.clone().alpn(["http/1.1"]))
        } else {
            TlsAcceptor::new(config)
        };
        self.handshakes.push(acceptor?);
        Ok(self)
    }
}
