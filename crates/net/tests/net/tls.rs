//! TLS between two ends of a socket, and on servers.

use std::fs;
use std::io::{Read, Write};

use tokio::net::{TcpStream, UnixStream};

use crate::certificates::Certificates;
use crate::support::{logged, run};
use tokio::task::{spawn_local, yield_now};
use waterspout_net::{
    BindOptions, ClientCertificates, IoStream, PeerAddr, SharedStream, StreamError, TcpServer,
    TlsAcceptor, TlsClientConfig, TlsConnector, TlsError, TlsServerConfig,
};

type Side = Result<IoStream, TlsError>;

fn pair() -> (IoStream, IoStream) {
    let (one, other) = UnixStream::pair().unwrap();
    (IoStream::from_unix(one), IoStream::from_unix(other))
}

/// Shakes hands over a socket; returns what the server has and what the client has.
async fn shake(acceptor: &TlsAcceptor, connector: &TlsConnector, name: &str) -> (Side, Side) {
    let (server, client) = pair();
    tokio::join!(acceptor.accept(server), connector.connect(client, name))
}

async fn encrypted(certificates: &Certificates) -> (IoStream, IoStream) {
    let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
    let (server, client) = shake(&acceptor, &connector, "localhost").await;
    (server.unwrap(), client.unwrap())
}

async fn echo(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        let line = stream.read_until(b"\n", 1000).await?;
        stream.write(&line).await?;
    }
}

fn echo_server(acceptor: TlsAcceptor) -> (impl Sized, u16) {
    let server = TcpServer::new(echo)
        .bind_options(BindOptions::default().address("127.0.0.1"))
        .handshake(acceptor);
    server.listen(0).unwrap();
    let port = server.local_addrs()[0].port().unwrap();
    (server, port)
}

#[test]
fn octets_pass_both_ways_and_both_sides_know_what_was_agreed() {
    let certificates = Certificates::new();
    run(async {
        let acceptor = TlsAcceptor::new(&certificates.server().alpn(["b", "a"])).unwrap();
        let connector = TlsConnector::new(&certificates.client().alpn(["a", "b"])).unwrap();
        let (server, client) = shake(&acceptor, &connector, "localhost").await;
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        client.write(b"hello\n").await.unwrap();
        assert_eq!(server.read_until(b"\n", 100).await.unwrap(), "hello\n");
        server.write(b"bye\n").await.unwrap();
        assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "bye\n");

        let (at_server, at_client) = (server.tls_info().unwrap(), client.tls_info().unwrap());
        assert!(server.is_tls());
        assert_eq!(at_server.version, "TLSv1_3");
        assert_eq!(at_server.server_name.as_deref(), Some("localhost"));
        assert_eq!(at_server.alpn.as_deref(), Some("b"));
        assert_eq!(at_client.alpn.as_deref(), Some("b"));
        assert_eq!(at_client.cipher_suite, at_server.cipher_suite);
        assert_eq!(at_client.peer_certificates.len(), 1);
    });
}

#[test]
fn megabytes_pass_both_ways_at_once() {
    let certificates = Certificates::new();
    run(async {
        let (mut server, mut client) = encrypted(&certificates).await;
        let sent: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let bounced = async {
            let all = server.read_bytes(sent.len()).await.unwrap();
            server.enqueue_bytes(all);
            server.flush().await.unwrap();
        };
        let back = async {
            client.write(&sent).await.unwrap();
            client.read_bytes(sent.len()).await.unwrap()
        };
        let ((), back) = tokio::join!(bounced, back);
        assert!(back == sent);
    });
}

