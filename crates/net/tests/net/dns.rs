//! Look-ups at a name server of the test's own, over UDP and TCP on the loopback address.

use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use crate::support::{loopback, run};
use waterspout_net::{
    ConnectOptions, DnsConfig, DnsResolver, Family, Listener, ResolveError, Resolver, TcpClient,
};

const A: u16 = 1;
const AAAA: u16 = 28;
const NO_SUCH_NAME: u8 = 3;

/// What a name server says to a question for a name and a type.
enum Answer {
    Addresses(&'static [&'static str]),
    Code(u8),
    /// Ask again over TCP.
    TooLong,
    Silence,
}

/// Takes the name and type out of a query, and returns how long the question is (RFC 1035 §4.1.2).
fn question(query: &[u8]) -> (String, u16, usize) {
    let (mut name, mut at) = (String::new(), 12);
    while query[at] > 0 {
        let end = at + 1 + usize::from(query[at]);
        name += &String::from_utf8_lossy(&query[at + 1..end]);
        name.push('.');
        at = end;
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    (name.to_ascii_lowercase(), kind, at + 5)
}

/// Writes a response (RFC 1035 §4.1): the question again, and a record for each address.
fn response(query: &[u8], answer: &Answer) -> Option<Vec<u8>> {
    let (_, kind, end) = question(query);
    let (code, truncated, addresses) = match answer {
        Answer::Silence => return None,
        Answer::TooLong => (0, 2, &[][..]),
        Answer::Code(code) => (*code, 0, &[][..]),
        Answer::Addresses(addresses) => (0, 0, *addresses),
    };
    let ips = addresses
        .iter()
        .map(|text| text.parse::<IpAddr>().unwrap())
        .filter(|ip| ip.is_ipv4() == (kind == A));
    let ips: Vec<_> = ips.collect();
    let count = u8::try_from(ips.len()).unwrap();
    let mut bytes = query[..2].to_vec();
    bytes.extend([0x81 | truncated, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    bytes.extend(&query[12..end]);
    for ip in ips {
        bytes.extend([0xc0, 12, 0]);
        bytes.extend([kind.to_be_bytes()[1], 0, 1, 0, 0, 0, 60, 0]);
        match ip {
            IpAddr::V4(ip) => bytes.extend([&[4][..], &ip.octets()].concat()),
            IpAddr::V6(ip) => bytes.extend([&[16][..], &ip.octets()].concat()),
        }
    }
    Some(bytes)
}

/// A name server on the loop. It counts the questions over UDP.
struct Server {
    address: SocketAddr,
    asked: Rc<Cell<u32>>,
}

async fn serve(answer: impl Fn(&str, u16, bool) -> Answer + 'static) -> Server {
    // The same port must be free for both.
    let (tcp, udp) = loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (tcp, udp);
        }
    };
    let address = tcp.local_addr().unwrap();
    let (answer, asked) = (Rc::new(answer), Rc::new(Cell::new(0)));
    let (over_udp, count) = (Rc::clone(&answer), Rc::clone(&asked));
    tokio::task::spawn_local(async move {
        let mut query = [0; 1500];
        loop {
            let (length, peer) = udp.recv_from(&mut query).await.unwrap();
            count.set(count.get() + 1);
            let (name, kind, _) = question(&query[..length]);
            if let Some(bytes) = response(&query[..length], &over_udp(&name, kind, false)) {
                udp.send_to(&bytes, peer).await.unwrap();
            }
        }
    });
    tokio::task::spawn_local(async move {
        loop {
            let (mut stream, _) = tcp.accept().await.unwrap();
            let answer = Rc::clone(&answer);
            tokio::task::spawn_local(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut query = vec![0; usize::from(length)];
                    stream.read_exact(&mut query).await.unwrap();
                    let (name, kind, _) = question(&query);
                    let bytes = response(&query, &answer(&name, kind, true)).unwrap();
                    let length = u16::try_from(bytes.len()).unwrap();
                    stream.write_u16(length).await.unwrap();
                    stream.write_all(&bytes).await.unwrap();
                }
            });
        }
    });
    Server { address, asked }
}

fn config(server: &Server) -> DnsConfig {
    DnsConfig::default().server(server.address).hosts_file(None)
}

fn resolver(server: &Server) -> DnsResolver {
    DnsResolver::new(&config(server)).unwrap()
}

async fn look_up(
    resolver: &DnsResolver,
    host: &str,
    family: Family,
) -> Result<Vec<String>, ResolveError> {
    let found = resolver.resolve(host, 7, family).await?;
    let mut found: Vec<_> = found.iter().map(SocketAddr::to_string).collect();
    found.sort();
    Ok(found)
}

