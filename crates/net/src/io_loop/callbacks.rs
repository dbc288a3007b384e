//! Tasks and callbacks whose failures are logged instead of lost.

use std::any::{Any, type_name};
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::task::AbortHandle;

use super::IoLoop;
use super::outcome::Outcome;
use super::timers::TimeoutHandle;
use super::watchdog;

impl IoLoop {
    /// Runs `future` as a task of this loop, at the earliest in its next pass.
    ///
    /// The task may return a `Result`: an error is logged, as is a panic, and the loop goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.spawn_callback(async {
    ///     tokio::task::yield_now().await;
    ///     Err::<(), _>("logged, and nothing else happens")
    /// });
    /// io_loop.run_sync(async { tokio::task::yield_now().await });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawn_callback<F>(&self, future: F)
    where
        F: Future<Output: Outcome> + 'static,
    {
        self.spawn(Guarded::task(future));
    }

    /// Runs `callback` in the loop's next pass, never inside this call.
    ///
    /// Callbacks that are added while the loop runs run in that order, and so do those that are added
    /// before it runs. They need not be `Send`; other threads use [`handle`](Self::handle).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::RefCell, rc::Rc};
    /// use waterspout_net::IoLoop;
    ///
    /// let order = Rc::new(RefCell::new(Vec::new()));
    /// let io_loop = IoLoop::new()?;
    /// for number in [1, 2, 3] {
    ///     let order = Rc::clone(&order);
    ///     io_loop.add_callback(move || order.borrow_mut().push(number));
    /// }
    /// io_loop.stop();
    /// io_loop.start();
    /// assert_eq!(*order.borrow(), [1, 2, 3]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_callback<F: FnOnce() + 'static>(&self, callback: F) {
        self.spawn(Guarded::callback::<F>(async move { callback() }));
    }

    /// Does what [`add_callback`](Self::add_callback) does, under asyncio's name; the callback can be
    /// taken back until it runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::IoLoop;
    ///
    /// let io_loop = IoLoop::new()?;
    /// let never = io_loop.call_soon(|| unreachable!());
    /// io_loop.call_soon(|| IoLoop::current().stop());
    /// never.cancel();
    /// io_loop.start();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn call_soon<F: FnOnce() + 'static>(&self, callback: F) -> TimeoutHandle {
        let task = Guarded::callback::<F>(async move { callback() });
        TimeoutHandle::new(self.spawn_abortable(task))
    }

    /// Spawns a task, or drops it if the loop is gone.
    pub(crate) fn spawn<F, C>(&self, task: Guarded<F, C>)
    where
        F: Future<Output: Outcome> + 'static,
        C: 'static,
    {
        if let Some(runtime) = self.runtime() {
            runtime.get().spawn_local(task);
        }
    }

    /// Spawns a task that can be aborted, which costs some fifty instructions more.
    pub(crate) fn spawn_abortable<F, C>(&self, task: Guarded<F, C>) -> Option<AbortHandle>
    where
        F: Future<Output: Outcome> + 'static,
        C: 'static,
    {
        self.runtime()
            .map(|runtime| runtime.get().spawn_local(task).abort_handle())
    }
}

pin_project! {
    /// A task that ends with a line in the log if it fails or panics; the log names `C`.
    pub(crate) struct Guarded<F, C = F> {
        #[pin]
        future: F,
        // The name is in the type: a task has no room for it to spare.
        named: PhantomData<fn() -> C>,
    }
}

impl<F: Future<Output: Outcome>> Guarded<F> {
    /// Guards a task.
    pub(crate) fn task(future: F) -> Self {
        Self {
            future,
            named: PhantomData,
        }
    }

    /// Guards a task that only calls a function of type `C`, which the log then names.
    pub(crate) fn callback<C>(future: F) -> Guarded<F, C> {
        Guarded {
            future,
            named: PhantomData,
        }
    }
}

impl<F: Future<Output: Outcome>, C> Future for Guarded<F, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let name = type_name::<C>();
        let _turn = watchdog::begin(name);
        // Nobody sees the state that a panic may leave behind: the future is only dropped after it.
        match catch_unwind(AssertUnwindSafe(|| this.future.poll(cx))) {
            Ok(polled) => {
                if let Some(error) = ready!(polled).failure() {
                    tracing::error!(callback = name, "exception in callback: {error}");
                }
            }
            Err(panic) => log_panic(name, panic.as_ref()),
        }
        Poll::Ready(())
    }
}

/// Calls a function that came from another thread; a panic in it is logged.
pub(super) fn call_guarded<F: FnOnce()>(callback: F) {
    let name = type_name::<F>();
    let _turn = watchdog::begin(name);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
        log_panic(name, panic.as_ref());
    }
}

/// Returns what a panic says.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cold]
pub(crate) fn log_panic(name: &str, panic: &(dyn Any + Send)) {
    let message = panic_message(panic);
    tracing::error!(callback = name, "panic in callback: {message}");
}
