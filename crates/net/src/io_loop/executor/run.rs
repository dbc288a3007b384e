//! `run_in_executor`.

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::{DefaultExecutor, Executor, ExecutorError, Job};
use crate::io_loop::IoLoop;
use crate::io_loop::callbacks::{log_panic, panic_message};

impl IoLoop {
    /// Runs a function that blocks, or computes for long, on a thread of `executor`, and returns a
    /// future for what it returns. `None` is the default executor.
    ///
    /// The function is handed over in this call, whether the future is awaited or not. If the future is
    /// dropped before a thread has begun, the function is not run; one that runs is not stopped, and its
    /// panic is logged.
    ///
    /// # Errors
    ///
    /// The future gives an [`ExecutorError`] if the function panics, or if it is not run since the
    /// executor is shut down or the loop is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, ThreadPool};
    ///
    /// fn slow_square(number: u64) -> u64 {
    ///     number * number
    /// }
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let (first, second) = IoLoop::new()?.run_sync(async {
    ///     let io_loop = IoLoop::current();
    ///     let first = io_loop.run_in_executor(None, || slow_square(3));
    ///     let second = io_loop.run_in_executor(Some(&pool), || slow_square(4));
    ///     Ok::<_, std::io::Error>((first.await?, second.await?))
    /// })?;
    /// assert_eq!((first, second), (9, 16));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn run_in_executor<F, T>(
        &self,
        executor: Option<&dyn Executor>,
        function: F,
    ) -> ExecutorFuture<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (sender, result) = oneshot::channel();
        let work = move || {
            if sender.is_closed() {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(function))
                .map_err(|panic| ExecutorError::panicked(panic_message(panic.as_ref())));
            if let Err(Err(error)) = sender.send(outcome) {
                tracing::error!(callback = type_name::<F>(), "{error}");
            }
        };
        let job: Job = Box::new(move || {
            // What nobody takes is dropped here, which may panic as well.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                log_panic(type_name::<F>(), panic.as_ref());
            }
        });
        match executor {
            Some(executor) => executor.execute(job),
            None => self.run_by_default(job),
        }
        ExecutorFuture { result }
    }

    /// Sets the executor that `None` stands for in [`run_in_executor`](Self::run_in_executor).
    /// Default: the pool of the runtime, with up to 512 threads.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_net::{IoLoop, ThreadPool};
    ///
    /// let io_loop = IoLoop::new()?;
    /// io_loop.set_default_executor(ThreadPool::new(4)?);
    /// let name = io_loop.run_sync(async {
    ///     let thread = || std::thread::current().name().map(str::to_owned);
    ///     IoLoop::current().run_in_executor(None, thread).await
    /// })?;
    /// assert!(name.unwrap().starts_with("executor-"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_default_executor(&self, executor: impl Executor + 'static) {
        let executor = DefaultExecutor(Rc::new(executor));
        let before = self.state().executor().replace(Some(executor));
        drop(before);
    }

    fn run_by_default(&self, job: Job) {
        let chosen = self.state().executor().borrow().clone();
        if let Some(DefaultExecutor(executor)) = chosen {
            executor.execute(job);
        } else if let Some(runtime) = self.runtime() {
            runtime.get().spawn_blocking(job);
        }
    }
}

/// What a function on another thread returns; from [`IoLoop::run_in_executor`].
#[must_use = "dropping it takes the function back, unless a thread has begun with it"]
pub struct ExecutorFuture<T> {
    result: oneshot::Receiver<Result<T, ExecutorError>>,
}

impl<T> Future for ExecutorFuture<T> {
    type Output = Result<T, ExecutorError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.result)
            .poll(cx)
            .map(|sent| sent.unwrap_or_else(|_dropped| Err(ExecutorError::not_run())))
    }
}

impl<T> fmt::Debug for ExecutorFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutorFuture").finish_non_exhaustive()
    }
}
