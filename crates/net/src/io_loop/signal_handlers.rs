//! Callbacks for signals, and callbacks asked for inside a signal handler.

use std::fmt;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

use super::IoLoop;
use super::callbacks::{Guarded, log_panic};
use super::watched_signal::WatchedSignal;

impl IoLoop {
    /// Calls `callback` on the loop, as any other callback, each time the process gets `signal`, in
    /// place of the callback that this loop had for it.
    ///
    /// It may do what it likes: it does not run inside the signal handler. Of several equal signals in
    /// quick succession one may be seen. Each loop of a process that asked for a signal sees it. From
    /// the first call on the signal does not do to the process what it does by default, also after
    /// [`remove_signal_handler`](Self::remove_signal_handler).
    ///
    /// To stop a server, [`shutdown_signal`](crate::shutdown_signal) is shorter.
    ///
    /// # Errors
    ///
    /// An error whose text says why if the signal cannot be caught (SIGKILL, SIGSTOP, and those of a
    /// broken program: SIGSEGV, SIGILL, SIGFPE), if there is no such signal, or if the loop is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use nix::sys::signal::{Signal, raise};
    /// use waterspout_net::{IoLoop, WatchedSignal};
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.add_signal_handler(WatchedSignal::HANGUP, || {
    ///     println!("reading the configuration anew");
    ///     IoLoop::current().stop();
    /// })?;
    /// raise(Signal::SIGHUP)?;
    /// io_loop.start();
    /// assert!(io_loop.remove_signal_handler(WatchedSignal::HANGUP));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_signal_handler<F>(&self, signal: WatchedSignal, mut callback: F) -> io::Result<()>
    where
        F: FnMut() + 'static,
    {
        let runtime = self.runtime().ok_or_else(loop_gone)?;
        let mut signals = {
            let _context = runtime.get().enter();
            install(signal)?
        };
        let name = std::any::type_name::<F>();
        let task = Guarded::callback::<F>(async move {
            while signals.recv().await.is_some() {
                call(name, &mut callback);
            }
        });
        if let Some(task) = self.spawn_abortable(task) {
            let before = self.state().signals().borrow_mut().insert(signal, task);
            if let Some(before) = before {
                before.abort();
            }
        }
        Ok(())
    }

    /// Takes the callback of a signal out, and tells whether there was one.
    ///
    /// It is not called any more, also if the signal came before this call. The signal is ignored from
    /// then on: what it does by default does not come back.
    pub fn remove_signal_handler(&self, signal: WatchedSignal) -> bool {
        let task = self.state().signals().borrow_mut().remove(&signal);
        task.map(|task| task.abort()).is_some()
    }

    /// Makes a callback of this loop that may be asked for inside a signal handler.
    ///
    /// Next to nothing may be done in a signal handler: no allocation, no lock. What this returns does
    /// one `write` on a socket that was made beforehand, which is allowed there and in every thread.
    /// It is for programs that install handlers of their own, or whose libraries do;
    /// [`add_signal_handler`](Self::add_signal_handler) needs none. Asked for several times in quick
    /// succession, the callback may be called once.
    ///
    /// The callback is gone when the last clone of what this returns is dropped.
    ///
    /// # Errors
    ///
    /// The error of the system if no pair of sockets can be made, or an error that says so if the loop
    /// is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let asked = io_loop.add_callback_from_signal(|| IoLoop::current().stop())?;
    /// // In the signal handler:
    /// asked.call();
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_callback_from_signal<F>(&self, mut callback: F) -> io::Result<SignalCallback>
    where
        F: FnMut() + 'static,
    {
        let runtime = self.runtime().ok_or_else(loop_gone)?;
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        let mut near = {
            let _context = runtime.get().enter();
            tokio::net::UnixStream::from_std(near)?
        };
        let name = std::any::type_name::<F>();
        self.spawn(Guarded::callback::<F>(async move {
            let mut octets = [0; 64];
            while let Ok(1..) = near.read(&mut octets).await {
                call(name, &mut callback);
            }
        }));
        Ok(SignalCallback {
            socket: Arc::new(far),
        })
    }
}

/// Asks for one callback of a loop, also inside a signal handler; from
/// [`IoLoop::add_callback_from_signal`].
#[derive(Clone)]
pub struct SignalCallback {
    socket: Arc<UnixStream>,
}

impl SignalCallback {
    /// Has the callback called in the loop's next pass; nothing happens if the loop is gone.
    ///
    /// This is async-signal-safe: one `write` that does not block. Like every system call it may
    /// change `errno`, which a signal handler should put back.
    pub fn call(&self) {
        // A full socket has the callback called anyway.
        _ = (&*self.socket).write(&[1]);
    }
}

impl fmt::Debug for SignalCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalCallback").finish_non_exhaustive()
    }
}

fn install(number: WatchedSignal) -> io::Result<tokio::signal::unix::Signal> {
    signal(SignalKind::from_raw(number.number())).map_err(|error| {
        let text = format!(
            "{number} cannot be caught ({error}): the system allows no handler for SIGKILL and \
             SIGSTOP, and after SIGSEGV, SIGILL and SIGFPE no callback could run"
        );
        io::Error::new(io::ErrorKind::InvalidInput, text)
    })
}

fn call(name: &'static str, callback: &mut impl FnMut()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
        log_panic(name, panic.as_ref());
    }
}

fn loop_gone() -> io::Error {
    let text = "the loop is gone: keep the value that IoLoop::new returned";
    io::Error::new(io::ErrorKind::NotConnected, text)
}