#[test]
fn both_kinds_of_addresses_are_found_and_a_family_chooses_among_them() {
    run(async {
        let answer = |name: &str, _, _| match name {
            "both.example." => Answer::Addresses(&["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
            _ => Answer::Addresses(&["192.0.2.3"]),
        };
        let server = serve(answer).await;
        let resolver = resolver(&server);
        let both = look_up(&resolver, "both.example", Family::Any).await;
        let all = ["192.0.2.1:7", "192.0.2.2:7", "[2001:db8::1]:7"];
        assert_eq!(both.unwrap(), all);
        let six = look_up(&resolver, "Both.Example.", Family::V6).await;
        assert_eq!(six.unwrap(), ["[2001:db8::1]:7"]);
        let none = look_up(&resolver, "four.example", Family::V6).await;
        let text = none.unwrap_err().to_string();
        assert_eq!(
            text,
            "\"four.example\" has no IPv6 address: allow Family::Any"
        );
    });
}

#[test]
fn a_name_with_an_underscore_is_looked_up() {
    run(async {
        let answer = |name: &str, _, _| match name {
            "my_service." | "_my_.service.example." => Answer::Addresses(&["192.0.2.4"]),
            _ => Answer::Code(NO_SUCH_NAME),
        };
        let server = serve(answer).await;
        for name in ["my_service", "_my_.service.example"] {
            let found = look_up(&resolver(&server), name, Family::Any).await;
            assert_eq!(found.unwrap(), ["192.0.2.4:7"]);
        }
    });
}

#[test]
fn what_was_found_is_remembered_for_as_long_as_the_server_allows() {
    run(async {
        let server = serve(|_, _, _| Answer::Addresses(&["192.0.2.1", "2001:db8::1"])).await;
        let resolver = resolver(&server);
        for _ in 0..5 {
            look_up(&resolver, "site.example", Family::Any)
                .await
                .unwrap();
        }
        assert_eq!(server.asked.get(), 2);
    });
}

#[test]
fn a_name_that_is_not_there_is_an_error_that_says_so() {
    run(async {
        let server = serve(|_, _, _| Answer::Code(NO_SUCH_NAME)).await;
        let error = look_up(&resolver(&server), "nothing.example", Family::Any).await;
        let error = error.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot resolve \"nothing.example\"")
        );
        let cause = error.source().unwrap();
        assert!(cause.to_string().contains("no such name"));
        let cause: &io::Error = cause.downcast_ref().unwrap();
        assert_eq!(cause.kind(), io::ErrorKind::NotFound);
    });
}

#[test]
fn a_server_that_is_silent_ends_the_look_up_in_time() {
    run(async {
        let server = serve(|_, _, _| Answer::Silence).await;
        let config = config(&server)
            .timeout(Duration::from_millis(30))
            .attempts(1);
        let resolver = DnsResolver::new(&config).unwrap();
        let error = look_up(&resolver, "site.example", Family::Any).await;
        let error = error.unwrap_err();
        let cause: &io::Error = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!(cause.kind(), io::ErrorKind::TimedOut);
        assert!(server.asked.get() >= 2);
    });
}

#[test]
fn an_answer_that_is_too_long_for_udp_is_fetched_over_tcp() {
    run(async {
        let answer = |_: &str, _, tcp| match tcp {
            true => Answer::Addresses(&["192.0.2.9"]),
            false => Answer::TooLong,
        };
        let server = serve(answer).await;
        let found = look_up(&resolver(&server), "long.example", Family::V4).await;
        assert_eq!(found.unwrap(), ["192.0.2.9:7"]);
    });
}

#[test]
fn localhost_addresses_and_the_file_of_hosts_need_no_server() {
    let directory = TempDir::new().unwrap();
    let hosts = directory.path().join("hosts");
    let lines = "192.0.2.5 printer printer.example # upstairs\n192.0.2.6 my_host\n";
    fs::write(&hosts, lines).unwrap();
    run(async move {
        let server = serve(|_, _, _| Answer::Code(NO_SUCH_NAME)).await;
        let config = config(&server).hosts_file(Some(hosts));
        let resolver = DnsResolver::new(&config).unwrap();
        for name in ["localhost", "LOCALHOST.", "any.localhost"] {
            let found = look_up(&resolver, name, Family::Any).await.unwrap();
            assert_eq!(found, ["127.0.0.1:7", "[::1]:7"]);
        }
        let found = look_up(&resolver, "printer.example", Family::Any).await;
        assert_eq!(found.unwrap(), ["192.0.2.5:7"]);
        let found = look_up(&resolver, "My_Host", Family::Any).await;
        assert_eq!(found.unwrap(), ["192.0.2.6:7"]);
        let found = look_up(&resolver, "[2001:db8::7]", Family::Any).await;
        assert_eq!(found.unwrap(), ["[2001:db8::7]:7"]);
        for zoned in ["fe80::1%1", "[fe80::1%1]"] {
            let found = look_up(&resolver, zoned, Family::V6).await;
            assert_eq!(found.unwrap(), ["[fe80::1%1]:7"]);
        }
        assert_eq!(server.asked.get(), 0);
    });
}

#[test]
fn a_file_of_hosts_that_cannot_be_read_is_named() {
    let config = DnsConfig::default()
        .server("127.0.0.1:53".parse().unwrap())
        .hosts_file(Some(PathBuf::from("/")));
    let error = run(async move { DnsResolver::new(&config).unwrap_err() });
    assert!(
        error
            .to_string()
            .starts_with("cannot read the file of hosts /: ")
    );
}

#[test]
fn a_client_connects_to_a_name_that_only_the_server_knows() {
    run(async {
        let server = serve(|_, kind, _| match kind {
            AAAA => Answer::Addresses(&[]),
            _ => Answer::Addresses(&["127.0.0.1"]),
        })
        .await;
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let mut listener = Listener::from_bound(socket).unwrap();
        let client = TcpClient::with_resolver(resolver(&server));
        let options = ConnectOptions::default();
        let mut stream = client
            .connect("chat.example", port, &options)
            .await
            .unwrap();
        stream.write(b"hello\n").await.unwrap();
        let (mut accepted, _) = listener.accept().await;
        assert_eq!(accepted.read_until(b"\n", 100).await.unwrap(), "hello\n");
    });
}
