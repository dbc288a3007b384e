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

    /// Waits until the socket takes something and sends octets of a file on this thread: those that
    /// [`FileSender::send`] has come to, which are in memory.
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
        loop {
            let tried = match &self.transport {
                Transport::Tcp(socket) => {
                    ready!(socket.poll_write_ready(cx))?;
                    let work = || send(socket.as_fd(), file, at, count);
                    socket.try_io(Interest::WRITABLE, work)
                }
                Transport::Unix(socket) => {
                    ready!(socket.poll_write_ready(cx))?;
                    let work = || send(socket.as_fd(), file, at, count);
                    socket.try_io(Interest::WRITABLE, work)
                }
                _ => return Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
            };
            match tried {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
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

#[cfg(not(target_os = "linux"))]
fn send(_: BorrowedFd<'_>, _: &File, _: u64, _: u64) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}
