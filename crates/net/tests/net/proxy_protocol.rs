//! Headers of the PROXY protocol, on their own and before a server.

use std::net::SocketAddr;

use proptest::prelude::*;
use tokio::net::TcpStream;

use crate::support::{logged, run};
use waterspout_net::{
    BindOptions, IoStream, PeerAddr, ProxyHeader, ProxyProtocol, TcpServer, bind_unix_socket,
};

const HEADER: &[u8] = b"PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n";

/// A server that answers each line with the peer it sees.
fn server(proxies: ProxyProtocol) -> (TcpServer<impl AsyncFn(IoStream, PeerAddr)>, u16) {
    let server = TcpServer::new(tell)
        .bind_options(BindOptions::default().address("127.0.0.1"))
        .handshake(proxies);
    server.listen(0).unwrap();
    let port = server.local_addrs()[0].port().unwrap();
    (server, port)
}

async fn tell(mut stream: IoStream, peer: PeerAddr) {
    if let Ok(line) = stream.read_until(b"\n", 200).await {
        let line = String::from_utf8_lossy(&line).into_owned();
        _ = stream.write(format!("{peer}: {line}").as_bytes()).await;
    }
}

async fn ask(port: u16, parts: &[&[u8]]) -> String {
    let mut client = IoStream::from_tcp(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    for part in parts {
        client.write(part).await.unwrap();
        tokio::task::yield_now().await;
    }
    let answer = client.read_until_close().await.unwrap_or_default();
    String::from_utf8(answer.to_vec()).unwrap()
}

fn loopback() -> ProxyProtocol {
    ProxyProtocol::new(["127.0.0.0/8".parse().unwrap()])
}

#[test]
fn the_client_of_a_trusted_proxy_is_the_peer_and_what_follows_is_kept() {
    run(async {
        let (_server, port) = server(loopback());
        let answer = ask(port, &[&[HEADER, b"hello\n"].concat()]).await;
        assert_eq!(answer, "192.0.2.1:4711: hello\n");
        let answer = ask(port, &[&HEADER[..7], &HEADER[7..], b"hello\n"]).await;
        assert_eq!(answer, "192.0.2.1:4711: hello\n");
        let answer = ask(port, &[b"PROXY UNKNOWN\r\nhello\n"]).await;
        assert!(answer.starts_with("127.0.0.1:") && answer.ends_with(": hello\n"));
    });
}

#[test]
fn others_are_served_as_they_are() {
    run(async {
        let (_server, port) = server(ProxyProtocol::new(["192.0.2.0/24".parse().unwrap()]));
        let answer = ask(port, &[HEADER]).await;
        assert!(
            answer.starts_with("127.0.0.1:") && answer.contains(": PROXY TCP4"),
            "{answer}"
        );
    });
}

#[test]
fn a_trusted_proxy_without_a_header_is_closed_and_the_log_says_what_to_do() {
    let log = logged(|| {
        run(async {
            let (_server, port) = server(loopback());
            assert_eq!(ask(port, &[b"hello\n"]).await, "");
        });
    });
    assert!(
        log.contains("no header of the PROXY protocol came"),
        "{log}"
    );
    assert!(log.contains("send-proxy"), "{log}");
}

#[test]
fn a_unix_socket_may_be_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("proxy.sock");
    run(async {
        let server = TcpServer::new(tell).handshake(loopback().trust_unix(true));
        server
            .add_sockets([bind_unix_socket(&path, 0o600, 8).unwrap()])
            .unwrap();
        let socket = tokio::net::UnixStream::connect(&path).await.unwrap();
        let mut client = IoStream::from_unix(socket);
        client.write(&[HEADER, b"hello\n"].concat()).await.unwrap();
        let answer = client.read_until_close().await.unwrap();
        assert_eq!(answer, "192.0.2.1:4711: hello\n");
    });
}

fn version1(source: SocketAddr, destination: SocketAddr) -> Vec<u8> {
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from, to) = (source.ip(), destination.ip());
    let ports = format!("{} {}", source.port(), destination.port());
    format!("PROXY {family} {from} {to} {ports}\r\n").into_bytes()
}

fn version2(source: SocketAddr, destination: SocketAddr, extensions: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    for end in [source, destination] {
        match end.ip() {
            std::net::IpAddr::V4(ip) => rest.extend(ip.octets()),
            std::net::IpAddr::V6(ip) => rest.extend(ip.octets()),
        }
    }
    rest.extend(source.port().to_be_bytes());
    rest.extend(destination.port().to_be_bytes());
    rest.extend(extensions);
    let family = if source.is_ipv4() { 0x11 } else { 0x21 };
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21".to_vec();
    header.push(family);
    header.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
    header.extend(rest);
    header
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_and_every_part_of_it_needs_more(
        four in any::<bool>(),
        ips in any::<(u128, u128)>(),
        ports in any::<(u16, u16)>(),
        extensions in proptest::collection::vec(any::<u8>(), 0..40),
        rest in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let end = |bits: u128, port: u16| -> SocketAddr {
            let [a, b, c, d, ..] = bits.to_le_bytes();
            if four {
                (std::net::Ipv4Addr::from([a, b, c, d]), port).into()
            } else {
                (std::net::Ipv6Addr::from_bits(bits), port).into()
            }
        };
        let (source, destination) = (end(ips.0, ports.0), end(ips.1, ports.1));
        for header in [version1(source, destination), version2(source, destination, &extensions)] {
            let bytes = [&header[..], &rest].concat();
            let (parsed, length) = ProxyHeader::parse(&bytes).unwrap().unwrap();
            let ProxyHeader::Client { source: from, destination: to } = parsed else {
                panic!("{parsed:?} names no client");
            };
            prop_assert_eq!((from, to, length), (source, destination, header.len()));
            for cut in 0..header.len() {
                prop_assert_eq!(ProxyHeader::parse(&header[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn any_octets_are_read_the_same_however_they_are_split(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
        signature in 0..3_usize,
    ) {
        let signatures: [&[u8]; 3] = [b"", b"PROXY TCP4 ", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"];
        let bytes = [signatures[signature], &bytes].concat();
        let whole = ProxyHeader::parse(&bytes);
        for end in 0..bytes.len() {
            let early = ProxyHeader::parse(&bytes[..end]);
            prop_assert!(early == Ok(None) || early == whole);
        }
    }
}
