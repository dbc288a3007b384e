//! Protocols over child programs.

use std::future::poll_fn;
use std::io;
use std::process::Command;
use std::task::{Context, Poll, ready};

use nix::sys::signal::Signal;

use super::SubprocessTransport;
use super::subprocess_transport::{Input, Shared};
use super::water::{Flow, HIGH_WATER, LOW_WATER, Water};
use crate::{IoStream, Subprocess};

/// A pipe of a child program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChildPipe {
    /// Its standard input, descriptor 0.
    Stdin,
    /// Its standard output, descriptor 1.
    Stdout,
    /// Its standard error, descriptor 2.
    Stderr,
}

/// A child program in callback form: asyncio's `SubprocessProtocol`.
///
/// # Examples
///
/// ```
/// use std::process::{Command, Stdio};
/// use waterspout_net::{
///     ChildPipe, IoLoop, SubprocessProtocol, SubprocessTransport, run_subprocess_protocol,
/// };
///
/// #[derive(Default)]
/// struct Collect(Vec<u8>);
///
/// impl SubprocessProtocol for Collect {
///     fn connection_made(&mut self, transport: &SubprocessTransport) {
///         transport.write(b"one\ntwo\n");
///         transport.write_eof();
///     }
///
///     fn pipe_data_received(&mut self, _pipe: ChildPipe, data: &[u8]) {
///         self.0.extend_from_slice(data);
///     }
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let mut command = Command::new("cat");
///     command.stdin(Stdio::piped()).stdout(Stdio::piped());
///     let collected = run_subprocess_protocol(command, Collect::default()).await?;
///     assert_eq!(collected.0, b"one\ntwo\n");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait SubprocessProtocol {
    /// The child runs. Called once, first.
    fn connection_made(&mut self, transport: &SubprocessTransport) {
        _ = transport;
    }

    /// The child wrote octets.
    fn pipe_data_received(&mut self, pipe: ChildPipe, data: &[u8]) {
        _ = (pipe, data);
    }

    /// More than 64 KiB wait for the child to read them: write no more until
    /// [`resume_writing`](Self::resume_writing).
    fn pause_writing(&mut self) {}

    /// No more than 16 KiB wait any longer.
    fn resume_writing(&mut self) {}

    /// A pipe is closed, with an error or in order.
    fn pipe_connection_lost(&mut self, pipe: ChildPipe, cause: Option<&io::Error>) {
        _ = (pipe, cause);
    }

    /// The child ended with this code, or was killed by this signal with a minus. What it wrote
    /// before may still come.
    fn process_exited(&mut self, returncode: i32) {
        _ = returncode;
    }

    /// The child has ended and all its pipes are closed. Called once, last.
    fn connection_lost(&mut self) {}
}

/// Starts a program and calls the methods of `protocol` as things happen, until the child has ended
/// and all its pipes are closed; then gives the protocol back.
///
/// # Errors
///
/// As [`Subprocess::spawn`]: the program cannot be started.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Not cancel safe: dropped, it closes the pipes; the child is not killed, and no method is called
/// any more.
pub async fn run_subprocess_protocol<P: SubprocessProtocol>(
    command: Command,
    protocol: P,
) -> io::Result<P> {
    let mut child = Subprocess::spawn(command)?;
    let stdin = child.stdin.take();
    let input = match stdin {
        Some(_) => Input::Open,
        None => Input::Closed,
    };
    let mut driver = Driver {
        stdin,
        outputs: [
            (ChildPipe::Stdout, child.stdout.take()),
            (ChildPipe::Stderr, child.stderr.take()),
        ],
        transport: SubprocessTransport::new(child.handle(), input),
        water: Water::default(),
        exited: false,
        protocol,
    };
    let transport = driver.transport.clone();
    driver.protocol.connection_made(&transport);
    poll_fn(|cx| driver.poll(cx)).await;
    driver.protocol.connection_lost();
    Ok(driver.protocol)
}

