//! What only pipes do.

use std::fs::File;
use std::io::ErrorKind;

use super::pairs::octets;
use crate::support::run;
use waterspout_net::{IoStream, StreamError, pipe};

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
