//! What the reads return, and their limits.

use super::pairs::{octets, over_all, tcp_pair};
use crate::support::run;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waterspout_net::{ReadRegex, StreamConfig, StreamError};

fn is_unsatisfiable<T>(read: Result<T, StreamError>, expected: usize) -> bool {
    matches!(read, Err(StreamError::UnsatisfiableRead { limit }) if limit == expected)
}

#[test]
fn nothing_can_be_read_between_reads() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"abcdef").await.unwrap();
        assert_eq!(reader.read_bytes(3).await.unwrap(), "abc");
        assert_eq!(reader.read_bytes(0).await.unwrap(), "");
        assert_eq!(reader.read_partial(0).await.unwrap(), "");
        assert_eq!(reader.read_bytes(3).await.unwrap(), "def");
    });
}

#[test]
fn partial_reads_respect_their_limit() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"hello").await.unwrap();
        assert_eq!(reader.read_partial(2).await.unwrap(), "he");
        assert_eq!(reader.read_partial(50).await.unwrap(), "llo");
    });
}

#[test]
fn a_delimiter_must_end_within_the_limit() {
    over_all(async |mut writer, mut reader| {
        for (limit, fits) in [(50, true), (6, true), (5, false)] {
            writer.write(b"abcdef").await.unwrap();
            let read = reader.read_until(b"def", limit).await;
            if fits {
                assert_eq!(read.unwrap(), "abcdef");
            } else {
                assert!(is_unsatisfiable(read, limit));
                assert_eq!(reader.read_bytes(6).await.unwrap(), "abcdef");
            }
        }
    });
}

#[test]
fn a_match_must_end_within_the_limit() {
    let regex = ReadRegex::new("d.f").unwrap();
    over_all(async |mut writer, mut reader| {
        for (limit, fits) in [(50, true), (6, true), (5, false)] {
            writer.write(b"abcdef").await.unwrap();
            let read = reader.read_until_regex(&regex, limit).await;
            if fits {
                assert_eq!(read.unwrap(), "abcdef");
            } else {
                assert!(is_unsatisfiable(read, limit));
            }
        }
    });
}

#[test]
fn a_delimiter_that_is_buffered_beyond_the_limit_is_refused() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"x0123456789\n").await.unwrap();
        assert_eq!(reader.read_bytes(1).await.unwrap(), "x");
        assert!(is_unsatisfiable(reader.read_until(b"\n", 10).await, 10));
        assert_eq!(reader.read_until(b"\n", 11).await.unwrap(), "0123456789\n");
    });
}

