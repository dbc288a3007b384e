//! Why TLS could not be set up, or a handshake failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::causes;

/// Why TLS could not be set up, or why a handshake failed.
///
/// The text says what to do; the source is the error underneath.
#[derive(Debug)]
pub struct TlsError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// The features give no cryptography.
    NoProvider,
    /// A file cannot be read: what it is to hold, and where it is.
    Unreadable(&'static str, PathBuf),
    NoCertificate(PathBuf),
    NoKey(PathBuf),
    /// Certificate and key.
    Mismatch(PathBuf, PathBuf),
    BadCertificate(PathBuf),
    BadKey(PathBuf),
    NoRoots,
    BadName(String),
    Settings,
    NotIdle,
    /// The handshake with a client.
    Accept,
    /// The handshake with a server.
    Connect(String),
}

impl TlsError {
    pub(super) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, source: None }))
    }

    pub(super) fn because(kind: Kind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Box::new(Inner {
            kind,
            source: Some(source.into()),
        }))
    }

    /// Tells whether a handshake failed, and not the setting up.
    #[must_use]
    pub fn is_handshake(&self) -> bool {
        matches!(self.0.kind, Kind::Accept | Kind::Connect(_))
    }

    /// Tells whether the certificate of the other side was refused.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        let source = self
            .0
            .source
            .as_deref()
            .map(|error| error as &(dyn Error + 'static));
        self.is_handshake() && source.and_then(rustls_error).is_some_and(is_certificate)
    }

    /// What the error underneath says to those who look for the cause.
    fn hint(&self) -> &'static str {
        let source = self
            .0
            .source
            .as_deref()
            .map(|error| error as &(dyn Error + 'static));
        match source.and_then(rustls_error) {
            Some(rustls::Error::InvalidMessage(_)) => {
                ": what came is no TLS; does the other side speak plain text on this port?"
            }
            Some(error) if is_certificate(error) => {
                ": the certificate is not trusted; check the name, the dates, and that its issuer is \
                 among the trusted ones (TlsClientConfig::ca_file)"
            }
            Some(rustls::Error::NoCertificatesPresented) => ": the client gave no certificate",
            Some(rustls::Error::NoApplicationProtocol) => {
                ": the sides have no protocol of ALPN in common"
            }
            Some(rustls::Error::AlertReceived(_)) => ": the other side refused",
            _ => "",
        }
    }
}

fn is_certificate(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InvalidCertificate(_))
}

fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl TlsError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = Path::display;
        match &self.0.kind {
            Kind::NoProvider => {
                f.write_str("no cryptography for TLS: enable the feature tls-ring or tls-aws-lc")
            }
            Kind::Unreadable(what, path) => write!(
                f,
                "cannot read the {what} file {}: check that it exists and that this user may read it",
                show(path)
            ),
            Kind::NoCertificate(path) => write!(
                f,
                "no certificate in {}: it must be a PEM file with a BEGIN CERTIFICATE line",
                show(path)
            ),
            Kind::NoKey(path) => write!(
                f,
                "no private key in {}: it must be a PEM file with a BEGIN PRIVATE KEY line; decrypt \
                 an encrypted key first, with `openssl pkey`",
                show(path)
            ),
            Kind::Mismatch(certificate, key) => write!(
                f,
                "the key in {} is not that of the first certificate in {}: give the key that the \
                 certificate was made for, and put the server's certificate first",
                show(key),
                show(certificate)
            ),
            Kind::BadCertificate(path) => write!(
                f,
                "a certificate in {} cannot be understood: make the file anew",
                show(path)
            ),
            Kind::BadKey(path) => write!(
                f,
                "the private key in {} cannot be used: it must be RSA of 2048 bits or more, ECDSA or Ed25519",
                show(path)
            ),
            Kind::NoRoots => f.write_str(
                "this machine has no trusted certificates: install ca-certificates, or name a file \
                 with TlsClientConfig::ca_file",
            ),
            Kind::BadName(name) => write!(
                f,
                "{name:?} is neither a host name nor an IP address, so no certificate can be \
                 checked against it"
            ),
            Kind::Settings => f.write_str("the settings of TLS do not fit together"),
            Kind::NotIdle => f.write_str(
                "TLS cannot start here: octets are still buffered; read and flush all of the plain \
                 conversation first",
            ),
            Kind::Accept => write!(f, "TLS handshake with a client failed{}", self.hint()),
            Kind::Connect(name) => write!(f, "TLS handshake with {name} failed{}", self.hint()),
        }
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|error| error as _)
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        let kind = match error.0.kind {
            Kind::Unreadable(..) => io::ErrorKind::NotFound,
            Kind::Accept | Kind::Connect(_) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
