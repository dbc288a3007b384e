//! Accepting connections.

use std::env;
use std::future::{Future, poll_fn};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::task::Poll;
use std::time::Duration;

use crate::support::{logged, loopback, run};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::time::sleep;
use waterspout_net::{IoStream, Listener, PeerAddr, bind_unix_socket};

#[test]
fn accepts_tcp_connections_and_names_the_client() {
    run(async {
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let mut listener = Listener::from_bound(socket).unwrap();
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (_stream, peer) = listener.accept().await;
        assert_eq!(peer, PeerAddr::Tcp(client.local_addr().unwrap()));
    });
}

#[test]
fn accepts_unix_connections() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let socket = bind_unix_socket(&path, 0o600, 16).unwrap();
    run(async {
        let mut listener = Listener::from_bound(socket).unwrap();
        let _client = UnixStream::connect(&path).unwrap();
        let (_stream, peer) = listener.accept().await;
        assert_eq!(peer, PeerAddr::Unix);
        assert_eq!(peer.to_string(), "unix:");
    });
}

#[test]
fn clients_of_a_unix_socket_wait_while_its_backlog_is_full() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let socket = bind_unix_socket(&path, 0o600, 1).unwrap();
    run(async {
        let mut listener = Listener::from_bound(socket).unwrap();
        let connect = || tokio::task::spawn_local(IoStream::connect_unix(path.clone()));
        let clients: Vec<_> = (0..10).map(|_| connect()).collect();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        for _ in &clients {
            listener.accept().await;
        }
        for client in clients {
            client.await.unwrap().unwrap();
        }
    });
}

#[test]
fn an_accept_that_is_dropped_loses_no_connection() {
    run(async {
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let mut listener = Listener::from_bound(socket).unwrap();
        {
            let mut accept = std::pin::pin!(listener.accept());
            poll_fn(|cx| {
                assert!(accept.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        let _client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        listener.accept().await;
    });
}

#[test]
fn a_connection_that_was_reset_before_it_is_accepted_does_no_harm() {
    run(async {
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let mut listener = Listener::from_bound(socket).unwrap();
        let reset = TcpStream::connect(("127.0.0.1", port)).unwrap();
        socket2::SockRef::from(&reset)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(reset);
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let expected = PeerAddr::Tcp(client.local_addr().unwrap());
        while listener.accept().await.1 != expected {}
    });
}

/// Set in the process that may run out of descriptors.
const IN_CHILD: &str = "WATERSPOUT_TEST_FEW_FILES";

/// Lowers the limit of open files, so it runs in a process of its own.
#[test]
fn accepting_goes_on_when_descriptors_are_free_again() {
    if env::var_os(IN_CHILD).is_some() {
        return run_out_of_files();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "listener::accepting_goes_on_when_descriptors_are_free_again",
            "--nocapture",
        ])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{output:?}"
    );
}

fn run_out_of_files() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 64, hard).unwrap();
    let log = logged(|| {
        run(async {
            let socket = loopback();
            let port = socket.local_addr().unwrap().port().unwrap();
            let mut listener = Listener::from_bound(socket).unwrap();
            let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let mut hoard = Vec::new();
            while let Ok(clone) = client.try_clone() {
                hoard.push(clone);
            }
            // The first wait is 100 ms and the second 200 ms: at 250 ms two attempts have failed.
            let early = tokio::time::timeout(Duration::from_millis(250), listener.accept()).await;
            assert!(early.is_err());
            drop(hoard);
            let (_stream, peer) = listener.accept().await;
            assert_eq!(peer, PeerAddr::Tcp(client.local_addr().unwrap()));
            sleep(Duration::ZERO).await;
        });
    });
    assert_eq!(
        log.matches("cannot accept connections for now").count(),
        1,
        "{log}"
    );
    assert!(log.contains("ulimit -n"), "{log}");
}
