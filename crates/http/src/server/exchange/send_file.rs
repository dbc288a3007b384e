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

/// Octets that a thread of the pool sends at a time at the most.
const OFF_THE_LOOP: u64 = 2 * 1024 * 1024;

/// Octets that go out on the loop's thread once the socket takes some again. The thread that found it full
/// had them in its hands (a pipe of the kernel holds so many), so they are in memory.
const ON_THE_LOOP: u64 = 64 * 1024;

impl Exchange {
    /// Sends a part of a file as the next octets of the body, from the system's cache straight to the socket
    /// and off the loop, no faster than the client takes it; what was written before goes first. What is
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
        self.flush().await?;
        let wanted = part.end.saturating_sub(part.start);
        match self.0.outgoing {
            Outgoing::Bodiless => {
                part.start = part.end;
                return Ok(true);
            }
            Outgoing::Length { left } if left >= wanted => {}
            Outgoing::Length { .. } => {
                self.abort();
                return Err(WriteError::too_much());
            }
            _ => return Ok(false),
        }
        let sender = self.conn().stream.borrow().file_sender();
        let Some(sender) = sender.map_err(WriteError::io)? else {
            return Ok(false);
        };
        // Should this future be dropped, nobody knows what the thread has sent.
        let persist = std::mem::replace(&mut self.0.persist, Persist::Abort);
        let sent = self.send_pieces(&sender, file, part).await?;
        self.0.persist = persist;
        Ok(sent)
    }

    async fn send_pieces(
        &mut self,
        sender: &FileSender,
        file: &Arc<File>,
        part: &mut Range<u64>,
    ) -> Result<bool, WriteError> {
        while part.start < part.end {
            let count = (part.end - part.start).min(OFF_THE_LOOP);
            let sent = match sender.send(file, part.start, count).await {
                Err(error) if is_unsupported(&error) => return Ok(false),
                sent => sent.map_err(failed)?,
            };
            self.note_sent(part, sent);
            if sent < count {
                let rest = (count - sent).min(ON_THE_LOOP);
                let (conn, at) = (Rc::clone(self.conn()), part.start);
                let pace = &mut self.0.write_pace;
                let sent = poll_fn(|cx| conn.poll_send_file(cx, file, at..at + rest, pace)).await;
                self.note_sent(part, sent.map_err(failed)?);
            }
        }
        Ok(true)
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
