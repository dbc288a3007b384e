//! Connecting by name, and the resolvers.

use std::cell::RefCell;
use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::support::{loopback, run};
use waterspout_net::{
    BindOptions, BoundSocket, CachedResolver, ConnectError, ConnectOptions, Family, IoStream,
    Listener, OverrideResolver, Resolver, Resolving, SystemResolver, TcpClient, bind_sockets,
};

/// A resolver that gives what it was given, and notes what it was asked.
#[derive(Clone, Default)]
struct Fixed {
    addresses: Vec<SocketAddr>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Fixed {
    fn new(addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        Self {
            addresses,
            asked: Rc::default(),
        }
    }
}

impl Resolver for Fixed {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, _family: Family) -> Resolving<'a> {
        self.asked.borrow_mut().push(format!("{host}:{port}"));
        Box::pin(async { Ok(self.addresses.clone()) })
    }
}

/// A resolver that never answers.
struct Hanging;

impl Resolver for Hanging {
    fn resolve<'a>(&'a self, _host: &'a str, _port: u16, _family: Family) -> Resolving<'a> {
        Box::pin(std::future::pending())
    }
}

fn port_of(socket: &BoundSocket) -> u16 {
    socket.local_addr().unwrap().port().unwrap()
}

async fn connect(client: &TcpClient, host: &str, port: u16) -> Result<IoStream, ConnectError> {
    client.connect(host, port, &ConnectOptions::default()).await
}

#[test]
fn names_and_addresses_lead_to_the_server() {
    run(async {
        let socket = loopback();
        let port = port_of(&socket);
        let mut listener = Listener::from_bound(socket).unwrap();
        for host in ["127.0.0.1", "localhost", "LOCALHOST", "any.localhost"] {
            let mut client = connect(&TcpClient::new(), host, port).await.unwrap();
            let (mut server, _) = listener.accept().await;
            client.write(b"x\n").await.unwrap();
            assert_eq!(server.read_until(b"\n", 10).await.unwrap(), "x\n");
        }
    });
}

#[test]
fn the_next_address_is_tried_when_one_fails() {
    run(async {
        let closed = port_of(&loopback());
        let socket = loopback();
        let open = port_of(&socket);
        let addresses = [format!("127.0.0.1:{closed}"), format!("127.0.0.1:{open}")];
        let resolver = Fixed::new(&[&addresses[0], &addresses[1]]);
        connect(&TcpClient::with_resolver(resolver), "site.example", 1)
            .await
            .unwrap();
    });
}

#[test]
fn a_refused_connection_says_where_and_why() {
    run(async {
        let closed = port_of(&loopback());
        let error = connect(&TcpClient::new(), "127.0.0.1", closed)
            .await
            .unwrap_err();
        let text =
            format!("cannot connect to 127.0.0.1 at 127.0.0.1:{closed}: nothing listens there");
        assert_eq!(error.to_string(), text);
        assert!(!error.is_timeout() && error.source().is_some());
        let error = std::io::Error::from(error);
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_name_that_does_not_resolve_says_what_to_do() {
    run(async {
        // RFC 6761 §6.4: no name ends so.
        let error = connect(&TcpClient::new(), "nothing.invalid", 80)
            .await
            .unwrap_err();
        assert!(error.is_resolve());
        let text = error.to_string();
        assert!(
            text.starts_with("cannot resolve \"nothing.invalid\": check the spelling"),
            "{text}"
        );
        let six = ConnectOptions::default().family(Family::V6);
        let error = TcpClient::new()
            .connect("127.0.0.1", 80, &six)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("has no IPv6 address"));
    });
}

#[test]
fn a_timeout_names_its_stage() {
    run(async {
        let options = ConnectOptions::default().timeout(Duration::from_millis(20));
        let client = TcpClient::with_resolver(Hanging);
        let error = client
            .connect("slow.example", 80, &options)
            .await
            .unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.to_string(), "timeout while resolving slow.example");
    });
}

#[test]
fn a_timeout_while_connecting_names_the_addresses() {
    run(async {
        // A backlog that is full leaves who comes without an answer.
        let options = BindOptions::default().address("127.0.0.1").backlog(1);
        let full = bind_sockets(0, options).unwrap().remove(0);
        let port = port_of(&full);
        let (address, patience) = (([127, 0, 0, 1], port).into(), Duration::from_millis(100));
        let mut waiting = Vec::new();
        while let Ok(socket) = std::net::TcpStream::connect_timeout(&address, patience) {
            waiting.push(socket);
        }
        let patience = ConnectOptions::default().timeout(Duration::from_millis(20));
        let options = patience.family(Family::V4);
        let client = TcpClient::new();
        let error = client.connect("localhost", port, &options).await;
        let error = error.unwrap_err();
        assert!(error.is_timeout());
        let text = format!("timeout while connecting to localhost at 127.0.0.1:{port}");
        assert_eq!(error.to_string(), text);
    });
}

#[test]
fn the_source_address_and_port_can_be_chosen() {
    run(async {
        let socket = loopback();
        let port = port_of(&socket);
        let mut listener = Listener::from_bound(socket).unwrap();
        let free = port_of(&loopback());
        let options = ConnectOptions::default()
            .source_ip("127.0.0.1".parse().unwrap())
            .source_port(free);
        let client = TcpClient::new();
        let _stream = client.connect("127.0.0.1", port, &options).await.unwrap();
        let (_, peer) = listener.accept().await;
        assert_eq!(peer.to_string(), format!("127.0.0.1:{free}"));

        let foreign = ConnectOptions::default().source_ip("192.0.2.1".parse().unwrap());
        let error = client
            .connect("127.0.0.1", port, &foreign)
            .await
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("cannot connect from 192.0.2.1:0: it must be"),
            "{text}"
        );
        let six = ConnectOptions::default().source_ip("::1".parse().unwrap());
        let error = client.connect("127.0.0.1", port, &six).await.unwrap_err();
        assert!(error.to_string().contains("has no address of that family"));
    });
}

