//! What a server's TLS is made of.

use std::path::PathBuf;
use std::time::Duration;

use super::files::Pair;

/// The certificate and key of a server, and how it speaks TLS: Tornado's `ssl_options`.
///
/// Versions 1.2 and 1.3 of TLS are spoken. Sessions can be resumed: their state is in tickets that
/// the clients keep, so it costs the server no memory and works at any of its workers. The keys of
/// the tickets change every six hours, in forked processes each for itself: a session that comes to
/// another process than it began at is then not resumed, and shakes hands in full.
///
/// # Examples
///
/// ```
/// use waterspout_net::TlsServerConfig;
///
/// let config = TlsServerConfig::new("/etc/site/cert.pem", "/etc/site/key.pem")
///     .certificate_for("other.example", "/etc/other/cert.pem", "/etc/other/key.pem")
///     .alpn(["http/1.1"]);
/// assert_eq!(config.alpn, ["http/1.1"]);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TlsServerConfig {
    pub(super) default: Pair,
    pub(super) named: Vec<(String, Pair)>,
    /// The protocols to choose from by ALPN, the best first. Default: none, which leaves ALPN alone.
    pub alpn: Vec<String>,
    /// Whether clients must show a certificate. Default: [`ClientCertificates::Ignored`].
    pub client_certificates: ClientCertificates,
    /// How often the files are looked at for changes; `None` for never. Default: 10 s.
    ///
    /// A new certificate holds for new connections; those that are open stay as they are. SIGHUP
    /// has the files read at once. Files that cannot be used are reported in the log, and the
    /// certificates from before stay.
    pub reload_interval: Option<Duration>,
}

/// Whether a server asks its clients for certificates. The paths are PEM files with the certificates
/// of those who may have issued them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientCertificates {
    /// Clients are not asked (Tornado's `CERT_NONE`).
    #[default]
    Ignored,
    /// Clients are asked, and one without a certificate is let in (`CERT_OPTIONAL`). A certificate
    /// that does not check out is refused.
    Optional(PathBuf),
    /// A client without a good certificate is refused (`CERT_REQUIRED`).
    Required(PathBuf),
}

impl TlsServerConfig {
    /// Names the PEM files with the certificate, followed by those that lead to its issuer, and
    /// with its private key. They are read by [`TlsAcceptor::new`](super::TlsAcceptor::new).
    #[must_use]
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            default: Pair::new(certificate, key),
            named: Vec::new(),
            alpn: Vec::new(),
            client_certificates: ClientCertificates::Ignored,
            reload_interval: Some(Duration::from_secs(10)),
        }
    }

    /// Adds a certificate for clients that ask for this host name by SNI: `chat.example`, or
    /// `*.example` for every name one label longer. Others get the certificate of
    /// [`new`](Self::new).
    #[must_use]
    pub fn certificate_for(
        mut self,
        name: impl Into<String>,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        let name = name.into().to_ascii_lowercase();
        self.named.push((name, Pair::new(certificate, key)));
        self
    }

    /// Sets the protocols to choose from by ALPN, the best first. Default: none.
    #[must_use]
    pub fn alpn<P: Into<String>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.alpn = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether clients must show a certificate. Default: they are not asked.
    #[must_use]
    pub fn client_certificates(mut self, policy: ClientCertificates) -> Self {
        self.client_certificates = policy;
        self
    }

    /// Sets how often the files are looked at for changes, `None` for never. Default: 10 s.
    #[must_use]
    pub fn reload_interval(mut self, interval: Option<Duration>) -> Self {
        self.reload_interval = interval;
        self
    }
}
