//! Writing, its limits and its order.

use super::pairs::{octets, once, over_all, over_sockets, tcp_pair};
use crate::support::run;
use bytes::Bytes;
use waterspout_net::{StreamConfig, StreamError};

#[test]
fn nothing_can_be_written() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"").await.unwrap();
        writer.write_bytes(Bytes::new()).await.unwrap();
        writer.write(b"x").await.unwrap();
        assert_eq!(reader.read_bytes(1).await.unwrap(), "x");
    });
}

#[test]
fn a_write_that_goes_out_at_once_needs_no_buffer() {
    run(async {
        let (mut one, mut other) = tcp_pair().await;
        one.write(b"ping").await.unwrap();
        one.write_bytes(Bytes::from_static(b"pong")).await.unwrap();
        let (_, outputs) = one.loop_state().buffers().free();
        assert_eq!(outputs, 0);
        assert_eq!(other.read_bytes(8).await.unwrap(), "pingpong");
    });
}

#[test]
fn what_waits_already_goes_before_a_write() {
    over_all(async |mut writer, mut reader| {
        writer.enqueue(b"first, ");
        writer.write(b"second, ").await.unwrap();
        writer.enqueue_bytes(Bytes::from(octets(5000)));
        writer
            .write_bytes(Bytes::from_static(b"last"))
            .await
            .unwrap();
        let read = reader.read_bytes(15 + 5000 + 4).await.unwrap();
        assert!(read.starts_with(b"first, second, ") && read.ends_with(b"last"));
    });
}

#[test]
fn both_sides_of_a_stream_can_be_used_at_once() {
    over_sockets(async |mut one, mut other| {
        one.write(b"to and fro").await.unwrap();
        let count = other.fill().await.unwrap();
        let (octets, outgoing) = other.buffers();
        outgoing.extend_from_slice(octets);
        other.consume(count);
        other.flush().await.unwrap();
        assert_eq!(one.read_bytes(10).await.unwrap(), "to and fro");
    });
}

#[test]
fn small_and_large_pieces_keep_their_order() {
    over_all(async |mut writer, mut reader| {
        let sizes = [1, 2047, 4096, 3, 100_000, 16 * 1024, 0, 5000, 7, 1 << 20, 1];
        let all = octets(sizes.iter().sum());
        let (shut, read) = tokio::join!(
            async {
                let mut rest = &all[..];
                for (index, size) in sizes.into_iter().enumerate() {
                    let (piece, after) = rest.split_at(size);
                    rest = after;
                    if index % 3 == 0 {
                        writer.write(piece).await?;
                    } else {
                        writer.enqueue_bytes(Bytes::copy_from_slice(piece));
                    }
                }
                writer.shutdown().await
            },
            reader.read_until_close()
        );
        shut.unwrap();
        assert!(read.unwrap() == all);
    });
}

#[test]
fn a_write_beyond_the_limit_is_refused_whole() {
    over_all(async |writer, mut reader| {
        let mut writer = writer.with_config(StreamConfig::default().max_write_buffer_size(10));
        let error = writer.write(&[b'x'; 11]).await.unwrap_err();
        assert!(matches!(error, StreamError::BufferFull { limit: 10 }));
        assert!(
            error.to_string().contains("await earlier writes"),
            "{error}"
        );
        assert!(!writer.writing());
        writer.write(&[b'y'; 10]).await.unwrap();
        assert_eq!(reader.read_bytes(10).await.unwrap(), "yyyyyyyyyy");
    });
}

#[test]
fn a_full_pipe_or_socket_makes_the_writer_wait_and_loses_nothing() {
    over_all(async |mut writer, mut reader| {
        let message = octets(1 << 20);
        let mut taken = 0;
        // Fill until the system takes no more.
        while once(writer.write(&message)).await.is_some() {
            taken += 1;
        }
        let count = (taken + 1) * message.len();
        let (flushed, read) = tokio::join!(writer.flush(), reader.read_bytes(count));
        flushed.unwrap();
        for part in read.unwrap().chunks(message.len()) {
            assert!(part == message);
        }
    });
}

#[test]
fn a_reader_that_goes_away_ends_the_write_with_the_real_error() {
    over_all(async |mut writer, reader| {
        let message = octets(8 << 20);
        assert!(once(writer.write(&message)).await.is_none());
        drop(reader);
        let error = writer.flush().await.unwrap_err();
        let StreamError::Closed(Some(real)) = error else {
            panic!("no real error: {error:?}");
        };
        assert!(
            matches!(
                real.kind(),
                std::io::ErrorKind::BrokenPipe | std::io::ErrorKind::ConnectionReset
            ),
            "{real}"
        );
        assert!(writer.closed() && !writer.writing());
        assert_eq!(writer.error().unwrap().kind(), real.kind());
        assert!(writer.write(b"more").await.unwrap_err().is_closed());
    });
}

#[test]
fn what_the_peer_acknowledged_before_it_was_reset_was_sent() {
    run(async {
        let (mut one, mut other) = tcp_pair().await;
        one.write(b"request 1\n").await.unwrap();
        assert_eq!(other.read_until(b"\n", 100).await.unwrap(), "request 1\n");
        other.write(b"answer 1\n").await.unwrap();
        // The peer stops in the middle: what it has not read makes its end a reset.
        one.write(b"request 2\n").await.unwrap();
        drop(other);
        // The answer that came before is not lost by the write that fails.
        while one.write(b"request 3\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(one.closed());
        assert_eq!(one.read_until(b"\n", 100).await.unwrap(), "answer 1\n");
        let error = one.read_until(b"\n", 100).await.unwrap_err();
        assert!(
            matches!(&error, StreamError::Closed(Some(real)) if real.kind() == one.error().unwrap().kind()),
            "{error:?}"
        );
    });
}

#[test]
fn shutdown_ends_one_direction_only() {
    over_sockets(async |mut one, mut other| {
        one.write(b"question").await.unwrap();
        one.shutdown().await.unwrap();
        assert_eq!(other.read_until_close().await.unwrap(), "question");
        assert!(other.peer_closed() && !other.closed());
        other.write(b"answer").await.unwrap();
        other.close().await;
        assert_eq!(one.read_until_close().await.unwrap(), "answer");
    });
}