#[test]
fn a_cache_asks_once_per_name_until_its_time_is_over() {
    run(async {
        let fixed = Fixed::new(&["192.0.2.1:80"]);
        let asked = Rc::clone(&fixed.asked);
        let cache = CachedResolver::new(fixed);
        for host in ["a.example", "A.example", "b.example"] {
            let found = cache.resolve(host, 80, Family::Any).await.unwrap();
            assert_eq!(found[0].to_string(), "192.0.2.1:80");
        }
        assert_eq!(*asked.borrow(), ["a.example:80", "b.example:80"]);
        cache.clear();
        cache.resolve("a.example", 80, Family::Any).await.unwrap();
        assert_eq!(asked.borrow().len(), 3);

        let fixed = Fixed::new(&["192.0.2.1:80"]);
        let asked = Rc::clone(&fixed.asked);
        let cache = CachedResolver::new(fixed).ttl(Duration::MAX);
        cache.resolve("a.example", 80, Family::Any).await.unwrap();
        cache.resolve("a.example", 80, Family::Any).await.unwrap();
        assert_eq!(asked.borrow().len(), 1);

        let fixed = Fixed::new(&["192.0.2.1:80"]);
        let asked = Rc::clone(&fixed.asked);
        let cache = CachedResolver::new(fixed).ttl(Duration::ZERO);
        cache.resolve("a.example", 80, Family::Any).await.unwrap();
        cache.resolve("a.example", 80, Family::Any).await.unwrap();
        assert_eq!(asked.borrow().len(), 2);
    });
}

#[test]
fn overridden_names_lead_elsewhere_the_most_specific_first() {
    run(async {
        let resolver = OverrideResolver::new(SystemResolver)
            .host("Site.example", "127.0.0.2")
            .host_port("site.example", 443, "127.0.0.3", 8443);
        for (host, port, found) in [
            ("site.EXAMPLE", 80, "127.0.0.2:80"),
            ("site.example", 443, "127.0.0.3:8443"),
            ("127.0.0.4", 80, "127.0.0.4:80"),
        ] {
            let addresses = resolver.resolve(host, port, Family::Any).await.unwrap();
            assert_eq!(addresses, [found.parse().unwrap()]);
        }
    });
}

#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
#[test]
fn tls_is_agreed_and_its_timeout_and_failure_name_their_stage() {
    let certificates = crate::certificates::Certificates::new();
    run(async {
        let socket = loopback();
        let port = port_of(&socket);
        let mut listener = Listener::from_bound(socket).unwrap();
        let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
        let client = TcpClient::new();
        let options = ConnectOptions::default();
        let accept = async { acceptor.accept(listener.accept().await.0).await };
        let open = client.connect_tls("localhost", port, &connector, &options);
        let (server, opened) = tokio::join!(accept, open);
        assert!(server.unwrap().is_tls() && opened.unwrap().is_tls());

        let brief = ConnectOptions::default().timeout(Duration::from_millis(30));
        let error = client
            .connect_tls("localhost", port, &connector, &brief)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "timeout during TLS handshake with localhost"
        );
        listener.accept().await;

        let accept = async { acceptor.accept(listener.accept().await.0).await };
        let open = client.connect_tls("127.0.0.1", port, &connector, &options);
        let error = tokio::join!(accept, open).1.unwrap_err();
        assert_eq!(error.to_string(), "cannot agree on TLS with 127.0.0.1");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("the certificate is not trusted"), "{cause}");
    });
}