#[test]
fn the_certificate_is_chosen_by_the_name_that_the_client_asks_for() {
    let certificates = Certificates::new();
    let (other, other_key) = certificates.issue("other", "other.example");
    let (wild, wild_key) = certificates.issue("wild", "*.wild.example");
    let config = certificates
        .server()
        .certificate_for("Other.example", other, other_key)
        .certificate_for("*.wild.example", wild, wild_key);
    run(async {
        let acceptor = TlsAcceptor::new(&config).unwrap();
        let connector = certificates.connector();
        for name in [
            "localhost",
            "other.example",
            "a.wild.example",
            "OTHER.example.",
        ] {
            let (_, client) = shake(&acceptor, &connector, name).await;
            client.unwrap();
        }
        let (_, client) = shake(&acceptor, &connector, "a.b.wild.example").await;
        assert!(client.unwrap_err().is_certificate());
    });
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let certificates = Certificates::new();
    let (own, own_key) = certificates.issue("client", "alice");
    let ca = certificates.path("ca.pem");
    run(async {
        let required = ClientCertificates::Required(ca.clone());
        let required = TlsAcceptor::new(&certificates.server().client_certificates(required));
        let required = required.unwrap();
        let nobody = certificates.connector();
        let (server, _) = shake(&required, &nobody, "localhost").await;
        let error = server.unwrap_err().to_string();
        assert_eq!(
            error,
            "TLS handshake with a client failed: the client gave no certificate"
        );

        let alice = TlsConnector::new(&certificates.client().certificate(own, own_key)).unwrap();
        let (server, client) = shake(&required, &alice, "localhost").await;
        assert_eq!(
            server.unwrap().tls_info().unwrap().peer_certificates.len(),
            1
        );
        client.unwrap();

        let optional = ClientCertificates::Optional(ca);
        let optional = TlsAcceptor::new(&certificates.server().client_certificates(optional));
        let (server, _) = shake(&optional.unwrap(), &nobody, "localhost").await;
        assert!(
            server
                .unwrap()
                .tls_info()
                .unwrap()
                .peer_certificates
                .is_empty()
        );
    });
}

#[test]
fn a_session_is_resumed_on_the_second_connection() {
    let certificates = Certificates::new();
    run(async {
        let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
        for resumed in [false, true] {
            let (server, client) = shake(&acceptor, &connector, "localhost").await;
            let (mut server, mut client) = (server.unwrap(), client.unwrap());
            // The tickets come with the first octets that the client reads.
            server.write(b"x").await.unwrap();
            client.read_bytes(1).await.unwrap();
            assert_eq!(server.tls_info().unwrap().resumed, resumed);
        }
    });
}

#[test]
fn new_certificates_hold_for_new_connections_and_open_ones_go_on() {
    let certificates = Certificates::new();
    run(async {
        let acceptor = certificates.acceptor();
        let connector = certificates.connector();
        let (server, client) = shake(&acceptor, &connector, "localhost").await;
        let (mut server, mut client) = (server.unwrap(), client.unwrap());

        certificates.issue("localhost", "renewed.example");
        acceptor.reload().unwrap();
        let (_, renewed) = shake(&acceptor, &connector, "renewed.example").await;
        renewed.unwrap();
        client.write(b"still here\n").await.unwrap();
        assert_eq!(server.read_until(b"\n", 100).await.unwrap(), "still here\n");

        fs::write(certificates.path("localhost.key"), "garbage").unwrap();
        acceptor.reload().unwrap_err();
        let (_, still) = shake(&acceptor, &connector, "renewed.example").await;
        still.unwrap();
    });
}

#[test]
fn a_server_reads_the_files_anew_at_sighup_and_when_they_change() {
    for by_signal in [true, false] {
        let certificates = Certificates::new();
        let interval = (!by_signal).then(|| std::time::Duration::from_millis(5));
        run(async {
            let config = certificates.server().reload_interval(interval);
            let (_server, port) = echo_server(TlsAcceptor::new(&config).unwrap());
            let connector = certificates.connector();
            let connect = async |name| {
                let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                connector.connect(IoStream::from_tcp(socket), name).await
            };
            let mut open = connect("localhost").await.unwrap();
            certificates.issue("localhost", "renewed.example");
            if by_signal {
                nix::sys::signal::raise(nix::sys::signal::Signal::SIGHUP).unwrap();
            }
            while connect("renewed.example").await.is_err() {}
            open.write(b"still here\n").await.unwrap();
            assert_eq!(open.read_until(b"\n", 100).await.unwrap(), "still here\n");
        });
    }
}

