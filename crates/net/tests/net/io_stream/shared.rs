//! One stream for several tasks.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use super::pairs::{octets, once, over_all, over_sockets, unix_pair};
use crate::support::run;
use bytes::Bytes;
use tokio::task::{spawn_local, yield_now};
use waterspout_net::{SharedStream, StreamError};

#[test]
fn a_read_while_another_is_pending_is_an_error_that_says_what_to_do() {
    over_all(async |mut writer, reader| {
        let reader = SharedStream::new(reader);
        let other = reader.clone();
        let first = spawn_local(async move { other.read_bytes(3).await });
        yield_now().await;
        assert!(reader.reading());
        let error = reader.read_bytes(1).await.unwrap_err();
        assert!(matches!(error, StreamError::AlreadyReading));
        assert!(error.to_string().contains("await the read"), "{error}");
        writer.write(b"abcd").await.unwrap();
        assert_eq!(first.await.unwrap().unwrap(), "abc");
        assert!(!reader.reading());
        assert_eq!(reader.read_bytes(1).await.unwrap(), "d");
    });
}

#[test]
fn many_writers_complete_and_keep_their_order() {
    over_all(async |writer, mut reader| {
        let writer = SharedStream::new(writer);
        let message = octets(100_000);
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (writer, message) = (writer.clone(), message.clone());
                spawn_local(async move { writer.write(&message).await })
            })
            .collect();
        let read = reader.read_bytes(50 * message.len()).await.unwrap();
        for part in read.chunks(message.len()) {
            assert!(part == message);
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert!(!writer.writing());
    });
}

#[test]
fn writes_with_and_without_a_copy_keep_their_order() {
    over_all(async |writer, mut reader| {
        let writer = SharedStream::new(writer);
        let message = octets(300_000);
        let (copied, rest) = message.split_at(100_000);
        let (large, small) = rest.split_at(199_999);
        let [large, small] = [large, small].map(Bytes::copy_from_slice);
        let (first, second, third, read) = tokio::join!(
            writer.write(copied),
            writer.write_bytes(large),
            writer.write_bytes(small),
            reader.read_bytes(message.len())
        );
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert!(read.unwrap() == message && !writer.writing());
    });
}

#[test]
fn a_writer_that_is_dropped_leaves_no_other_waiting_for_ever() {
    over_all(async |writer, mut reader| {
        let writer = SharedStream::new(writer);
        let message = octets(8 << 20);
        let (one, two) = (writer.clone(), writer.clone());
        let (first, second) = (message.clone(), message.clone());
        let waiting = spawn_local(async move { one.write(&first).await });
        yield_now().await;
        let dropped = spawn_local(async move { two.write(&second).await });
        yield_now().await;
        // The socket would wake the task that polled last.
        dropped.abort();
        let read = reader.read_bytes(message.len()).await.unwrap();
        assert!(read == message);
        waiting.await.unwrap().unwrap();
        let (flushed, rest) = tokio::join!(writer.flush(), reader.read_bytes(message.len()));
        flushed.unwrap();
        assert!(rest.unwrap() == message);
    });
}

#[test]
fn a_shutdown_and_the_writes_around_it_all_end() {
    over_all(async |writer, mut reader| {
        let writer = SharedStream::new(writer);
        let message = octets(4 << 20);
        let write = || {
            let (writer, message) = (writer.clone(), message.clone());
            spawn_local(async move { writer.write(&message).await })
        };
        let first = write();
        yield_now().await;
        let stream = writer.clone();
        let shutdown = spawn_local(async move { stream.shutdown().await });
        yield_now().await;
        let second = write();
        yield_now().await;
        for _ in 0..2 {
            assert!(reader.read_bytes(message.len()).await.unwrap() == message);
        }
        assert_eq!(reader.read_until_close().await.unwrap(), "");
        for ended in [first, shutdown, second] {
            ended.await.unwrap().unwrap();
        }
        assert!(writer.write(b"x").await.is_err());
    });
}

#[test]
fn a_close_ends_the_read_and_the_writes_of_other_tasks() {
    over_sockets(async |one, _other| {
        let stream = SharedStream::new(one);
        let (reader, writer) = (stream.clone(), stream.clone());
        let read = spawn_local(async move { reader.read_bytes(1).await });
        let write = spawn_local(async move { writer.write(&octets(8 << 20)).await });
        yield_now().await;
        assert!(stream.reading() && stream.writing());
        stream.close_with(io::Error::other("no more"));
        for error in [
            read.await.unwrap().unwrap_err(),
            write.await.unwrap().unwrap_err(),
        ] {
            assert!(
                matches!(&error, StreamError::Closed(Some(real)) if real.to_string() == "no more"),
                "{error:?}"
            );
        }
        assert!(stream.closed() && !stream.writing());
        stream.close();
    });
}

#[test]
fn the_close_callback_sees_a_peer_go_while_nobody_reads() {
    over_all(async |mut writer, reader| {
        let reader = SharedStream::new(reader);
        let called = Rc::new(Cell::new(false));
        let flag = Rc::clone(&called);
        reader.set_close_callback(Some(Box::new(move || flag.set(true))));
        yield_now().await;
        writer.write(b"last words").await.unwrap();
        drop(writer);
        for _ in 0..100 {
            yield_now().await;
        }
        assert!(!called.get(), "there are octets to read");
        assert_eq!(reader.read_bytes(10).await.unwrap(), "last words");
        while !called.get() {
            yield_now().await;
        }
    });
}

#[test]
fn the_watch_takes_nothing_from_a_reader() {
    over_all(async |mut writer, reader| {
        let reader = SharedStream::new(reader);
        reader.set_close_callback(Some(Box::new(|| {})));
        yield_now().await;
        let other = reader.clone();
        let read = spawn_local(async move { other.read_until(b"\n", 100).await });
        yield_now().await;
        assert!(once(reader.read_bytes(1)).await.unwrap().is_err());
        writer.write(b"one ").await.unwrap();
        yield_now().await;
        writer.write(b"line\n").await.unwrap();
        assert_eq!(read.await.unwrap().unwrap(), "one line\n");
    });
}

#[test]
fn the_connection_closes_with_the_last_clone() {
    run(async {
        let (one, mut other) = unix_pair();
        let stream = SharedStream::new(one);
        stream.set_close_callback(Some(Box::new(|| {})));
        yield_now().await;
        drop(stream.clone());
        assert!(once(other.read_bytes(1)).await.is_none());
        drop(stream);
        assert_eq!(other.read_until_close().await.unwrap(), "");
    });
}
