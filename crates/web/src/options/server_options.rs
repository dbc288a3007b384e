//! What every server wants to be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::checked::network;
use super::number::{count, port};
use super::{LogOptions, duration};
use crate::application::ApplicationFactory;
use crate::error::{Misuse, Result};
use crate::server::HttpServer;
use crate::{Autoreload, ServerConfig, TrustedDownstream};

// Not written as a comment, which clap would show as the description of the whole program.
#[doc = concat!("Options of a server, to be flattened into a program's own; see the [module](super).")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
#[non_exhaustive]
pub struct ServerOptions {
    /// File with values for options, in TOML; the environment and the command line override them.
    #[arg(long, env = "WATERSPOUT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, env = "WATERSPOUT_PORT", default_value_t = 8888, value_parser = port)]
    pub port: u16,
    /// Address to listen on; every interface if it is not given.
    #[arg(long, env = "WATERSPOUT_ADDRESS")]
    pub address: Option<String>,
    /// Unix socket to listen on, in place of the port.
    #[arg(long, env = "WATERSPOUT_UNIX", value_name = "PATH")]
    pub unix: Option<PathBuf>,
    /// Loops in each process, with a thread each; 0 is one per core.
    #[arg(
        long,
        env = "WATERSPOUT_WORKERS",
        value_name = "N",
        default_value_t = 1,
        value_parser = count
    )]
    pub workers: usize,
    /// Processes, restarted when they crash; 0 is one per core. None is forked if it is not given.
    #[arg(long, env = "WATERSPOUT_PROCESSES", value_name = "N", value_parser = count)]
    pub processes: Option<usize>,
    /// Time for requests that have begun when the server is told to stop.
    #[arg(
        long,
        env = "WATERSPOUT_DRAIN_TIMEOUT",
        value_name = "TIME",
        default_value = "30s",
        value_parser = duration
    )]
    pub drain_timeout: Duration,
    /// Certificate chain to serve HTTPS with, a PEM file.
    #[arg(long, env = "WATERSPOUT_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, a PEM file.
    #[arg(long, env = "WATERSPOUT_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Believe proxies about the client's address and protocol (X-Forwarded-For and the like).
    #[arg(
        long,
        env = "WATERSPOUT_XHEADERS",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub xheaders: bool,
    /// Networks whose proxies are believed, if any are.
    #[arg(
        long,
        env = "WATERSPOUT_TRUSTED_DOWNSTREAM",
        value_name = "NETWORKS",
        value_delimiter = ',',
        value_parser = network,
        default_values_t = ["127.0.0.0/8".to_owned(), "::1/128".to_owned()]
    )]
    pub trusted_downstream: Vec<String>,
    /// Restart when the program's file changes; programs show more to developers then.
    #[arg(
        long,
        env = "WATERSPOUT_DEBUG",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub debug: bool,
    /// Options of the log.
    #[command(flatten)]
    pub log: LogOptions,
}

impl ServerOptions {
    /// Returns what these options say of limits and proxies; the rest is the default.
    ///
    /// # Errors
    ///
    /// Fails if `trusted_downstream` names no network.
    pub fn server_config(&self) -> Result<ServerConfig> {
        let config = ServerConfig::default();
        if !self.xheaders {
            return Ok(config);
        }
        let networks = self.trusted_downstream.iter().map(String::as_str);
        let trusted = TrustedDownstream::networks(networks)
            .map_err(|problem| Misuse::new(format!("--trusted-downstream: {problem}")))?;
        Ok(config.xheaders(trusted))
    }

    /// Makes a server that listens where the options say, for those who have more to say of it before
    /// they [`run`](HttpServer::run) it.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be bound, or if certificate and key cannot be used.
    pub fn server<S: 'static>(&self, factory: impl ApplicationFactory<S>) -> Result<HttpServer<S>> {
        let mut server = HttpServer::new(factory)
            .config(self.server_config()?)
            .workers(self.workers)
            .drain_timeout(self.drain_timeout);
        if let Some(processes) = self.processes {
            server = server.processes(processes);
        }
        if self.debug {
            server = server.autoreload(Autoreload::new());
        }
        server = match (&self.unix, &self.address) {
            (Some(path), _) => server.listen_unix(path)?,
            (None, Some(address)) => server.listen((address.as_str(), self.port))?,
            (None, None) => server.listen(self.port)?,
        };
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => tls::add(server, certificate, key),
            (None, None) => Ok(server),
            _ => Err(Misuse::new("--tls-cert and --tls-key must both be given").into()),
        }
    }

    /// Sets up the log, makes the server, logs where it listens, and serves until it is told to stop.
    ///
    /// # Errors
    ///
    /// As [`server`](Self::server) and [`HttpServer::run`].
    pub fn run<S: 'static>(&self, factory: impl ApplicationFactory<S>) -> Result {
        self.log.init()?;
        let server = self.server(factory)?;
        for address in server.addresses() {
            tracing::info!(target: "waterspout::general", "listening on {address}");
        }
        server.run()
    }
}

#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod tls {
    use std::path::Path;

    use waterspout_net::TlsServerConfig;

    use crate::error::Result;
    use crate::server::HttpServer;

    pub(super) fn add<S: 'static>(
        server: HttpServer<S>,
        certificate: &Path,
        key: &Path,
    ) -> Result<HttpServer<S>> {
        server.tls(&TlsServerConfig::new(certificate, key))
    }
}

#[cfg(not(any(feature = "tls-aws-lc", feature = "tls-ring")))]
mod tls {
    use std::path::Path;

    use crate::error::{Misuse, Result};
    use crate::server::HttpServer;

    pub(super) fn add<S: 'static>(_: HttpServer<S>, _: &Path, _: &Path) -> Result<HttpServer<S>> {
        let text = "--tls-cert: this program was built without one of the features tls-ring and tls-aws-lc";
        Err(Misuse::new(text).into())
    }
}