struct Driver<P> {
    stdin: Option<IoStream>,
    outputs: [(ChildPipe, Option<IoStream>); 2],
    transport: SubprocessTransport,
    water: Water,
    exited: bool,
    protocol: P,
}

impl<P: SubprocessProtocol> Driver<P> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.shared().wakeup.begin();
            if self.shared().closing.get() {
                self.close_all();
            }
            self.poll_input(cx);
            let mut read = false;
            for index in 0..self.outputs.len() {
                read |= self.poll_output(cx, index).is_ready();
            }
            self.poll_exit(cx);
            if self.exited && self.outputs.iter().all(|(_, stream)| stream.is_none()) {
                return Poll::Ready(());
            }
            if !read && !self.shared().wakeup.must_look_again(cx) {
                return Poll::Pending;
            }
        }
    }

    fn close_all(&mut self) {
        // One that has just ended is taken by `poll_exit`.
        _ = self.shared().child.send(Signal::SIGKILL);
        self.close_input(None);
        for index in 0..self.outputs.len() {
            let (pipe, slot) = &mut self.outputs[index];
            if slot.take().is_some() {
                self.protocol.pipe_connection_lost(*pipe, None);
            }
        }
    }

    fn poll_input(&mut self, cx: &mut Context<'_>) {
        let Some(stdin) = &mut self.stdin else {
            return;
        };
        let outgoing = self.transport.shared.outgoing.take();
        if !outgoing.is_empty() {
            stdin.enqueue_bytes(outgoing.into());
        }
        let flushed = stdin.poll_flush(cx, &mut 0);
        let queued = stdin.queued();
        self.shared().queued.set(queued);
        self.report_water();
        let all_out = self.shared().outgoing.borrow().is_empty();
        let ended = match flushed {
            Poll::Ready(Err(error)) => Some(Some(error)),
            Poll::Ready(Ok(())) if all_out && self.shared().input.get() == Input::Ending => {
                Some(None)
            }
            _ => None,
        };
        if let Some(cause) = ended {
            self.close_input(cause.as_ref());
        }
    }

    fn report_water(&mut self) {
        let waiting = self.transport.write_buffer_size();
        match self.water.look(waiting, LOW_WATER, HIGH_WATER) {
            Some(Flow::Pause) => self.protocol.pause_writing(),
            Some(Flow::Resume) => self.protocol.resume_writing(),
            None => {}
        }
    }

    fn close_input(&mut self, cause: Option<&io::Error>) {
        if self.stdin.take().is_some() {
            self.shared().outgoing.take();
            self.shared().queued.set(0);
            self.shared().input.set(Input::Closed);
            self.protocol.pipe_connection_lost(ChildPipe::Stdin, cause);
        }
    }

    /// Reads once from one of the outputs.
    fn poll_output(&mut self, cx: &mut Context<'_>, index: usize) -> Poll<()> {
        let (pipe, slot) = &mut self.outputs[index];
        let Some(stream) = slot else {
            return Poll::Pending;
        };
        let cause = match ready!(stream.poll_fill(cx)) {
            Ok(0) => None,
            Ok(count) => {
                self.protocol.pipe_data_received(*pipe, stream.buffered());
                stream.consume(count);
                stream.release_input();
                return Poll::Ready(());
            }
            Err(error) => Some(error),
        };
        *slot = None;
        self.protocol.pipe_connection_lost(*pipe, cause.as_ref());
        Poll::Ready(())
    }

    fn poll_exit(&mut self, cx: &Context<'_>) {
        if !self.exited
            && let Poll::Ready(returncode) = self.transport.shared.child.poll_exit(cx)
        {
            self.exited = true;
            self.protocol.process_exited(returncode);
            self.close_input(None);
        }
    }

    fn shared(&self) -> &Shared {
        &self.transport.shared
    }
}
