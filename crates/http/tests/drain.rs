//! Stopping a server without losing an answer, and its limit of connections.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use waterspout_http::Exchange;
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_net::{IoLoop, Listener, bind_unix_socket};

use support::local::{Talk, serve};

#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LONG: Duration = Duration::from_secs(60);

/// A server whose handlers say that they have begun and then wait to be let go on.
struct Gated {
    server: HttpServer,
    address: SocketAddr,
    begun: Rc<Notify>,
    go_on: Rc<Notify>,
}

fn gated() -> Gated {
    let (begun, go_on) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
    let (says, waits) = (Rc::clone(&begun), Rc::clone(&go_on));
    let service = async move |mut exchange: Exchange| {
        says.notify_one();
        waits.notified().await;
        exchange.set_static_body(b"done");
        exchange
    };
    let (server, address) = serve(&ServerConfig::default(), service);
    Gated {
        server,
        address,
        begun,
        go_on,
    }
}

/// Waits until the server has stopped accepting.
async fn draining(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_drain_closes_idle_connections_at_once() {
    IoLoop::new().unwrap().run_sync(async {
        let (server, address) = serve(&ServerConfig::default(), async |exchange| exchange);
        let mut talk = Talk::connect(address).await;
        talk.send(GET).await;
        talk.hear("\r\n\r\n").await;
        assert!(server.drain(LONG).await.is_complete());
        let heard = talk.finish().await;
        assert!(heard.text.is_empty() && !heard.reset, "{heard:?}");
        assert_eq!(server.connections(), 0);
    });
}

#[test]
fn whoever_has_asked_before_a_drain_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    // What is sent over a Unix socket is there at once, whatever else the system does.
    let path = directory.path().join("socket");
    IoLoop::new().unwrap().run_sync(async {
        let (server, _) = serve(&ServerConfig::default(), async |mut exchange: Exchange| {
            exchange.set_static_body(b"done!");
            exchange
        });
        let socket = bind_unix_socket(&path, 0o600, 128).unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        let mut kept = tokio::net::UnixStream::connect(&path).await.unwrap();
        kept.write_all(GET.as_bytes()).await.unwrap();
        while kept.read_u8().await.unwrap() != b'!' {}
        // The loop sees nothing of these before the drain begins.
        let mut known = kept.into_std().unwrap();
        known.set_nonblocking(false).unwrap();
        known.write_all(GET.as_bytes()).unwrap();
        let mut clients: Vec<_> = std::iter::repeat_with(|| UnixStream::connect(&path).unwrap())
            .take(100)
            .collect();
        for client in &mut clients {
            client.write_all(GET.as_bytes()).unwrap();
        }
        assert!(server.drain(LONG).await.is_complete());
        for mut client in clients.into_iter().chain([known]) {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("done!"), "{answer:?}");
        }
        assert!(UnixStream::connect(&path).is_err());
    });
}

#[test]
fn a_drain_lets_a_request_end_and_says_close() {
    IoLoop::new().unwrap().run_sync(async {
        let gated = gated();
        let mut talk = Talk::connect(gated.address).await;
        talk.send(GET).await;
        gated.begun.notified().await;
        let server = gated.server.clone();
        let drain = tokio::task::spawn_local(async move { server.drain(LONG).await });
        draining(gated.address).await;
        gated.go_on.notify_one();
        let heard = talk.finish().await;
        assert!(
            heard.text.contains("\r\nConnection: close\r\n"),
            "{heard:?}"
        );
        assert!(heard.text.ends_with("done") && !heard.reset, "{heard:?}");
        assert!(drain.await.unwrap().is_complete());
    });
}

#[test]
fn a_drain_keeps_the_answers_that_wait_to_be_written() {
    IoLoop::new().unwrap().run_sync(async {
        let gated = gated();
        let mut talk = Talk::connect(gated.address).await;
        talk.send(&GET.repeat(2)).await;
        gated.begun.notified().await;
        gated.go_on.notify_one();
        gated.begun.notified().await;
        let server = gated.server.clone();
        let drain = tokio::task::spawn_local(async move { server.drain(LONG).await });
        draining(gated.address).await;
        gated.go_on.notify_one();
        let heard = talk.finish().await;
        assert_eq!(heard.text.matches("done").count(), 2, "{heard:?}");
        assert!(drain.await.unwrap().is_complete());
    });
}

#[test]
fn a_drain_cuts_off_what_is_busy_after_its_deadline() {
    IoLoop::new().unwrap().run_sync(async {
        let gated = gated();
        let mut talk = Talk::connect(gated.address).await;
        talk.send(GET).await;
        gated.begun.notified().await;
        let drained = gated.server.drain(Duration::ZERO).await;
        assert_eq!(drained.aborted, 1);
        assert_eq!(talk.finish().await.text, "");
    });
}

#[test]
fn what_a_drain_cuts_off_does_not_look_whole_to_http_10() {
    IoLoop::new().unwrap().run_sync(async {
        let service = async |mut exchange: Exchange| {
            exchange.write(b"part").unwrap();
            exchange.flush().await.unwrap();
            std::future::pending::<()>().await;
            exchange
        };
        let (server, address) = serve(&ServerConfig::default(), service);
        let mut talk = Talk::connect(address).await;
        talk.send("GET / HTTP/1.0\r\n\r\n").await;
        talk.hear("part").await;
        assert_eq!(server.drain(Duration::ZERO).await.aborted, 1);
        assert!(talk.finish().await.reset);
    });
}

#[test]
fn a_drained_server_accepts_no_connection() {
    IoLoop::new().unwrap().run_sync(async {
        let (server, address) = serve(&ServerConfig::default(), async |exchange| exchange);
        assert!(server.drain(LONG).await.is_complete());
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    });
}

#[test]
fn a_drain_waits_no_longer_than_the_deadline_of_a_head() {
    IoLoop::new().unwrap().run_sync(async {
        let config = ServerConfig::default().every_deadline(Duration::from_millis(200));
        let (server, address) = serve(&config, async |exchange| exchange);
        let mut talk = Talk::connect(address).await;
        talk.send("GET / HT").await;
        while server.connections() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(server.drain(LONG).await.is_complete());
    });
}

#[test]
fn a_connection_over_the_limit_waits_until_another_has_ended() {
    IoLoop::new().unwrap().run_sync(async {
        let config = ServerConfig::default().max_connections(Some(1));
        let (server, address) = serve(&config, async |exchange| exchange);
        let mut one = Talk::connect(address).await;
        one.send(GET).await;
        one.hear("\r\n\r\n").await;
        let mut other = Talk::connect(address).await;
        other.send(GET).await;
        let early = tokio::time::timeout(Duration::from_millis(50), other.stream.readable()).await;
        assert!(early.is_err() && server.connections() == 1);
        drop(one);
        assert!(
            other
                .hear("\r\n\r\n")
                .await
                .starts_with("HTTP/1.1 200 OK\r\n")
        );
    });
}