#[test]
fn a_delimiter_that_straddles_two_reads_is_found() {
    over_all(async |mut writer, mut reader| {
        let (read, ()) = tokio::join!(reader.read_until(b"--end", 100), async {
            for piece in ["body-", "-", "en", "d and more"] {
                writer.write(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(read.unwrap(), "body--end");
    });
}

#[test]
fn expressions_see_octets_that_are_no_text() {
    let regex = ReadRegex::new(r"(?-u:\xff)+\n").unwrap();
    over_all(async |mut writer, mut reader| {
        writer.write(b"\x80\xff\xff\nrest").await.unwrap();
        let read = reader.read_until_regex(&regex, 100).await.unwrap();
        assert_eq!(&read[..], b"\x80\xff\xff\n");
    });
}

#[test]
fn four_mebioctets_up_to_a_delimiter_arrive_whole() {
    over_all(async |mut writer, mut reader| {
        let mut message = vec![b'a'; 4 << 20];
        message.extend_from_slice(b"\r\n");
        let (written, read) =
            tokio::join!(writer.write(&message), reader.read_until(b"\r\n", 5 << 20));
        written.unwrap();
        assert!(read.unwrap() == message);
    });
}

#[test]
fn a_hundred_kibioctets_pass_through_a_buffer_of_ten() {
    over_all(async |mut writer, reader| {
        let mut reader = reader.with_config(StreamConfig::default().max_buffer_size(10 * 1024));
        let message = octets(100 * 1024);
        let (written, ()) = tokio::join!(writer.write(&message), async {
            for expected in message.chunks(1024) {
                assert!(reader.read_bytes(1024).await.unwrap() == expected);
            }
        });
        written.unwrap();
    });
}

#[test]
fn ten_mebioctets_pass_through_a_buffer_of_five() {
    over_all(async |mut writer, reader| {
        let mut reader = reader.with_config(StreamConfig::default().max_buffer_size(5 << 20));
        let message = octets(10 << 20);
        let (written, ()) = tokio::join!(writer.write(&message), async {
            let mut rest = &message[..];
            while !rest.is_empty() {
                let part = reader.read_partial(1 << 20).await.unwrap();
                assert!(rest.starts_with(&part));
                rest = &rest[part.len()..];
            }
        });
        written.unwrap();
    });
}

#[test]
fn more_than_the_buffer_may_hold_is_refused_before_a_wait() {
    over_all(async |mut writer, reader| {
        let mut reader = reader.with_config(StreamConfig::default().max_buffer_size(100));
        assert!(is_unsatisfiable(reader.read_bytes(101).await, 100));
        assert!(is_unsatisfiable(reader.read_into(&mut [0; 101]).await, 100));
        writer.write(&[b'x'; 200]).await.unwrap();
        assert!(is_unsatisfiable(reader.read_until(b"\n", 1000).await, 100));
        assert!(is_unsatisfiable(reader.read_until_close().await, 100));
    });
}

#[test]
fn read_into_takes_leftovers_first_and_leaves_what_does_not_fit() {
    over_all(async |mut writer, mut reader| {
        writer.write(b"leftover:0123456789").await.unwrap();
        assert_eq!(reader.read_until(b"t", 100).await.unwrap(), "left");
        let mut target = [0; 5];
        reader.read_into(&mut target).await.unwrap();
        assert_eq!(&target, b"over:");
        assert_eq!(reader.read_into_partial(&mut target).await.unwrap(), 5);
        assert_eq!(&target, b"01234");
        assert_eq!(reader.read_into_partial(&mut []).await.unwrap(), 0);
        reader.read_into(&mut []).await.unwrap();
        let mut large = [0; 50];
        assert_eq!(reader.read_into_partial(&mut large).await.unwrap(), 5);
        assert_eq!(&large[..5], b"56789");
    });
}

#[test]
fn a_mebioctet_arrives_by_all_kinds_of_reads() {
    let regex = ReadRegex::new("(?-u:.)").unwrap();
    over_all(async |mut writer, mut reader| {
        let message = octets(1 << 20);
        let (written, ()) = tokio::join!(writer.write(&message), async {
            let mut came = Vec::new();
            let mut target = [0; 777];
            while came.len() < message.len() {
                let left = message.len() - came.len();
                match came.len() % 5 {
                    0 => came.extend(reader.read_bytes(left.min(4321)).await.unwrap()),
                    1 => came.extend(reader.read_partial(1234).await.unwrap()),
                    2 => {
                        let count = reader.read_into_partial(&mut target).await.unwrap();
                        came.extend(&target[..count]);
                    }
                    3 if left > 999 => {
                        came.extend(
                            reader
                                .read_until(&message[came.len()..][..9], 9)
                                .await
                                .unwrap(),
                        );
                    }
                    _ => {
                        let most = left.min(100);
                        match reader.read_until_regex(&regex, 1).await {
                            Ok(octet) => came.extend(octet),
                            Err(_) => came.extend(reader.read_bytes(most).await.unwrap()),
                        }
                    }
                }
            }
            assert!(came == message);
        });
        written.unwrap();
    });
}

#[test]
fn the_traits_of_tokio_work_on_a_stream() {
    over_all(async |mut writer, mut reader| {
        AsyncWriteExt::write_all(&mut writer, b"by the trait")
            .await
            .unwrap();
        AsyncWriteExt::shutdown(&mut writer).await.unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "by the trait");
    });
}

#[test]
fn what_the_trait_writes_goes_out_without_a_flush() {
    over_all(async |mut writer, mut reader| {
        for message in ["ping", "again"] {
            AsyncWriteExt::write_all(&mut writer, message.as_bytes())
                .await
                .unwrap();
            assert_eq!(reader.read_bytes(message.len()).await.unwrap(), message);
        }
        assert!(!writer.writing());
        assert_eq!(reader.read(&mut []).await.unwrap(), 0);
    });
}

#[test]
fn what_the_trait_writes_waits_for_a_slow_reader_and_arrives_whole() {
    over_all(async |mut writer, mut reader| {
        let message = octets(8 << 20);
        let write = async {
            AsyncWriteExt::write_all(&mut writer, &message).await?;
            AsyncWriteExt::flush(&mut writer).await
        };
        let mut write = std::pin::pin!(write);
        for _ in 0..100 {
            assert!(super::pairs::once(write.as_mut()).await.is_none());
            tokio::task::yield_now().await;
        }
        let (written, read) = tokio::join!(write, reader.read_bytes(message.len()));
        written.unwrap();
        assert!(read.unwrap() == message);
    });
}

#[test]
fn a_peer_that_is_not_read_from_is_held_back() {
    over_all(async |mut writer, mut reader| {
        let message = octets(32 << 20);
        {
            let mut write = std::pin::pin!(writer.write(&message));
            // Nobody reads: the write stops when the system has taken all it holds.
            for _ in 0..1000 {
                assert!(super::pairs::once(write.as_mut()).await.is_none());
                tokio::task::yield_now().await;
            }
        }
        assert!(writer.queued() > 0);
        let (flushed, read) = tokio::join!(writer.flush(), reader.read_bytes(message.len()));
        flushed.unwrap();
        assert!(read.unwrap() == message);
    });
}

#[test]
fn an_idle_stream_owns_no_buffer() {
    run(async {
        let (mut one, mut other) = tcp_pair().await;
        one.enqueue(b"ping");
        one.flush().await.unwrap();
        assert_eq!(other.read_bytes(4).await.unwrap(), "ping");
        let (inputs, outputs) = other.loop_state().buffers().free();
        assert!(inputs >= 1 && outputs >= 1, "{inputs} {outputs}");
        assert!(super::pairs::once(other.read_bytes(1)).await.is_none());
        assert_eq!(other.loop_state().buffers().free(), (inputs, outputs));
    });
}
