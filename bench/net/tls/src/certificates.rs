//! A certificate for `localhost`, in the files that servers read.

use std::fs;
use std::path::PathBuf;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

pub(crate) struct Certificates {
    directory: TempDir,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate");
        let made = Self {
            directory: tempfile::tempdir().expect("a directory"),
        };
        fs::write(made.certificate(), certificate.pem()).expect("a file");
        fs::write(made.key(), key.serialize_pem()).expect("a file");
        made
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.directory.path().join("localhost.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.directory.path().join("localhost.key")
    }
}
