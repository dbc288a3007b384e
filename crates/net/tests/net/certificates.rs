//! Certificates made for a test, in files as a server gets them.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use waterspout_net::{TlsAcceptor, TlsClientConfig, TlsConnector, TlsServerConfig};

/// An issuer, and a directory with what it has issued.
pub(crate) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    directory: TempDir,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(directory.path().join("ca.pem"), certificate.pem()).unwrap();
        let issuer = Issuer::new(params, key);
        Self { issuer, directory }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// Issues a certificate for a name; the files are `FILE.pem` and `FILE.key`.
    pub(crate) fn issue(&self, file: &str, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let paths = (
            self.path(&format!("{file}.pem")),
            self.path(&format!("{file}.key")),
        );
        fs::write(&paths.0, certificate.pem()).unwrap();
        fs::write(&paths.1, key.serialize_pem()).unwrap();
        paths
    }

    /// A server for `localhost`.
    pub(crate) fn server(&self) -> TlsServerConfig {
        let (certificate, key) = self.issue("localhost", "localhost");
        TlsServerConfig::new(certificate, key)
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::new(&self.server()).unwrap()
    }

    /// A client that trusts the issuer.
    pub(crate) fn client(&self) -> TlsClientConfig {
        TlsClientConfig::default().ca_file(self.path("ca.pem"))
    }

    pub(crate) fn connector(&self) -> TlsConnector {
        TlsConnector::new(&self.client()).unwrap()
    }
}
