//! The command line of the testbed.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use waterspout::net::{ProxyProtocol, TlsServerConfig};
use waterspout::{ServerConfig, TrustedDownstream};

/// Serves the routes that conformance and load tests talk to.
#[derive(Debug, Clone, Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8888)]
    pub(crate) port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) address: String,
    /// Unix socket to listen on as well.
    #[arg(long, value_name = "PATH")]
    pub(crate) unix: Option<PathBuf>,
    /// Loops in each process; 0 is one per core.
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: usize,
    /// Processes; 0 is one per core.
    #[arg(long)]
    pub(crate) processes: Option<usize>,
    /// Directory in which processes find each other, to share the rooms of /ws/room/{name}.
    #[arg(long, value_name = "DIR")]
    pub(crate) rooms: Option<PathBuf>,
    /// Every deadline of a connection, in seconds, for tests.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) deadline: Option<Duration>,
    /// Directory to serve under /static/.
    #[arg(long = "static", value_name = "DIR")]
    pub(crate) static_files: Option<PathBuf>,
    /// Compress responses.
    #[arg(long)]
    pub(crate) compress: bool,
    /// Believe proxies on this machine about the client's address and protocol.
    #[arg(long)]
    pub(crate) xheaders: bool,
    /// Have connections from this machine begin with a header of the PROXY protocol.
    #[arg(long)]
    pub(crate) proxy_protocol: bool,
    /// Undo the Content-Encoding of request bodies.
    #[arg(long)]
    pub(crate) decompress: bool,
    /// Octets of a request body at the most.
    #[arg(long, value_name = "OCTETS")]
    pub(crate) max_body: Option<u64>,
    /// Secret that cookies are signed with; switches /signed, /xsrf, /private and /login on.
    #[arg(long, value_name = "SECRET", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) cookie_secret: Option<String>,
    /// Certificate to serve HTTPS with, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of the certificate, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

impl Flags {
    /// Returns the server's configuration.
    pub(crate) fn config(&self) -> ServerConfig {
        let mut config = ServerConfig::default();
        if let Some(time) = self.deadline {
            config = config.every_deadline(time);
        }
        if let Some(octets) = self.max_body {
            config = config.max_body_size(octets);
        }
        if self.xheaders {
            let local = TrustedDownstream::networks(["127.0.0.0/8", "::1"]);
            config = config.xheaders(local.expect("they are networks"));
        }
        config.decompress_request(self.decompress)
    }

    /// Returns whom to believe about clients, if that was asked for.
    pub(crate) fn proxies(&self) -> Option<ProxyProtocol> {
        let local = || "127.0.0.0/8".parse().expect("it is a network");
        self.proxy_protocol.then(|| ProxyProtocol::new([local()]))
    }

    /// Returns what HTTPS needs, if it was asked for.
    pub(crate) fn tls(&self) -> Option<TlsServerConfig> {
        let (certificate, key) = (self.tls_cert.as_ref()?, self.tls_key.as_ref()?);
        Some(TlsServerConfig::new(certificate, key))
    }

    /// Returns the address as it stands in a URL.
    pub(crate) fn url_host(&self) -> String {
        if self.address.contains(':') {
            format!("[{}]", self.address)
        } else {
            self.address.clone()
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse::<f64>()
        .map_err(|_| "is not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "must be more than 0".to_owned())
}

/// Writes warnings and errors to standard error; `RUST_LOG=info` shows the access log too.
pub(crate) fn log_to_stderr() {
    let quiet = "warn,waterspout::access=off";
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| quiet.into());
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
