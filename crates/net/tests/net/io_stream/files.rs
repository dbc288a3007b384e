//! Files that go out from memory, and what is not there.

use std::fs::File;
use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use waterspout_net::{IoLoop, IoStream, read_cached};

const LENGTH: usize = 1024 * 1024 + 5;
const HALF: u64 = 512 * 1024;

fn content() -> Vec<u8> {
    let round: Vec<u8> = (0..251).collect();
    let mut octets = round.repeat(LENGTH / round.len() + 1);
    octets.truncate(LENGTH);
    octets
}

/// A file on a disk: the usual place for temporary files may be memory, which cannot forget.
fn file() -> Arc<File> {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    file.write_all(&content()).unwrap();
    file.sync_all().unwrap();
    Arc::new(file)
}

fn advise(file: &File, advice: PosixFadviseAdvice) {
    posix_fadvise(file.as_fd(), 0, 0, advice).unwrap();
}

/// Whether the file system says what is in memory: overlayfs, on which containers run, does not.
fn tells(file: &File) -> bool {
    match read_cached(file, 0, &mut [0]) {
        Err(error) if error.kind() == ErrorKind::Unsupported => false,
        told => {
            told.unwrap();
            true
        }
    }
}

/// Whether the file system tells what is in memory and forgets on advice: one in memory has no other place.
/// It asks about a file of its own, since asking has what is not there read soon.
fn forgets() -> bool {
    let file = file();
    advise(&file, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    read_cached(&file, 0, &mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Has the system forget all but the first half. It forgets whole folios only, so all goes and half comes back.
/// Asking for what is not there has it read soon, so it can be asked once.
fn forget(file: &File) {
    advise(file, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    advise(file, PosixFadviseAdvice::POSIX_FADV_RANDOM);
    let mut half = vec![0; usize::try_from(HALF).unwrap()];
    file.read_exact_at(&mut half, 0).unwrap();
}

#[test]
fn what_was_written_is_read_from_memory_and_what_was_forgotten_is_not() {
    let file = file();
    if !tells(&file) {
        return;
    }
    let mut octets = [0; 300];
    assert_eq!(read_cached(&file, 251, &mut octets).unwrap(), 300);
    assert_eq!((octets[0], octets[250], octets[251]), (0, 250, 0));
    let last = LENGTH as u64 - 1;
    assert_eq!(read_cached(&file, last, &mut octets).unwrap(), 1);
    assert_eq!(read_cached(&file, last + 1, &mut octets).unwrap(), 0);
    if !forgets() {
        return;
    }
    forget(&file);
    assert_eq!(read_cached(&file, HALF - 300, &mut octets).unwrap(), 300);
    let error = read_cached(&file, HALF + 100, &mut octets).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

/// Sends the file and notes what the loop's thread did in each step, where 0 hands over to the pool.
async fn send(mut stream: IoStream, file: Arc<File>) -> Vec<u64> {
    let sender = stream.file_sender().unwrap().unwrap();
    stream.enqueue(b"head");
    let (mut at, mut steps) = (0, Vec::new());
    while at < LENGTH as u64 {
        let count = LENGTH as u64 - at;
        let sent = poll_fn(|cx| stream.poll_send_file(cx, &file, at, count)).await;
        steps.push(sent.unwrap());
        at += steps.last().unwrap();
        if steps.last() == Some(&0) {
            at += sender.send(&file, at, count).await.unwrap();
            poll_fn(|cx| stream.poll_has_room(cx)).await.unwrap();
        }
    }
    steps
}

fn sent_and_received(file: Arc<File>) -> Vec<u64> {
    IoLoop::new().unwrap().run_sync(async {
        let (here, mut there) = UnixStream::pair().unwrap();
        let sending = tokio::task::spawn_local(send(IoStream::from_unix(here), file));
        let mut received = Vec::new();
        there.read_to_end(&mut received).await.unwrap();
        assert_eq!(&received[..4], b"head");
        assert!(received[4..] == content(), "{} octets", received.len());
        sending.await.unwrap()
    })
}

#[test]
fn a_file_in_memory_goes_out_on_the_loop_behind_what_waits() {
    let file = file();
    let tells = tells(&file);
    let steps = sent_and_received(file);
    // Where nothing is told, the pool sends all, and it arrives as well.
    assert_eq!(steps.contains(&0), !tells, "{steps:?}");
}

#[test]
fn what_is_not_in_memory_is_left_to_the_pool() {
    let file = file();
    let left = forgets() || !tells(&file);
    advise(&file, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    let steps = sent_and_received(file);
    assert_eq!(steps[0] == 0, left, "{steps:?}");
}

#[test]
fn the_loop_stops_where_memory_ends() {
    let file = file();
    let in_memory = match (tells(&file), forgets()) {
        (false, _) => 0,
        (true, false) => 300_000,
        (true, true) => 1000,
    };
    forget(&file);
    IoLoop::new().unwrap().run_sync(async {
        let (here, _there) = UnixStream::pair().unwrap();
        let mut stream = IoStream::from_unix(here);
        let sent = poll_fn(|cx| stream.poll_send_file(cx, &file, HALF - 1000, 300_000)).await;
        let sent = sent.unwrap();
        // A socket takes less than a file in memory has.
        assert!(
            sent == in_memory || (in_memory > 1000 && sent > 1000),
            "{sent}"
        );
    });
}

#[test]
fn a_full_socket_is_waited_for_and_not_asked_again_and_again() {
    let file = file();
    IoLoop::new().unwrap().run_sync(async {
        let (here, mut there) = UnixStream::pair().unwrap();
        let mut stream = IoStream::from_unix(here);
        let sender = stream.file_sender().unwrap().unwrap();
        let count = LENGTH as u64;
        assert!(sender.send(&file, 0, count).await.unwrap() < count);
        let mut polls = 0;
        let waiting = poll_fn(|cx| {
            polls += 1;
            stream.poll_has_room(cx)
        });
        let waited = tokio::time::timeout(Duration::from_millis(50), waiting).await;
        assert!(waited.is_err() && polls < 5, "{polls} polls");
        let mut octets = vec![0; LENGTH];
        while there.try_read(&mut octets).is_ok() {}
        poll_fn(|cx| stream.poll_has_room(cx)).await.unwrap();
        drop(there.read(&mut octets));
    });
}

#[test]
fn a_file_that_became_shorter_is_an_error_and_no_wait() {
    let file = file();
    file.set_len(100).unwrap();
    IoLoop::new().unwrap().run_sync(async {
        let (here, _there) = UnixStream::pair().unwrap();
        let mut stream = IoStream::from_unix(here);
        let sent = poll_fn(|cx| stream.poll_send_file(cx, &file, 0, 100)).await;
        assert_eq!(sent.unwrap(), if tells(&file) { 100 } else { 0 });
        let nothing = poll_fn(|cx| stream.poll_send_file(cx, &file, 100, 100)).await;
        assert_eq!(nothing.unwrap(), 0);
        let sender = stream.file_sender().unwrap().unwrap();
        let error = sender.send(&file, 100, 100).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let pending = poll_fn(|cx| Poll::Ready(stream.poll_has_room(cx).is_ready())).await;
        assert!(pending);
    });
}
