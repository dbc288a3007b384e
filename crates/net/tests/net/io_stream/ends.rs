//! Addresses and descriptors of streams.

use std::io::ErrorKind;
use std::os::fd::AsRawFd;

use super::pairs::{over_all, over_sockets};
use crate::support::run;
use waterspout_net::{BoundAddr, IoStream, Listener, PeerAddr, bind_unix_socket, pipe};

#[test]
fn what_is_the_local_address_here_is_that_of_the_peer_there() {
    over_sockets(async |one, other| {
        for (here, there) in [(&one, &other), (&other, &one)] {
            match (here.local_addr().unwrap(), there.peer_addr().unwrap()) {
                (BoundAddr::Tcp(local), PeerAddr::Tcp(peer)) => assert_eq!(local, peer),
                (BoundAddr::Unix(path), PeerAddr::Unix) => assert_eq!(path.as_os_str(), ""),
                ends => panic!("{ends:?}"),
            }
        }
    });
}

#[test]
fn an_accepted_unix_socket_has_the_path_it_was_reached_by() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let socket = bind_unix_socket(&path, 0o600, 16).unwrap();
    run(async {
        let mut listener = Listener::from_bound(socket).unwrap();
        let _client = IoStream::connect_unix(&path).await.unwrap();
        let (stream, _) = listener.accept().await;
        assert_eq!(stream.local_addr().unwrap(), BoundAddr::Unix(path.clone()));
    });
}

#[test]
fn a_pipe_has_no_address() {
    run(async {
        let (reader, _writer) = pipe().unwrap();
        assert_eq!(
            reader.peer_addr().unwrap_err().kind(),
            ErrorKind::Unsupported
        );
        assert_eq!(
            reader.local_addr().unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    });
}

#[test]
fn every_stream_has_a_descriptor() {
    over_all(async |one, other| {
        let [one, other] = [one, other].map(|stream| stream.fileno().unwrap().as_raw_fd());
        assert!(one >= 0 && one != other);
    });
}
