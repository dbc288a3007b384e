//! tokio-rustls as its users have it, on tokio's sockets.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::UnixStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::certificates::Certificates;
use crate::memory::anonymous;

type Server = server::TlsStream<UnixStream>;
type Client = client::TlsStream<UnixStream>;

fn sides(certificates: &Certificates) -> (TlsAcceptor, TlsConnector) {
    let provider = Arc::new(default_provider());
    let certificate = CertificateDer::from_pem_file(certificates.certificate()).expect("a file");
    let key = PrivateKeyDer::from_pem_file(certificates.key()).expect("a file");
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a server");
    server.ticketer = Ticketer::new().expect("tickets");
    server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

async fn shake(acceptor: &TlsAcceptor, connector: &TlsConnector) -> (Server, Client) {
    let (one, other) = UnixStream::pair().expect("sockets");
    let name = "localhost".try_into().expect("a name");
    let (server, client) = tokio::join!(acceptor.accept(one), connector.connect(name, other));
    (server.expect("a handshake"), client.expect("a handshake"))
}

async fn turn(
    server: &mut Server,
    client: &mut Client,
    (there, back): (&[u8], &[u8]),
    (at_server, at_client): (&mut [u8], &mut [u8]),
) {
    let serve = async {
        let mut left = there.len();
        while left > 0 {
            left -= server.read(at_server).await.expect("octets");
        }
        server.write_all(back).await.expect("a write");
        server.flush().await.expect("a write");
    };
    let ask = async {
        client.write_all(there).await.expect("a write");
        client.flush().await.expect("a write");
        let mut left = back.len();
        while left > 0 {
            left -= client.read(at_client).await.expect("octets");
        }
    };
    tokio::join!(serve, ask);
}

pub(crate) async fn exchange(certificates: &Certificates, turns: u32, there: usize, back: usize) {
    let (acceptor, connector) = sides(certificates);
    let (mut server, mut client) = shake(&acceptor, &connector).await;
    let (there, back) = (vec![b'x'; there], vec![b'y'; back]);
    let mut blocks = [vec![0; 16 * 1024], vec![0; 16 * 1024]];
    let [at_server, at_client] = &mut blocks;
    for _ in 0..turns {
        let messages = (&there[..], &back[..]);
        turn(&mut server, &mut client, messages, (at_server, at_client)).await;
    }
}

pub(crate) async fn idle(certificates: &Certificates, count: u32) -> f64 {
    let (acceptor, connector) = sides(certificates);
    let mut held = Vec::with_capacity(count as usize + 50);
    let mut before = 0.0;
    let mut blocks = [[0; 100]; 2];
    for number in 0..count + 50 {
        if number == 50 {
            before = anonymous();
        }
        let (mut server, mut client) = shake(&acceptor, &connector).await;
        let [at_server, at_client] = &mut blocks;
        let messages = (&b"ping"[..], &b"pong"[..]);
        turn(&mut server, &mut client, messages, (at_server, at_client)).await;
        poll_fn(|cx| {
            let mut room = ReadBuf::new(at_server);
            let polled = Pin::new(&mut server).poll_read(cx, &mut room);
            assert!(polled.is_pending(), "it waits");
            Poll::Ready(())
        })
        .await;
        // In a box, as a task holds it.
        held.push(Box::new(server));
    }
    (anonymous() - before) / f64::from(count)
}
