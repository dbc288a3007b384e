//! Single calls on plain sockets.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;

use crate::io_stream::fairness::count_turns;
use crate::io_stream::pairs::{octets, once};
use crate::support::run;
use waterspout_net::{
    sock_accept, sock_connect, sock_recv, sock_recv_from, sock_recv_into, sock_send_to,
    sock_sendall,
};

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let (client, accepted) = tokio::join!(sock_connect(address), sock_accept(&listener));
    (client.unwrap(), accepted.unwrap().0)
}

#[test]
fn a_conversation_over_plain_sockets() {
    run(async {
        let (client, server) = pair().await;
        let (received, sent) = tokio::join!(sock_recv(&server, 5), async {
            tokio::task::yield_now().await;
            sock_sendall(&client, b"hello").await
        });
        sent.unwrap();
        assert_eq!(received.unwrap(), "hello");
        drop(client);
        let mut buffer = [0; 10];
        assert_eq!(sock_recv_into(&server, &mut buffer).await.unwrap(), 0);
    });
}

#[test]
fn a_receive_and_a_send_may_wait_on_the_same_socket() {
    run(async {
        let (client, server) = pair().await;
        let message = octets(16 << 20);
        let mut came = Vec::new();
        let (received, sent, ()) = tokio::join!(
            sock_recv(&client, 10),
            sock_sendall(&client, &message),
            async {
                while came.len() < message.len() {
                    came.extend(sock_recv(&server, 1 << 20).await.unwrap());
                }
                sock_sendall(&server, b"thanks").await.unwrap();
            }
        );
        sent.unwrap();
        assert_eq!(received.unwrap(), "thanks");
        assert!(came == message);
    });
}

#[test]
fn calls_that_are_dropped_lose_nothing() {
    run(async {
        let listener = listener();
        assert!(once(sock_accept(&listener)).await.is_none());
        let client = sock_connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = sock_accept(&listener).await.unwrap();
        assert!(once(sock_recv(&server, 10)).await.is_none());
        sock_sendall(&client, b"kept").await.unwrap();
        assert_eq!(sock_recv(&server, 10).await.unwrap(), "kept");
    });
}

#[test]
fn a_task_that_never_has_to_wait_lets_others_run() {
    run(async {
        let (client, server) = pair().await;
        let turns = count_turns();
        let answering = tokio::task::spawn_local(async move {
            for _ in 0..500 {
                sock_sendall(&client, b"question").await.unwrap();
                assert_eq!(sock_recv(&server, 100).await.unwrap(), "question");
            }
        });
        answering.await.unwrap();
        assert!(turns.get() >= 4, "{} turns", turns.get());
    });
}

#[test]
fn datagrams_go_both_ways() {
    run(async {
        let sockets = [(); 2].map(|()| {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        });
        let [one, other] = &sockets;
        let to = other.local_addr().unwrap();
        let (received, sent) =
            tokio::join!(sock_recv_from(other), sock_send_to(one, b"datagram", to));
        assert_eq!(sent.unwrap(), 8);
        assert_eq!(
            received.unwrap(),
            ("datagram".into(), one.local_addr().unwrap())
        );
    });
}

#[test]
fn a_blocking_socket_is_an_error_that_says_what_to_do() {
    run(async {
        let (one, _other) = UnixStream::pair().unwrap();
        let error = sock_recv(&one, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(
            error.to_string().contains("set_nonblocking(true)"),
            "{error}"
        );
        one.set_nonblocking(true).unwrap();
        assert!(once(sock_recv(&one, 1)).await.is_none());
    });
}

#[test]
fn a_refused_connection_is_an_error() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    run(async {
        let error = sock_connect(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}
