//! Waterspout's streams.

use std::future::poll_fn;
use std::task::Poll;

use tokio::net::UnixStream;
use waterspout_net::{IoStream, TlsAcceptor, TlsClientConfig, TlsConnector, TlsServerConfig};

use crate::certificates::Certificates;
use crate::memory::anonymous;

fn sides(certificates: &Certificates) -> (TlsAcceptor, TlsConnector) {
    let server = TlsServerConfig::new(certificates.certificate(), certificates.key());
    let client = TlsClientConfig::default().ca_file(certificates.certificate());
    (
        TlsAcceptor::new(&server).expect("a server"),
        TlsConnector::new(&client).expect("a client"),
    )
}

async fn shake(acceptor: &TlsAcceptor, connector: &TlsConnector) -> (IoStream, IoStream) {
    let (one, other) = UnixStream::pair().expect("sockets");
    let (server, client) = tokio::join!(
        acceptor.accept(IoStream::from_unix(one)),
        connector.connect(IoStream::from_unix(other), "localhost")
    );
    (server.expect("a handshake"), client.expect("a handshake"))
}

async fn turn(server: &mut IoStream, client: &mut IoStream, there: &[u8], back: &[u8]) {
    let serve = async {
        let mut left = there.len();
        while left > 0 {
            left -= server.fill().await.expect("octets");
            server.consume(server.buffered().len());
        }
        server.release_input();
        server.write(back).await.expect("a write");
    };
    let ask = async {
        client.write(there).await.expect("a write");
        let mut left = back.len();
        while left > 0 {
            left -= client.fill().await.expect("octets");
            client.consume(client.buffered().len());
        }
        client.release_input();
    };
    tokio::join!(serve, ask);
}

pub(crate) async fn exchange(certificates: &Certificates, turns: u32, there: usize, back: usize) {
    let (acceptor, connector) = sides(certificates);
    let (mut server, mut client) = shake(&acceptor, &connector).await;
    let (there, back) = (vec![b'x'; there], vec![b'y'; back]);
    for _ in 0..turns {
        turn(&mut server, &mut client, &there, &back).await;
    }
}

pub(crate) async fn idle(certificates: &Certificates, count: u32) -> f64 {
    let (acceptor, connector) = sides(certificates);
    let mut held = Vec::with_capacity(count as usize + 50);
    let mut before = 0.0;
    for number in 0..count + 50 {
        if number == 50 {
            before = anonymous();
        }
        let (mut server, mut client) = shake(&acceptor, &connector).await;
        turn(&mut server, &mut client, b"ping", b"pong").await;
        poll_fn(|cx| {
            assert!(server.poll_fill(cx).is_pending(), "it waits");
            Poll::Ready(())
        })
        .await;
        held.push(server);
    }
    (anonymous() - before) / f64::from(count)
}
