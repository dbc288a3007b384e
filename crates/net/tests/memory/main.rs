//! How much memory connections hold: a process of its own, so that nothing else is counted.

#![cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

#[path = "../net/certificates.rs"]
mod certificates;

use std::fs;
use std::future::poll_fn;
use std::task::Poll;

use certificates::Certificates;
use tokio::net::UnixStream;
use waterspout_net::{IoLoop, IoStream, TlsAcceptor, TlsConnector};

/// Bytes of user space that an idle encrypted connection may hold on a server.
const BOUND: usize = 4608;

/// Enough for a page more or less not to count; each takes one file.
const CONNECTIONS: usize = 600;

/// Shakes hands, has one exchange, and returns the server's end, which waits for the next one. What
/// the client held is free again, and used for the next connection.
async fn idle(acceptor: &TlsAcceptor, connector: &TlsConnector) -> IoStream {
    let (server, client) = UnixStream::pair().unwrap();
    let (server, client) = (IoStream::from_unix(server), IoStream::from_unix(client));
    let (server, client) = tokio::join!(
        acceptor.accept(server),
        connector.connect(client, "localhost")
    );
    let (mut server, mut client) = (server.unwrap(), client.unwrap());
    client.write(b"ping\n").await.unwrap();
    assert_eq!(server.read_until(b"\n", 100).await.unwrap(), "ping\n");
    server.write(b"pong\n").await.unwrap();
    assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "pong\n");
    poll_fn(|cx| {
        assert!(server.poll_fill(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    server
}

fn anonymous() -> usize {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Anonymous:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

#[test]
fn an_idle_encrypted_connection_holds_no_more_than_its_keys_and_its_state() {
    let certificates = Certificates::new();
    let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
    IoLoop::new().unwrap().run_sync(async {
        let mut streams = Vec::with_capacity(2 * CONNECTIONS);
        for _ in 0..50 {
            streams.push(idle(&acceptor, &connector).await);
        }
        let before = anonymous();
        for _ in 0..CONNECTIONS {
            streams.push(idle(&acceptor, &connector).await);
        }
        let each = (anonymous() - before) / CONNECTIONS;
        println!("{each} bytes for each idle encrypted connection");
        assert!(each <= BOUND, "{each} bytes");
    });
}