#[test]
fn files_that_cannot_be_used_are_errors_that_name_them() {
    let certificates = Certificates::new();
    let (good, key) = certificates.issue("good", "localhost");
    let (_, other_key) = certificates.issue("other", "localhost");
    let missing = certificates.path("missing.pem");
    let garbage = certificates.path("garbage.pem");
    fs::write(&garbage, "no certificate").unwrap();
    let error = |certificate, key| {
        let config = TlsServerConfig::new(certificate, key);
        TlsAcceptor::new(&config).unwrap_err().to_string()
    };
    assert!(error(&missing, &key).starts_with("cannot read the certificate file"));
    assert!(error(&good, &missing).starts_with("cannot read the key file"));
    let directory = certificates.path("");
    assert!(error(&good, &directory).starts_with("cannot read the key file"));
    assert!(error(&garbage, &key).starts_with("no certificate in"));
    assert!(error(&good, &garbage).starts_with("no private key in"));
    assert!(error(&good, &other_key).contains("is not that of the first certificate"));
    assert!(error(&good, &missing).contains("missing.pem"));
    let config = TlsClientConfig::default().ca_file(&missing);
    TlsConnector::new(&config).unwrap_err();
}

#[test]
fn a_server_that_is_not_trusted_or_has_another_name_is_refused() {
    let (ours, theirs) = (Certificates::new(), Certificates::new());
    run(async {
        let acceptor = ours.acceptor();
        let (_, stranger) = shake(&acceptor, &theirs.connector(), "localhost").await;
        let (_, renamed) = shake(&acceptor, &ours.connector(), "example.org").await;
        for error in [stranger.unwrap_err(), renamed.unwrap_err()] {
            assert!(error.is_certificate());
            assert!(error.to_string().contains("the certificate is not trusted"));
        }
        let careless = TlsConnector::new(&TlsClientConfig::default().verify(false)).unwrap();
        let (_, client) = shake(&acceptor, &careless, "anything.example").await;
        client.unwrap();
        let (_, client) = shake(&acceptor, &ours.connector(), "no name").await;
        let error = client.unwrap_err().to_string();
        assert!(error.contains("neither a host name nor an IP address"));
    });
}

#[test]
fn plain_text_on_an_encrypted_port_is_closed_and_explained() {
    let certificates = Certificates::new();
    let log = logged(|| {
        run(async {
            let (_server, port) = echo_server(certificates.acceptor());
            let client = tokio::task::spawn_blocking(move || {
                let mut client = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
                client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
                let mut rest = Vec::new();
                client.read_to_end(&mut rest)
            });
            _ = client.await.unwrap();
        });
    });
    assert!(
        log.contains("does the other side speak plain text"),
        "{log}"
    );
}

#[test]
fn a_client_that_says_nothing_is_closed_in_time() {
    let certificates = Certificates::new();
    run(async {
        let server = TcpServer::new(async |_: IoStream, _: PeerAddr| {})
            .bind_options(BindOptions::default().address("127.0.0.1"))
            .handshake(certificates.acceptor())
            .handshake_timeout(std::time::Duration::from_millis(20));
        server.listen(0).unwrap();
        let port = server.local_addrs()[0].port().unwrap();
        let mut client = IoStream::from_tcp(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        assert_eq!(client.fill().await.unwrap(), 0);
    });
}

#[test]
fn tls_starts_in_the_middle_of_a_conversation() {
    let certificates = Certificates::new();
    run(async {
        let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
        let (mut server, mut client) = pair();
        let serve = async {
            assert_eq!(server.read_until(b"\n", 100).await.unwrap(), "STARTTLS\n");
            server.write(b"go ahead\n").await.unwrap();
            let mut server = server.start_tls_server(&acceptor).await.unwrap();
            server.write(b"secret\n").await.unwrap();
            server.close().await;
        };
        let ask = async {
            client.write(b"STARTTLS\n").await.unwrap();
            assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "go ahead\n");
            let mut client = client
                .start_tls_client(&connector, "localhost")
                .await
                .unwrap();
            client.read_until_close().await.unwrap()
        };
        assert_eq!(tokio::join!(serve, ask).1, "secret\n");
    });
}

