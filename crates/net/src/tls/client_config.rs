//! What a client's TLS is made of.

use std::path::PathBuf;

use super::files::Pair;

/// Whom a client trusts, and how it speaks TLS.
///
/// # Examples
///
/// ```
/// use waterspout_net::TlsClientConfig;
///
/// let config = TlsClientConfig::default().ca_file("/etc/site/ca.pem").alpn(["http/1.1"]);
/// assert!(config.verify);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TlsClientConfig {
    /// A PEM file with the certificates to trust, in place of those of the machine. Default: `None`.
    pub ca_file: Option<PathBuf>,
    pub(super) certificate: Option<Pair>,
    /// The protocols to offer by ALPN, the best first. Default: none.
    pub alpn: Vec<String>,
    /// Whether the certificate of the server is checked. Default: `true`.
    pub verify: bool,
}

impl TlsClientConfig {
    /// Names a PEM file with the certificates to trust. Default: those of the machine.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Names the PEM files of a certificate and key to show to servers that ask. Default: none.
    #[must_use]
    pub fn certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some(Pair::new(certificate, key));
        self
    }

    /// Sets the protocols to offer by ALPN, the best first. Default: none.
    #[must_use]
    pub fn alpn<P: Into<String>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.alpn = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether the certificate of the server is checked. Without that, the conversation is
    /// open to whoever stands between the two: for tests only. Default: `true`.
    #[must_use]
    pub fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }
}

impl Default for TlsClientConfig {
    fn default() -> Self {
        Self {
            ca_file: None,
            certificate: None,
            alpn: Vec::new(),
            verify: true,
        }
    }
}
