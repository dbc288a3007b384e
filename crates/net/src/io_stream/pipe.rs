//! Streams over pipes and terminals.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::IoStream;
use super::transport::Transport;

/// A stream over a pipe: an [`IoStream`] from [`from_pipe`](IoStream::from_pipe) or [`pipe`], under
/// Tornado's name.
pub type PipeIoStream = IoStream;

/// The ends of a pipe, or both of a terminal.
pub(crate) struct Pipe {
    reader: Option<Receiver>,
    writer: Option<Sender>,
    /// Ready when nobody reads what is written; there since somebody asked.
    abandoned: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

/// Makes a pipe and returns its reading and its writing end.
///
/// # Errors
///
/// The error of the system, mostly too many open files.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, pipe};
///
/// IoLoop::new()?.run_sync(async {
///     let (mut reader, mut writer) = pipe()?;
///     writer.write(b"through the pipe").await?;
///     writer.close().await;
///     assert_eq!(reader.read_until_close().await?, "through the pipe");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn pipe() -> io::Result<(PipeIoStream, PipeIoStream)> {
    let (reader, writer) = io::pipe()?;
    Ok((
        IoStream::from_pipe(reader.into())?,
        IoStream::from_pipe(writer.into())?,
    ))
}

impl IoStream {
    /// Wraps the end of a pipe, a FIFO or a terminal, which is made non-blocking.
    ///
    /// Which directions there are depends on how it was opened; the other one fails. Closing the
    /// writing end is what lets the reader see the end.
    ///
    /// # Errors
    ///
    /// The error of the system if the loop cannot watch it: files on disk have no readiness, for
    /// instance.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn from_pipe(pipe: OwnedFd) -> io::Result<Self> {
        let pipe = Pipe::new(pipe).map_err(explain)?;
        Ok(Self::new(Transport::Pipe(Box::new(pipe))))
    }

    /// Tells whether octets can come: not at the writing end of a pipe.
    pub(crate) fn is_read(&self) -> bool {
        match &self.transport {
            Transport::Pipe(pipe) => pipe.reader.is_some(),
            _ => true,
        }
    }

    /// Waits until nobody reads from a pipe of which this is the writing end.
    pub(crate) fn poll_abandoned(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.transport {
            Transport::Pipe(pipe) => pipe.poll_abandoned(cx),
            _ => Poll::Pending,
        }
    }
}

fn explain(error: io::Error) -> io::Error {
    // What epoll and kqueue say of a file on disk.
    if error.kind() == io::ErrorKind::PermissionDenied {
        return io::Error::new(
            io::ErrorKind::Unsupported,
            "the loop cannot watch a file on disk, which is always ready: read it in a thread, \
             with spawn_blocking",
        );
    }
    error
}

impl Pipe {
    fn new(pipe: OwnedFd) -> io::Result<Self> {
        let flags = OFlag::from_bits_retain(fcntl(&pipe, FcntlArg::F_GETFL)?);
        fcntl(&pipe, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        let access = flags & OFlag::O_ACCMODE;
        let (mut reader, mut writer) = (None, None);
        if access != OFlag::O_WRONLY {
            reader = Some(pipe.as_fd().try_clone_to_owned()?);
        }
        if access != OFlag::O_RDONLY {
            writer = Some(pipe);
        }
        Ok(Self {
            reader: reader.map(Receiver::from_owned_fd_unchecked).transpose()?,
            writer: writer.map(Sender::from_owned_fd_unchecked).transpose()?,
            abandoned: None,
        })
    }

    /// A pipe without readers is in error, which is told unasked. Without a descriptor to watch for it,
    /// the next write finds out.
    fn poll_abandoned(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.abandoned.is_none() {
            let duplicate = |writer: &Sender| writer.as_fd().try_clone_to_owned().ok();
            let watch = self.writer.as_ref().and_then(duplicate);
            let Some(Ok(watch)) = watch.map(Sender::from_owned_fd_unchecked) else {
                return Poll::Pending;
            };
            self.abandoned = Some(Box::pin(async move {
                if watch.ready(Interest::ERROR).await.is_err() {
                    std::future::pending().await
                }
            }));
        }
        match &mut self.abandoned {
            Some(abandoned) => abandoned.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }

    pub(super) fn fileno(&self) -> Option<BorrowedFd<'_>> {
        let writer = self.writer.as_ref().map(AsFd::as_fd);
        writer.or_else(|| self.reader.as_ref().map(AsFd::as_fd))
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.reader {
            Some(reader) => Pin::new(reader).poll_read(cx, into),
            None => Poll::Ready(Err(wrong_end("reads from the writing end of a pipe"))),
        }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_write(cx, bytes),
            None => Poll::Ready(Err(wrong_end(
                "writes to the reading end of a pipe, or to one that is shut down",
            ))),
        }
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_write_vectored(cx, slices),
            None => self.poll_write(cx, &[]),
        }
    }

    /// Closes the writing end: a pipe has no other way to say that it is at its end.
    pub(crate) fn shutdown(&mut self) {
        self.writer = None;
        // Its descriptor would keep the pipe open.
        self.abandoned = None;
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe")
            .field("reader", &self.reader)
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}

fn wrong_end(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("{what}: use the other end"),
    )
}