#[test]
fn tls_refuses_to_start_while_plain_octets_are_buffered() {
    let certificates = Certificates::new();
    run(async {
        let (mut server, mut client) = pair();
        client.write(b"STARTTLS\nsmuggled\n").await.unwrap();
        server.read_until(b"\n", 100).await.unwrap();
        let error = server
            .start_tls_server(&certificates.acceptor())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("octets are still buffered"));

        // An answer that carries more than it should is not taken for the server's handshake either.
        let (mut server, mut client) = pair();
        server.write(b"go ahead\nsmuggled\n").await.unwrap();
        client.read_until(b"\n", 100).await.unwrap();
        let connector = certificates.connector();
        let error = client.start_tls_client(&connector, "localhost").await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains("octets are still buffered"), "{text}");
    });
}

#[test]
fn a_stream_that_is_dropped_ends_in_order_and_a_cut_is_an_error() {
    let certificates = Certificates::new();
    run(async {
        let (mut server, mut client) = encrypted(&certificates).await;
        server.write(b"all of it").await.unwrap();
        drop(server);
        assert_eq!(client.read_until_close().await.unwrap(), "all of it");

        let (mut server, mut client) = encrypted(&certificates).await;
        server.write(b"a part").await.unwrap();
        server.reset_on_close().unwrap();
        drop(server);
        client.read_until_close().await.unwrap_err();
    });
}

#[test]
fn a_client_that_leaves_after_any_octet_of_its_first_message_ends_the_handshake() {
    let certificates = Certificates::new();
    run(async {
        let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
        let (mut wire, client) = pair();
        let hello = tokio::select! {
            _ = connector.connect(client, "localhost") => unreachable!("nobody answers"),
            filled = wire.fill() => wire.buffered()[..filled.unwrap()].to_vec(),
        };
        for end in 0..hello.len() {
            let (server, mut client) = pair();
            client.write(&hello[..end]).await.unwrap();
            drop(client);
            acceptor.accept(server).await.unwrap_err();
        }
    });
}

#[test]
fn a_write_that_has_ended_leaves_nothing_that_waits_for_the_next() {
    let certificates = Certificates::new();
    run(async {
        let (server, mut client) = encrypted(&certificates).await;
        let server = SharedStream::new(server);
        // Some of these are a little more than the socket takes.
        for count in (1..60).map(|step| step * 10_000) {
            let stream = server.clone();
            let write = spawn_local(async move { stream.write(&vec![7; count]).await });
            for _ in 0..20 {
                yield_now().await;
            }
            assert_eq!(server.writing(), !write.is_finished());
            assert!(client.read_bytes(count).await.unwrap() == vec![7; count]);
            write.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_read_that_is_dropped_loses_nothing() {
    let certificates = Certificates::new();
    run(async {
        let (mut server, mut client) = encrypted(&certificates).await;
        for part in ["one ", "two "] {
            client.write(part.as_bytes()).await.unwrap();
            let before = server.buffered().len();
            // Dropped after the part has come and before the line is complete.
            while server.buffered().len() == before {
                tokio::select! {
                    biased;
                    _ = server.read_until(b"\n", 100) => unreachable!("the line has no end yet"),
                    () = tokio::task::yield_now() => {}
                }
            }
        }
        client.write(b"three\n").await.unwrap();
        assert_eq!(
            server.read_until(b"\n", 100).await.unwrap(),
            "one two three\n"
        );
    });
}
