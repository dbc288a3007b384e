//! From callbacks to futures.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Makes a future, and the completer by which a callback decides it.
///
/// This is how to await what only calls back. Both ends stay on the loop's thread; a callback that
/// comes on another thread goes through [`LoopHandle::add_callback`](crate::LoopHandle::add_callback).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{IoLoop, task::callback_future};
///
/// // An interface of the old kind.
/// fn divide(a: u32, b: u32, callback: impl FnOnce(Result<u32, String>) + 'static) {
///     IoLoop::current().call_later(Duration::from_millis(1), move || {
///         callback(a.checked_div(b).ok_or(String::from("division by zero")));
///     });
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let (completer, quotient) = callback_future();
///     divide(84, 2, completer.into_callback());
///     assert_eq!(quotient.await, Ok(42));
///
///     let (completer, quotient) = callback_future();
///     divide(84, 0, completer.into_callback());
///     assert_eq!(quotient.await.unwrap_err().to_string(), "division by zero");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn callback_future<T, E>() -> (Completer<T, E>, CallbackFuture<T, E>) {
    let state = Rc::new(RefCell::new(State::Waiting(None)));
    let completer = Completer {
        state: Some(Rc::clone(&state)),
    };
    (completer, CallbackFuture { state })
}

/// The fate of a callback.
enum State<T, E> {
    /// It has not come. If the future was polled, this is who waits.
    Waiting(Option<Waker>),
    /// It has come.
    Decided(Result<T, CallbackError<E>>),
    /// The future has returned, or was dropped.
    Gone,
}

/// The end that a callback holds: decides a [`CallbackFuture`], once.
///
/// If it is dropped undecided, the future fails with [`CallbackError::Dropped`] instead of waiting
/// for ever.
pub struct Completer<T, E> {
    /// `None` once decided.
    state: Option<Rc<RefCell<State<T, E>>>>,
}

impl<T, E> Completer<T, E> {
    /// Completes the future. If it was dropped meanwhile, nothing happens.
    pub fn complete(mut self, value: T) {
        self.decide(Ok(value));
    }

    /// Fails the future. If it was dropped meanwhile, the error is logged, since nobody sees it.
    pub fn fail(mut self, error: E)
    where
        E: fmt::Display,
    {
        if let Some(Err(CallbackError::Failed(error))) =
            self.decide(Err(CallbackError::Failed(error)))
        {
            tracing::error!("exception after the future was dropped: {error:#}");
        }
    }

    /// Completes or fails the future.
    pub fn finish(self, result: Result<T, E>)
    where
        E: fmt::Display,
    {
        match result {
            Ok(value) => self.complete(value),
            Err(error) => self.fail(error),
        }
    }

    /// Returns this as a callback.
    pub fn into_callback(self) -> impl FnOnce(Result<T, E>)
    where
        E: fmt::Display,
    {
        |result| self.finish(result)
    }

    /// Tells whether the future was dropped, so that nobody needs the result.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let state = self.state.as_ref();
        state.is_some_and(|state| matches!(*state.borrow(), State::Gone))
    }

    /// Decides the future, or returns the result if it is gone.
    fn decide(
        &mut self,
        result: Result<T, CallbackError<E>>,
    ) -> Option<Result<T, CallbackError<E>>> {
        let shared = self.state.take()?;
        let mut state = shared.borrow_mut();
        if matches!(*state, State::Gone) {
            return Some(result);
        }
        let before = mem::replace(&mut *state, State::Decided(result));
        drop(state);
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
        None
    }
}

impl<T, E> Drop for Completer<T, E> {
    fn drop(&mut self) {
        self.decide(Err(CallbackError::Dropped));
    }
}

impl<T, E> fmt::Debug for Completer<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

/// A future that a callback completes or fails, from [`callback_future`].
///
/// # Panics
///
/// Panics if it is polled after it has returned.
#[must_use = "futures do nothing unless awaited"]
pub struct CallbackFuture<T, E> {
    state: Rc<RefCell<State<T, E>>>,
}

impl<T, E> Future for CallbackFuture<T, E> {
    type Output = Result<T, CallbackError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = cx.waker().clone();
        // The guard is dropped before `before`, which may hold code of others.
        let before = {
            let mut state = self.state.borrow_mut();
            let next = match *state {
                State::Waiting(_) => State::Waiting(Some(waker)),
                State::Decided(_) | State::Gone => State::Gone,
            };
            mem::replace(&mut *state, next)
        };
        match before {
            State::Waiting(_) => Poll::Pending,
            State::Decided(result) => Poll::Ready(result),
            State::Gone => panic!("a CallbackFuture was polled after it had returned"),
        }
    }
}

impl<T, E> Drop for CallbackFuture<T, E> {
    fn drop(&mut self) {
        let unseen = self.state.replace(State::Gone);
        drop(unseen);
    }
}

impl<T, E> fmt::Debug for CallbackFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match *self.state.borrow() {
            State::Waiting(_) => "waiting",
            State::Decided(_) => "decided",
            State::Gone => "gone",
        };
        f.debug_tuple("CallbackFuture").field(&state).finish()
    }
}

/// Why a [`CallbackFuture`] failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackError<E> {
    /// The callback said so.
    Failed(E),
    /// The callback can never come: its [`Completer`] was dropped.
    Dropped,
}

impl<E: fmt::Display> fmt::Display for CallbackError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Nothing is added to the error, as if it had been returned directly.
            Self::Failed(error) => error.fmt(f),
            Self::Dropped => f.write_str(
                "the callback was dropped without being called: \
                 keep its Completer until the result is known",
            ),
        }
    }
}

impl<E: Error> Error for CallbackError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Dropped => None,
        }
    }
}
