//! The end of a stream, from both sides.

use std::cell::Cell;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::rc::Rc;

use super::pairs::{over_all, over_sockets, tcp_pair, unix_pair};
use crate::support::run;
use tokio::task::yield_now;
use waterspout_net::{IoStream, StreamConfig, StreamError, bind_unix_socket};

fn counter(stream: &mut IoStream) -> Rc<Cell<u32>> {
    let count = Rc::new(Cell::new(0));
    let calls = Rc::clone(&count);
    stream.set_close_callback(Some(Box::new(move || calls.set(calls.get() + 1))));
    count
}

#[test]
fn data_is_readable_after_the_peer_closed() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"first\nsecond\nrest").await.unwrap();
        writer.close().await;
        drop(writer);
        assert_eq!(reader.read_until(b"\n", 100).await.unwrap(), "first\n");
        assert_eq!(reader.read_bytes(4).await.unwrap(), "seco");
        assert_eq!(reader.read_until(b"\n", 100).await.unwrap(), "nd\n");
        assert_eq!(reader.read_until_close().await.unwrap(), "rest");
        assert_eq!(reader.read_until_close().await.unwrap(), "");
        let error = reader.read_bytes(1).await.unwrap_err();
        assert!(matches!(error, StreamError::Closed(None)));
    });
}

#[test]
fn a_delimiter_that_comes_with_the_end_is_found() {
    over_all(async |mut writer, mut reader| {
        let (read, ()) = tokio::join!(reader.read_until(b"\r\n", 100), async {
            writer.write(b"bye\r\n").await.unwrap();
            writer.close().await;
        });
        assert_eq!(read.unwrap(), "bye\r\n");
    });
}

#[test]
fn a_read_that_the_end_leaves_unsatisfied_is_closed_and_keeps_the_octets() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"no end").await.unwrap();
        writer.close().await;
        let error = reader.read_until(b"\n", 100).await.unwrap_err();
        assert!(matches!(error, StreamError::Closed(None)), "{error:?}");
        let error = reader.read_bytes(7).await.unwrap_err();
        assert!(matches!(error, StreamError::Closed(None)), "{error:?}");
        assert_eq!(reader.read_bytes(6).await.unwrap(), "no end");
    });
}

#[test]
fn what_was_buffered_before_this_side_closed_stays_readable() {
    over_sockets(async |mut one, mut other| {
        one.write(b"ab").await.unwrap();
        assert_eq!(other.read_bytes(1).await.unwrap(), "a");
        other.close().await;
        other.close().await;
        assert!(other.closed());
        assert_eq!(other.read_until_close().await.unwrap(), "b");
        assert!(other.read_bytes(1).await.unwrap_err().is_closed());
        assert!(other.write(b"x").await.unwrap_err().is_closed());
        assert!(other.error().is_none());
    });
}

#[test]
fn a_second_close_changes_nothing() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"last words").await.unwrap();
        writer.close().await;
        writer.close().await;
        writer.close_with(std::io::Error::other("too late"));
        assert_eq!(reader.read_until_close().await.unwrap(), "last words");
        let error = writer.write(b"more").await.unwrap_err();
        assert!(error.is_closed() && writer.closed());
        reader.close().await;
        reader.close().await;
        assert!(reader.error().is_none());
    });
}

#[test]
fn close_with_gives_its_cause_to_reads_and_writes() {
    over_sockets(async |mut one, mut other| {
        one.write(b"xy").await.unwrap();
        assert_eq!(other.read_bytes(1).await.unwrap(), "x");
        other.close_with(io::Error::new(ErrorKind::InvalidData, "bad frame"));
        other.close_with(io::Error::other("a second cause"));
        assert_eq!(other.read_bytes(1).await.unwrap(), "y");
        for error in [
            other.read_bytes(1).await.unwrap_err(),
            other.read_until_close().await.unwrap_err(),
            other.write(b"z").await.unwrap_err(),
        ] {
            assert_eq!(error.source().unwrap().to_string(), "bad frame");
        }
        assert_eq!(other.error().unwrap().kind(), ErrorKind::InvalidData);
        // The peer sees the end.
        assert_eq!(one.read_until_close().await.unwrap(), "");
    });
}

