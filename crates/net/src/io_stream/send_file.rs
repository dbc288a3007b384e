//! Files that go out without a copy through this process (sendfile(2)).

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::Interest;
use tokio::task::spawn_blocking;

use super::IoStream;
use super::transport::Transport;
use crate::page_cache::cached_length;

/// The socket of a stream, for threads that send files over it: made by [`IoStream::file_sender`].
#[derive(Debug, Clone)]
pub struct FileSender {
    socket: Arc<OwnedFd>,
}

impl FileSender {
    /// Sends octets of a file on a thread of the pool, so that the loop never waits for a disk, until the
    /// socket takes no more. Returns how many it took, 0 perhaps.
    ///
    /// # Errors
    ///
    /// The error of the socket or of the file; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the file
    /// has become shorter, and what the system says of a file that it cannot send so.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the thread may still be sending. Drop the stream then, and nothing else.
    pub async fn send(&self, file: &Arc<File>, at: u64, count: u64) -> io::Result<u64> {
        let (socket, file) = (Arc::clone(&self.socket), Arc::clone(file));
        let sending = spawn_blocking(move || send(socket.as_fd(), &file, at, count));
        match sending.await.map_err(io::Error::other)? {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }
}

impl IoStream {
    /// Returns the socket for threads that send files over it; `None` where that cannot be, as under TLS.
    /// Nothing may wait in the output buffer while they do.
    ///
    /// # Errors
    ///
    /// Fails if the process has no descriptor left.
    pub fn file_sender(&self) -> io::Result<Option<FileSender>> {
        let socket = match &self.transport {
            Transport::Tcp(socket) => socket.as_fd(),
            Transport::Unix(socket) => socket.as_fd(),
            Transport::Pipe(_) | Transport::Tls(_) | Transport::Gone => return Ok(None),
        };
        if !cfg!(target_os = "linux") {
            return Ok(None);
        }
        let socket = Arc::new(socket.try_clone_to_owned()?);
        Ok(Some(FileSender { socket }))
    }

    /// Tells whether files can be sent over this stream: not under TLS, and on Linux only.
    #[must_use]
    pub fn can_send_files(&self) -> bool {
        cfg!(target_os = "linux")
            && matches!(self.transport, Transport::Tcp(_) | Transport::Unix(_))
    }

    /// Waits until the socket has room and sends octets of a file on this thread, as far as they are in
    /// memory, so that the loop does not wait for a disk: one octet in each 128 KiB is looked at, and a page that
    /// was thrown out in between is waited for. What waits in the output buffer goes first, in the
    /// same packets. Returns how many octets of the file it sent; 0 if the first ones are not in memory.
    ///
    /// # Errors
    ///
    /// As [`FileSender::send`]; [`Unsupported`](io::ErrorKind::Unsupported) where there is none.
    pub fn poll_send_file(
        &mut self,
        cx: &mut Context<'_>,
        file: &File,
        at: u64,
        count: u64,
    ) -> Poll<io::Result<u64>> {
        if !self.output.is_empty() {
            let more_follows = cached_length(file, at, 1) > 0;
            ready!(self.poll_flush_before(cx, more_follows))?;
        }
        let mut sent = 0;
        let polled = poll_with_room(&self.transport, cx, |socket| {
            let cached = cached_length(file, at, count);
            while sent < cached {
                sent += send(socket, file, at + sent, cached - sent)?;
            }
            Ok(())
        });
        match polled {
            // The socket is full, and the next poll knows it without a system call that would fail.
            Poll::Pending if sent > 0 => Poll::Ready(Ok(sent)),
            polled => polled.map_ok(|()| sent),
        }
    }

    /// Waits until the socket has room, also where a [`FileSender`] has filled it.
    ///
    /// # Errors
    ///
    /// The error of the socket; [`Unsupported`](io::ErrorKind::Unsupported) where nothing can be sent so.
    pub fn poll_has_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_with_room(&self.transport, cx, has_room)
    }

    /// Writes what waits. If more follows at once, the system may keep it until then: a head then travels
    /// with the first octets of its file.
    fn poll_flush_before(
        &mut self,
        cx: &mut Context<'_>,
        more_follows: bool,
    ) -> Poll<io::Result<()>> {
        if more_follows && let Some(waiting) = self.output.lone_tail() {
            let mut sent = 0;
            ready!(poll_with_room(&self.transport, cx, |socket| {
                sent = send_more(socket, waiting)?;
                Ok(())
            }))?;
            self.output.wrote(sent, self.state.buffers());
        }
        self.poll_flush(cx, &mut 0)
    }
}

/// Calls `work` each time the socket may have room, until it does not say that there is none.
fn poll_with_room(
    transport: &Transport,
    cx: &mut Context<'_>,
    mut work: impl FnMut(BorrowedFd<'_>) -> io::Result<()>,
) -> Poll<io::Result<()>> {
    loop {
        let tried = match transport {
            Transport::Tcp(socket) => {
                ready!(socket.poll_write_ready(cx))?;
                socket.try_io(Interest::WRITABLE, || work(socket.as_fd()))
            }
            Transport::Unix(socket) => {
                ready!(socket.poll_write_ready(cx))?;
                socket.try_io(Interest::WRITABLE, || work(socket.as_fd()))
            }
            _ => return Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        };
        match tried {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            tried => return Poll::Ready(tried),
        }
    }
}

#[cfg(target_os = "linux")]
fn send(socket: BorrowedFd<'_>, file: &File, at: u64, count: u64) -> io::Result<u64> {
    let mut offset = i64::try_from(at).map_err(io::Error::other)?;
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let sent = nix::sys::sendfile::sendfile(socket, file, Some(&mut offset), wanted)?;
    if sent == 0 && count > 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(sent as u64)
}

#[cfg(target_os = "linux")]
fn send_more(socket: BorrowedFd<'_>, octets: &[u8]) -> io::Result<usize> {
    use rustix::net::{SendFlags, send};

    Ok(send(socket, octets, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

#[cfg(target_os = "linux")]
fn has_room(socket: BorrowedFd<'_>) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let at_once = Timespec::default();
    let mut asked = [PollFd::from_borrowed_fd(socket, PollFlags::OUT)];
    match poll(&mut asked, Some(&at_once))? {
        0 => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn send(_: BorrowedFd<'_>, _: &File, _: u64, _: u64) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn send_more(_: BorrowedFd<'_>, _: &[u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn has_room(_: BorrowedFd<'_>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
