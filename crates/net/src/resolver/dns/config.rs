//! Whom to ask, and for how long.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Which name servers a [`DnsResolver`](super::DnsResolver) asks, and how patiently.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::DnsConfig;
///
/// let config = DnsConfig::default()
///     .server("192.0.2.53:53".parse().unwrap())
///     .timeout(Duration::from_secs(1));
/// assert_eq!(config.servers.len(), 1);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DnsConfig {
    /// The name servers to ask. Default: none, for those of `/etc/resolv.conf`, with its search domains.
    pub servers: Vec<SocketAddr>,
    /// How long a name server has for one answer. Default: 5 s.
    pub timeout: Duration,
    /// How often a question is asked anew before the look-up fails. Default: 2.
    pub attempts: usize,
    /// The file whose names count before the name servers are asked, `None` for no file. It is read
    /// when the resolver is made. Default: `/etc/hosts`.
    pub hosts_file: Option<PathBuf>,
    /// Answers that are remembered at the most, each for as long as its name server allows; 0 for
    /// none. Default: 1024.
    pub cache_size: u64,
}

impl DnsConfig {
    /// Adds a name server to ask. Default: those of `/etc/resolv.conf`.
    #[must_use]
    pub fn server(mut self, address: SocketAddr) -> Self {
        self.servers.push(address);
        self
    }

    /// Sets how long a name server has for one answer. Default: 5 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how often a question is asked anew before the look-up fails. Default: 2.
    #[must_use]
    pub fn attempts(mut self, attempts: usize) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the file whose names count before the name servers are asked. Default: `/etc/hosts`.
    #[must_use]
    pub fn hosts_file(mut self, path: Option<PathBuf>) -> Self {
        self.hosts_file = path;
        self
    }

    /// Sets how many answers are remembered at the most. Default: 1024.
    #[must_use]
    pub fn cache_size(mut self, answers: u64) -> Self {
        self.cache_size = answers;
        self
    }
}

impl Default for DnsConfig {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            timeout: Duration::from_secs(5),
            attempts: 2,
            hosts_file: Some(PathBuf::from("/etc/hosts")),
            cache_size: 1024,
        }
    }
}
