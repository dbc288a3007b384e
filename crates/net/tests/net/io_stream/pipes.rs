//! What only pipes do.

use std::cell::Cell;
use std::fs::File;
use std::io::ErrorKind;
use std::rc::Rc;

use super::pairs::octets;
use crate::support::run;
use tokio::task::yield_now;
use waterspout_net::{IoStream, SharedStream, StreamError, pipe};

#[test]
fn the_wrong_direction_of_a_pipe_is_an_error_that_says_so() {
    run(async {
        let (mut reader, mut writer) = pipe().unwrap();
        let StreamError::Closed(Some(real)) = reader.write(b"x").await.unwrap_err() else {
            panic!("no real error");
        };
        assert!(real.to_string().contains("use the other end"), "{real}");
        let StreamError::Closed(Some(real)) = writer.read_bytes(1).await.unwrap_err() else {
            panic!("no real error");
        };
        assert!(real.to_string().contains("use the other end"), "{real}");
    });
}

#[test]
fn a_file_on_disk_is_refused_with_the_way_to_do_it() {
    run(async {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        let error = IoStream::from_pipe(file.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("spawn_blocking"), "{error}");
    });
}

#[test]
fn a_device_that_is_never_ready_is_refused_too() {
    run(async {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let error = IoStream::from_pipe(full.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("spawn_blocking"), "{error}");
    });
}

#[test]
fn a_mebioctet_passes_in_pieces_of_all_sizes() {
    run(async {
        let (mut reader, mut writer) = pipe().unwrap();
        let message = octets(1 << 20);
        let (written, read) = tokio::join!(
            async {
                for part in message.chunks(70_001) {
                    writer.write(part).await?;
                }
                writer.shutdown().await
            },
            reader.read_until_close()
        );
        written.unwrap();
        assert!(read.unwrap() == message);
    });
}

#[test]
fn a_pipe_that_is_shut_down_takes_no_more() {
    run(async {
        let (mut reader, mut writer) = pipe().unwrap();
        writer.write(b"all").await.unwrap();
        writer.shutdown().await.unwrap();
        assert!(writer.write(b"more").await.unwrap_err().is_closed());
        assert_eq!(reader.read_until_close().await.unwrap(), "all");
    });
}

#[test]
fn the_close_callback_of_a_writing_end_waits_for_its_readers_to_go() {
    run(async {
        let (mut reader, writer) = pipe().unwrap();
        let (writer, called) = (SharedStream::new(writer), Rc::new(Cell::new(false)));
        let flag = Rc::clone(&called);
        writer.set_close_callback(Some(Box::new(move || flag.set(true))));
        for _ in 0..10 {
            yield_now().await;
        }
        assert!(!called.get() && !writer.closed());
        writer.write(b"heard").await.unwrap();
        assert_eq!(reader.read_bytes(5).await.unwrap(), "heard");
        drop(reader);
        while !called.get() {
            yield_now().await;
        }
        assert!(writer.write(b"x").await.unwrap_err().is_closed());
    });
}

#[test]
fn a_writing_end_that_is_watched_still_ends_for_its_reader() {
    run(async {
        let (mut reader, writer) = pipe().unwrap();
        let writer = SharedStream::new(writer);
        writer.set_close_callback(Some(Box::new(|| {})));
        yield_now().await;
        writer.write(b"all").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(reader.read_until_close().await.unwrap(), "all");
    });
}

#[test]
fn a_write_without_readers_closes_the_writing_end() {
    run(async {
        let (reader, mut writer) = pipe().unwrap();
        let called = Rc::new(Cell::new(false));
        let flag = Rc::clone(&called);
        writer.set_close_callback(Some(Box::new(move || flag.set(true))));
        drop(reader);
        assert!(writer.write(b"x").await.unwrap_err().is_closed());
        yield_now().await;
        assert!(called.get() && writer.closed());
    });
}
