//! Certificates and keys in files.

use std::fs;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::error::Kind;

/// A certificate file, with the chain that leads to it, and the file of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Pair {
    pub(super) fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
        }
    }

    /// Reads both and checks that they belong together.
    pub(super) fn load(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let chain = certificates(&self.certificate)?;
        let key = private_key(&self.key)?;
        let loaded = CertifiedKey::from_der(chain, key, provider);
        loaded.map_err(|error| {
            let kind = match error {
                rustls::Error::InconsistentKeys(_) => {
                    Kind::Mismatch(self.certificate.clone(), self.key.clone())
                }
                rustls::Error::InvalidCertificate(_) => {
                    Kind::BadCertificate(self.certificate.clone())
                }
                _ => Kind::BadKey(self.key.clone()),
            };
            TlsError::because(kind, error)
        })
    }
}

/// Reads every certificate of a PEM file; one at the least.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read("certificate", path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(TlsError::new(Kind::NoCertificate(path.into()))),
        Ok(found) => Ok(found),
        Err(error) => Err(TlsError::because(Kind::BadCertificate(path.into()), error)),
    }
}

pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read("key", path)?;
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|error| TlsError::because(Kind::NoKey(path.into()), error))
}

/// Reads certificates to trust.
pub(super) fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::because(Kind::BadCertificate(path.into()), error))?;
    }
    Ok(roots)
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::because(Kind::Unreadable(what, path.into()), error))
}
