//! Starts the testbed with its flags for TLS and talks to it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use rcgen::{CertificateParams, KeyPair};
use waterspout::http::client::{HttpClient, HttpRequest};
use waterspout::net::IoLoop;

use crate::{program, testbed};

/// Writes a certificate for `localhost`, and its key beside it.
fn issue(directory: &Path) {
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    fs::write(directory.join("key.pem"), pair.serialize_pem()).unwrap();
    fs::write(
        directory.join("cert.pem"),
        params.self_signed(&pair).unwrap().pem(),
    )
    .unwrap();
}

/// The testbed with a certificate and its key.
fn with_tls(directory: &Path) -> Command {
    let mut command = Command::new(program("testbed"));
    command
        .arg("--tls-cert")
        .arg(directory.join("cert.pem"))
        .arg("--tls-key")
        .arg(directory.join("key.pem"));
    command
}

/// Fetches a page over a connection of its own, trusting what lies in a file.
async fn fetch(url: &str, trusted: &Path) -> Result<String, String> {
    let request = HttpRequest::get(format!("{url}/plaintext")).ca_certs(trusted);
    let response = HttpClient::new().fetch(request).await;
    response
        .map(|response| response.text().into_owned())
        .map_err(|error| error.to_string())
}

#[test]
fn the_testbed_speaks_https_and_takes_a_new_certificate_at_sighup() {
    let directory = tempfile::tempdir().unwrap();
    issue(directory.path());
    IoLoop::new().unwrap().run_sync(async {
        let (server, _stdout, url) = testbed(with_tls(directory.path())).await;
        let trusted = directory.path().join("cert.pem");
        assert_eq!(fetch(&url, &trusted).await.unwrap(), "Hello, World!");
        issue(directory.path());
        fetch(&url, &trusted).await.unwrap_err();
        server.send_signal(1).unwrap();
        while fetch(&url, &trusted).await.is_err() {}
        server.terminate().unwrap();
        server.wait_for_success().await.unwrap();
    });
}

#[test]
fn half_of_a_pair_and_a_file_that_is_missing_are_refused_by_name() {
    let refused = |arguments: &[&str]| {
        let output = Command::new(program("testbed"))
            .args(["--port", "0"])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let half = refused(&["--tls-cert", "cert.pem"]);
    assert!(half.contains("--tls-key"), "{half}");
    let missing = refused(&[
        "--tls-cert",
        "/nowhere/cert.pem",
        "--tls-key",
        "/nowhere/key.pem",
    ]);
    assert!(missing.contains("/nowhere/cert.pem"), "{missing}");
}
