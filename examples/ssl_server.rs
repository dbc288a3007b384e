//! A TLS server that answers each line in capitals, and reads its certificate anew when it changes:
//! `cargo run --release --example ssl_server -- cert.pem key.pem 8443`
//!
//! A certificate to try it with, and a client:
//!
//! ```text
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
//!     -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost
//! openssl s_client -quiet -connect localhost:8443 -CAfile cert.pem
//! ```

use std::io;
use std::path::PathBuf;

use clap::Parser;
use waterspout::net::{
    IoLoop, IoStream, PeerAddr, StreamError, TcpServer, TlsAcceptor, TlsServerConfig,
};

#[derive(Debug, Parser)]
struct Flags {
    /// PEM file with the certificate, and those that lead to its issuer.
    certificate: PathBuf,
    /// PEM file with the private key.
    key: PathBuf,
    /// Port to listen on.
    #[arg(default_value_t = 8443)]
    port: u16,
}

async fn shout(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        let line = match stream.read_until(b"\n", 64 * 1024).await {
            Err(StreamError::Closed(_)) => return Ok(()),
            read => read?,
        };
        stream.write(&line.to_ascii_uppercase()).await?;
    }
}

fn main() -> io::Result<()> {
    let flags = Flags::parse();
    tracing_subscriber::fmt().init();
    let tls = TlsAcceptor::new(&TlsServerConfig::new(flags.certificate, flags.key))?;
    let server = TcpServer::new(shout).handshake(tls);
    let io_loop = IoLoop::new()?;
    io_loop.run_sync(async { server.listen(flags.port) })?;
    for address in server.local_addrs() {
        println!("listening on {address}");
    }
    io_loop.start();
    Ok(())
}

#[cfg(test)]
mod tests {

    use std::fs;

    use rcgen::{CertificateParams, KeyPair};
    use waterspout::net::{BindOptions, ConnectOptions, TcpClient, TlsClientConfig, TlsConnector};

    use super::*;

    #[test]
    fn a_line_comes_back_in_capitals_over_tls() {
        let directory = tempfile::tempdir().unwrap();
        let path = |file| directory.path().join(file);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        fs::write(
            path("cert.pem"),
            certificate.self_signed(&key).unwrap().pem(),
        )
        .unwrap();
        fs::write(path("key.pem"), key.serialize_pem()).unwrap();

        let config = TlsServerConfig::new(path("cert.pem"), path("key.pem"));
        let server = TcpServer::new(shout)
            .bind_options(BindOptions::default().address("127.0.0.1"))
            .handshake(TlsAcceptor::new(&config).unwrap());
        let trust = TlsClientConfig::default().ca_file(path("cert.pem"));
        let trust = TlsConnector::new(&trust).unwrap();
        IoLoop::new().unwrap().run_sync(async {
            server.listen(0).unwrap();
            let port = server.local_addrs()[0].port().unwrap();
            let (client, options) = (TcpClient::new(), ConnectOptions::default());
            let stream = client
                .connect_tls("localhost", port, &trust, &options)
                .await;
            let mut stream = stream.unwrap();
            stream.write(b"hello\n").await.unwrap();
            assert_eq!(stream.read_until(b"\n", 100).await.unwrap(), "HELLO\n");
        });
    }
}
