//! UDP endpoints.

use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::io_stream::pairs::once;
use crate::support::run;
use waterspout_net::UdpEndpoint;

fn any() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[test]
fn datagrams_keep_their_borders_and_name_their_sender() {
    run(async {
        let (one, other) = (
            UdpEndpoint::bind(any()).unwrap(),
            UdpEndpoint::bind(any()).unwrap(),
        );
        let to = other.local_addr().unwrap();
        for datagram in [&b"one"[..], b"", &[7; 60_000]] {
            assert_eq!(one.send_to(datagram, to).await.unwrap(), datagram.len());
            let (received, from) = other.recv_from().await.unwrap();
            assert_eq!(received, datagram);
            assert_eq!(from, one.local_addr().unwrap());
        }
    });
}

#[test]
fn a_receive_that_is_dropped_loses_no_datagram() {
    run(async {
        let server = UdpEndpoint::bind(any()).unwrap();
        let client = UdpEndpoint::connect(server.local_addr().unwrap()).unwrap();
        assert!(once(server.recv_from()).await.is_none());
        client.send(b"kept").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), "kept");
    });
}

#[test]
fn nobody_at_the_other_end_is_an_error_and_the_endpoint_goes_on() {
    run(async {
        let gone = UdpEndpoint::bind(any()).unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        let client = UdpEndpoint::connect(address).unwrap();
        client.send(b"anybody?").await.unwrap();
        let error = client.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let server = UdpEndpoint::bind(address).unwrap();
        client.send(b"now?").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), "now?");
    });
}

#[test]
fn an_address_in_use_is_an_error_that_says_what_to_do() {
    run(async {
        let first = UdpEndpoint::bind(any()).unwrap();
        let error = UdpEndpoint::bind(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(
            error.to_string().contains("something else listens there"),
            "{error}"
        );
        let error = UdpEndpoint::bind("192.0.2.1:0".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("no interface"), "{error}");
    });
}

#[test]
fn an_address_that_is_no_group_cannot_be_joined() {
    run(async {
        let endpoint = UdpEndpoint::bind("0.0.0.0:0".parse().unwrap()).unwrap();
        assert!(
            endpoint
                .join_multicast("127.0.0.1".parse().unwrap())
                .is_err()
        );
        assert!(
            endpoint
                .leave_multicast("224.0.0.251".parse().unwrap())
                .is_err()
        );
        endpoint.set_broadcast(true).unwrap();
    });
}
