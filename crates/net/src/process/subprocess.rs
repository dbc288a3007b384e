//! Child programs.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use super::subprocess_error::{CalledProcessError, cannot_start};
use crate::{IoLoop, IoStream};

/// A program that runs beside the loop, with its standard streams as [`IoStream`]s.
///
/// A [`Command`] of the standard library says what to run. Where it has
/// [`Stdio::piped`](std::process::Stdio::piped), Tornado's `Subprocess.STREAM`, this side gets a
/// stream. The child is never left a zombie: the loop takes its exit, also when this value is
/// dropped, which does not end the child.
///
/// # Examples
///
/// ```
/// use std::process::{Command, Stdio};
/// use waterspout_net::{IoLoop, Subprocess};
///
/// IoLoop::new()?.run_sync(async {
///     let mut command = Command::new("cat");
///     command.stdin(Stdio::piped()).stdout(Stdio::piped());
///     let mut cat = Subprocess::spawn(command)?;
///     let (mut stdin, mut stdout) = (cat.stdin.take().unwrap(), cat.stdout.take().unwrap());
///     stdin.write(b"through the cat\n").await?;
///     assert_eq!(stdout.read_until(b"\n", 100).await?, "through the cat\n");
///     drop(stdin); // the end of its input
///     assert_eq!(cat.wait_for_exit().await, 0);
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Subprocess {
    /// The writing end of its standard input, if that is a pipe. Dropping it ends the input.
    pub stdin: Option<IoStream>,
    /// The reading end of its standard output, if that is a pipe.
    pub stdout: Option<IoStream>,
    /// The reading end of its standard error, if that is a pipe.
    pub stderr: Option<IoStream>,
    child: Handle,
}

/// What the owner of a child, the task that waits for it, and its transport share.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    pid: u32,
    exit: Rc<Exit>,
}

#[derive(Default)]
struct Exit {
    code: Cell<Option<i32>>,
    waiting: RefCell<Vec<Waker>>,
    callback: Cell<Option<ExitCallback>>,
}

type ExitCallback = Box<dyn FnOnce(i32)>;