#[test]
fn a_reset_is_the_real_error_of_every_read_after_it() {
    run(async {
        let (mut one, other) = tcp_pair().await;
        other.reset_on_close().unwrap();
        drop(other);
        for _ in 0..2 {
            let error = one.read_until_close().await.unwrap_err();
            assert!(
                matches!(&error, StreamError::Closed(Some(real)) if real.kind() == ErrorKind::ConnectionReset),
                "{error:?}"
            );
        }
        assert!(one.closed());
        assert_eq!(one.error().unwrap().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn what_came_before_a_reset_can_be_read_and_is_not_taken_for_the_whole() {
    run(async {
        let (mut one, mut other) = tcp_pair().await;
        other.write(b"half of a bo").await.unwrap();
        assert_eq!(one.read_bytes(5).await.unwrap(), "half ");
        other.reset_on_close().unwrap();
        drop(other);
        assert!(one.read_until_close().await.unwrap_err().is_closed());
        assert_eq!(one.read_bytes(7).await.unwrap(), "of a bo");
    });
}

#[test]
fn a_half_open_peer_can_be_written_to_until_it_resets() {
    run(async {
        let (mut one, mut other) = tcp_pair().await;
        other.shutdown().await.unwrap();
        assert_eq!(one.read_until_close().await.unwrap(), "");
        one.write(b"still heard").await.unwrap();
        assert_eq!(other.read_bytes(11).await.unwrap(), "still heard");
    });
}

#[test]
fn the_close_callback_runs_once_after_the_last_octet_was_read() {
    over_all(async |mut writer, mut reader| {
        let calls = counter(&mut reader);
        writer.write(b"ab").await.unwrap();
        writer.close().await;
        assert!(reader.read_bytes(3).await.unwrap_err().is_closed());
        assert_eq!(reader.read_bytes(1).await.unwrap(), "a");
        yield_now().await;
        assert_eq!(calls.get(), 0);
        assert_eq!(reader.read_bytes(1).await.unwrap(), "b");
        assert_eq!(calls.get(), 0, "never inside the call");
        yield_now().await;
        assert_eq!(calls.get(), 1);
        drop(reader);
        yield_now().await;
        assert_eq!(calls.get(), 1);
    });
}

#[test]
fn the_close_callback_runs_at_a_close_and_at_a_drop() {
    run(async {
        let (mut one, mut other) = unix_pair();
        let (closed, dropped) = (counter(&mut one), counter(&mut other));
        one.close().await;
        drop(other);
        yield_now().await;
        assert_eq!((closed.get(), dropped.get()), (1, 1));
        let late = counter(&mut one);
        yield_now().await;
        assert_eq!(late.get(), 1, "the stream is at its end already");
    });
}

#[test]
fn a_close_callback_can_be_taken_back() {
    run(async {
        let (mut one, _other) = unix_pair();
        let calls = counter(&mut one);
        one.set_close_callback(None);
        one.close().await;
        yield_now().await;
        assert_eq!(calls.get(), 0);
    });
}

#[test]
fn a_refused_connection_is_the_real_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    run(async {
        let error = IoStream::connect_tcp(address).await.unwrap_err();
        assert!(
            matches!(error, StreamError::Closed(Some(real)) if real.kind() == ErrorKind::ConnectionRefused)
        );
        let error = IoStream::connect_unix("/nowhere/at.all").await.unwrap_err();
        assert!(
            matches!(error, StreamError::Closed(Some(real)) if real.kind() == ErrorKind::NotFound)
        );
    });
}

#[test]
fn unix_peers_are_known_by_their_credentials_and_others_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let bound = bind_unix_socket(&path, 0o600, 16).unwrap();
    run(async {
        let mut listener = waterspout_net::Listener::from_bound(bound).unwrap();
        let client = IoStream::connect_unix(&path).await.unwrap();
        let (server, _) = listener.accept().await;
        for stream in [&client, &server] {
            let peer = stream.peer_credentials().unwrap();
            assert_eq!(peer.uid, nix::unistd::geteuid().as_raw());
            assert_eq!(peer.gid, nix::unistd::getegid().as_raw());
            assert_eq!(peer.pid, Some(nix::unistd::getpid().as_raw()));
        }
        let (tcp, _other) = tcp_pair().await;
        let error = tcp.peer_credentials().unwrap_err();
        assert!(error.to_string().contains("bind_unix_socket"), "{error}");
    });
}

#[test]
fn limits_may_be_smaller_than_what_the_kernel_holds_at_the_end() {
    over_all(async |mut writer, reader| {
        let mut reader = reader.with_config(StreamConfig::default().max_buffer_size(256));
        writer.write(&[b'z'; 4000]).await.unwrap();
        writer.close().await;
        drop(writer);
        for _ in 0..40 {
            assert_eq!(reader.read_bytes(100).await.unwrap().len(), 100);
        }
        assert!(reader.read_bytes(1).await.unwrap_err().is_closed());
    });
}
