//! Every read is dropped at every await, and nothing is lost.

use super::pairs::{once, over_all};
use bytes::Bytes;
use tokio::task::yield_now;
use waterspout_net::{IoStream, ReadRegex, SharedStream, StreamError};

/// Sends `message` an octet at a time while the read is begun anew, polled once and dropped, until
/// one is ready.
fn drop_each<T: PartialEq + std::fmt::Debug>(
    message: &[u8],
    expected: T,
    read: impl AsyncFn(&mut IoStream) -> Result<T, StreamError>,
) {
    over_all(async |mut writer, mut reader| {
        for octet in message {
            assert!(once(read(&mut reader)).await.is_none());
            writer.write(&[*octet]).await.unwrap();
            // Until the octet is in the buffer of the reader, dropping each try.
            let before = reader.buffered().len();
            while reader.buffered().len() == before {
                if let Some(done) = once(read(&mut reader)).await {
                    assert_eq!(done.unwrap(), expected);
                    return;
                }
                yield_now().await;
            }
        }
        writer.close().await;
        loop {
            if let Some(done) = once(read(&mut reader)).await {
                assert_eq!(done.unwrap(), expected);
                return;
            }
            yield_now().await;
        }
    });
}

#[test]
fn read_bytes_loses_nothing() {
    drop_each(b"exactly", Bytes::from("exactly"), async |stream| {
        stream.read_bytes(7).await
    });
}

#[test]
fn read_partial_loses_nothing() {
    drop_each(b"a", Bytes::from("a"), async |stream| {
        stream.read_partial(100).await
    });
}

#[test]
fn read_until_loses_nothing() {
    drop_each(b"line\r\n", Bytes::from("line\r\n"), async |stream| {
        stream.read_until(b"\r\n", 100).await
    });
}

#[test]
fn read_until_regex_loses_nothing() {
    let regex = ReadRegex::new("[0-9]+;").unwrap();
    drop_each(b"n 123;", Bytes::from("n 123;"), async |stream| {
        stream.read_until_regex(&regex, 100).await
    });
}

#[test]
fn read_into_loses_nothing() {
    drop_each(b"target", *b"target", async |stream| {
        let mut target = [0; 6];
        stream.read_into(&mut target).await.map(|()| target)
    });
}

#[test]
fn read_into_partial_loses_nothing() {
    drop_each(b"x", (1, [b'x', 0]), async |stream| {
        let mut target = [0; 2];
        let count = stream.read_into_partial(&mut target).await?;
        Ok((count, target))
    });
}

#[test]
fn read_until_close_loses_nothing() {
    drop_each(b"all of it", Bytes::from("all of it"), async |stream| {
        stream.read_until_close().await
    });
}

#[test]
fn a_write_that_is_dropped_is_carried_on_by_the_next() {
    over_all(async |mut writer, mut reader| {
        let large = super::pairs::octets(4 << 20);
        assert!(once(writer.write(&large)).await.is_none());
        assert!(writer.writing());
        let count = large.len() + 4;
        let (written, read) = tokio::join!(writer.write(b"tail"), reader.read_bytes(count));
        written.unwrap();
        let read = read.unwrap();
        assert!(read[..large.len()] == large && &read[large.len()..] == b"tail");
        assert!(!writer.writing());
    });
}

#[test]
fn reads_of_a_shared_stream_lose_nothing_either() {
    over_all(async |mut writer, reader| {
        let reader = SharedStream::new(reader);
        for octet in b"lines\n" {
            assert!(once(reader.read_until(b"\n", 100)).await.is_none());
            assert!(!reader.reading());
            writer.write(&[*octet]).await.unwrap();
        }
        assert_eq!(reader.read_until(b"\n", 100).await.unwrap(), "lines\n");
    });
}

#[test]
fn a_flush_and_a_shutdown_that_are_dropped_can_be_repeated() {
    over_all(async |mut writer, mut reader| {
        let large = super::pairs::octets(4 << 20);
        writer.enqueue(&large);
        assert!(once(writer.flush()).await.is_none());
        assert!(once(writer.shutdown()).await.is_none());
        let (shut, read) = tokio::join!(writer.shutdown(), reader.read_until_close());
        shut.unwrap();
        assert!(read.unwrap() == large);
    });
}