impl fmt::Debug for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exit")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Subprocess {
    /// Starts a program.
    ///
    /// # Errors
    ///
    /// An error that names the program and says what to do if it cannot be started: the program or
    /// its working directory does not exist, is not executable, or the system has no room. Its kind
    /// is that of the system's error, which is the source.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Command;
    /// use waterspout_net::{IoLoop, Subprocess};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let error = Subprocess::spawn(Command::new("no-such-program")).unwrap_err();
    ///     assert!(error.to_string().starts_with("cannot start `no-such-program`"));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawn(command: Command) -> io::Result<Self> {
        let io_loop = IoLoop::current();
        let mut command = tokio::process::Command::from(command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Err(cannot_start(command.as_std(), error)),
        };
        let stdin = child.stdin.take().map(|pipe| pipe.into_owned_fd());
        let stdout = child.stdout.take().map(|pipe| pipe.into_owned_fd());
        let stderr = child.stderr.take().map(|pipe| pipe.into_owned_fd());
        let handle = Handle {
            pid: child.id().unwrap_or_default(),
            exit: Rc::default(),
        };
        io_loop.spawn_callback(reap(child, Rc::clone(&handle.exit)));
        Ok(Self {
            stdin: stdin.map(stream).transpose()?,
            stdout: stdout.map(stream).transpose()?,
            stderr: stderr.map(stream).transpose()?,
            child: handle,
        })
    }

    /// Returns the process number of the child.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.pid
    }

    /// Returns how the child ended, or `None` while it runs: its exit code, or the number of the
    /// signal that killed it with a minus.
    #[must_use]
    pub fn returncode(&self) -> Option<i32> {
        self.child.returncode()
    }

    /// Waits for the end of the child and returns its exit code, or the number of the signal that
    /// killed it with a minus: -15 after SIGTERM. Tornado's `wait_for_exit(raise_error=False)`.
    ///
    /// A child whose pipes are full, for nobody reads them, does not end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; it may be called again after the end, too.
    pub async fn wait_for_exit(&self) -> i32 {
        self.child.wait().await
    }

    /// Waits for the end of the child. Tornado's `wait_for_exit`.
    ///
    /// # Errors
    ///
    /// [`CalledProcessError`] if the exit code is not 0.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Command;
    /// use waterspout_net::{IoLoop, Subprocess};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let error = Subprocess::spawn(Command::new("false"))?.wait_for_success().await;
    ///     assert_eq!(error.unwrap_err().to_string(), "child process ended with exit code 1");
    ///     Ok::<(), std::io::Error>(())
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn wait_for_success(&self) -> Result<(), CalledProcessError> {
        match self.child.wait().await {
            0 => Ok(()),
            returncode => Err(CalledProcessError::new(returncode)),
        }
    }

    /// Has the loop call `callback` with the exit code when the child ends; in its next pass if it
    /// has ended. A second callback takes the place of the first.
    pub fn set_exit_callback(&self, callback: impl FnOnce(i32) + 'static) {
        self.child.set_exit_callback(callback);
    }

    /// Sends a signal to the child; nothing if it has ended.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] for a number that is no signal, or the error of the system.
    pub fn send_signal(&self, signal: i32) -> io::Result<()> {
        self.child.send_signal(signal)
    }

    /// Sends SIGTERM, which asks the child to end.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn terminate(&self) -> io::Result<()> {
        self.child.send(Signal::SIGTERM)
    }

    /// Sends SIGKILL, which ends the child.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn kill(&self) -> io::Result<()> {
        self.child.send(Signal::SIGKILL)
    }

    pub(crate) fn handle(&self) -> Handle {
        self.child.clone()
    }
}

impl Handle {
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn returncode(&self) -> Option<i32> {
        self.exit.code.get()
    }

    pub(crate) async fn wait(&self) -> i32 {
        poll_fn(|cx| self.poll_exit(cx)).await
    }

    pub(crate) fn poll_exit(&self, cx: &Context<'_>) -> Poll<i32> {
        if let Some(code) = self.exit.code.get() {
            return Poll::Ready(code);
        }
        let mut waiting = self.exit.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn set_exit_callback(&self, callback: impl FnOnce(i32) + 'static) {
        match self.exit.code.get() {
            None => self.exit.callback.set(Some(Box::new(callback))),
            Some(code) => {
                if let Some(io_loop) = IoLoop::try_current() {
                    io_loop.add_callback(move || callback(code));
                }
            }
        }
    }

    pub(crate) fn send_signal(&self, signal: i32) -> io::Result<()> {
        self.send(Signal::try_from(signal)?)
    }

    pub(crate) fn send(&self, signal: Signal) -> io::Result<()> {
        // The loop alone takes the exit, so until then the number is this child's.
        if self.exit.code.get().is_some() {
            return Ok(());
        }
        let pid = i32::try_from(self.pid).map_err(io::Error::other)?;
        Ok(kill(Pid::from_raw(pid), signal)?)
    }
}

fn stream(pipe: io::Result<OwnedFd>) -> io::Result<IoStream> {
    IoStream::from_pipe(pipe?)
}

async fn reap(mut child: Child, exit: Rc<Exit>) -> io::Result<()> {
    let status = child.wait().await;
    // Without a status the child is not ours any more, and was no success as far as is known.
    let code = status.as_ref().map_or(-1, |status| code_of(*status));
    exit.code.set(Some(code));
    exit.waiting.take().into_iter().for_each(Waker::wake);
    if let Some(callback) = exit.callback.take() {
        callback(code);
    }
    status.map(drop)
}

fn code_of(status: ExitStatus) -> i32 {
    let signal = status.signal().map(|signal| -signal);
    status.code().or(signal).unwrap_or(-1)
}
