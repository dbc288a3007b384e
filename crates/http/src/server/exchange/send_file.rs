//! Files as bodies, without a copy through this process.

use std::fs::File;
use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use waterspout_net::FileSender;

use super::respond::Outgoing;
use super::{Exchange, Persist, WriteError};

/// Octets that go out at a time at the most.
const PIECE: u64 = 2 * 1024 * 1024;

/// Parts up to this length are sent by the loop, if they are in memory. Of longer ones a thread sends the most:
/// the loop is there for others meanwhile, and measures say that it costs no more.
const BY_THE_LOOP: u64 = 1024 * 1024;

/// What the loop sends of a longer part when the socket has room again, before it wakes a thread.
const TURN: u64 = 64 * 1024;

/// A head that is no longer than this goes out with the file, not before it.
const SHORT: usize = 16 * 1024;

impl Exchange {
    /// Sends a part of a file as the next octets of the body, from the system's cache straight to the socket,
    /// no faster than the client takes it; what was written before goes first. A part of up to 1 MiB that
    /// is in memory goes out on the loop; what is longer, or has to be read from a disk, on a thread of the pool. What is
    /// sent is taken off the front of `part`.
    ///
    /// Returns false where that cannot be: on encrypted connections, for bodies without a `Content-Length`,
    /// and for files of some file systems. Read and write then what is left of the part.
    ///
    /// # Errors
    ///
    /// [`WriteError`] as [`flush`](Self::flush), and if the file cannot be read or has become shorter.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the connection is dropped if the future is.
    pub async fn send_file(
        &mut self,
        file: &Arc<File>,
        part: &mut Range<u64>,
    ) -> Result<bool, WriteError> {
        self.hand_over()?;
        let wanted = part.end.saturating_sub(part.start);
        match self.0.outgoing {
            Outgoing::Bodiless => {
                part.start = part.end;
                return Ok(true);
            }
            Outgoing::Length { left } if left >= wanted => {}
            Outgoing::Length { .. } => {
                self.flush().await?;
                self.abort();
                return Err(WriteError::too_much());
            }
            _ => return Ok(false),
        }
        let (can_send, waiting) = {
            let stream = self.conn().stream.borrow();
            (stream.can_send_files(), stream.queued())
        };
        if !can_send {
            return Ok(false);
        }
        if waiting > SHORT {
            self.flush().await?;
        }
        // Should this future be dropped, nobody knows what a thread has sent.
        let persist = std::mem::replace(&mut self.0.persist, Persist::Abort);
        let sent = self.send_pieces(file, part).await?;
        self.0.persist = persist;
        Ok(sent)
    }

    async fn send_pieces(
        &mut self,
        file: &Arc<File>,
        part: &mut Range<u64>,
    ) -> Result<bool, WriteError> {
        let (conn, mut sender) = (Rc::clone(self.conn()), None);
        let is_long = part.end - part.start > BY_THE_LOOP;
        while part.start < part.end {
            let (at, count) = (part.start, (part.end - part.start).min(PIECE));
            let turn = if is_long { count.min(TURN) } else { count };
            let pace = &mut self.0.write_pace;
            let sent = poll_fn(|cx| conn.poll_send_file(cx, file, at..at + turn, pace)).await;
            let by_loop = match sent {
                Err(error) if is_unsupported(&error) => return Ok(false),
                sent => sent.map_err(failed)?,
            };
            self.note_sent(part, by_loop);
            if by_loop == 0 || (is_long && by_loop < count) {
                let (at, count) = (at + by_loop, count - by_loop);
                match self.send_off_the_loop(&mut sender, file, at, count).await {
                    Err(error) if is_unsupported(&error) => return Ok(false),
                    sent => self.note_sent(part, sent.map_err(failed)?),
                }
            }
        }
        Ok(true)
    }

    /// Lets a thread of the pool send, until the socket is full, and waits until it has room again.
    async fn send_off_the_loop(
        &mut self,
        sender: &mut Option<FileSender>,
        file: &Arc<File>,
        at: u64,
        count: u64,
    ) -> io::Result<u64> {
        let conn = Rc::clone(self.conn());
        if sender.is_none() {
            *sender = conn.stream.borrow().file_sender()?;
        }
        let sender = sender.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let sent = sender.send(file, at, count).await?;
        let pace = &mut self.0.write_pace;
        pace.moved(sent, pace.left());
        if sent < count {
            poll_fn(|cx| conn.poll_has_room(cx, pace)).await?;
        }
        Ok(sent)
    }

    fn note_sent(&mut self, part: &mut Range<u64>, sent: u64) {
        part.start += sent;
        self.0.sent += sent;
        if let Outgoing::Length { left } = &mut self.0.outgoing {
            *left = left.saturating_sub(sent);
        }
    }
}

/// Says in the log what is no trouble with the client.
fn failed(error: io::Error) -> WriteError {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, TimedOut};
    if !matches!(error.kind(), BrokenPipe | ConnectionReset | TimedOut) {
        tracing::error!(target: "waterspout::general", "a file could not be sent: {error}");
    }
    WriteError::io(error)
}

/// The system cannot send this kind of file so (sendfile(2), EINVAL and ENOSYS).
fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}
