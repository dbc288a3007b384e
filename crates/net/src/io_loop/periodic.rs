//! Callbacks that are called again and again, on a grid of times that never drifts.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::sleep_until;

use super::callbacks::Guarded;
use super::grid::{next_time, random, with_jitter};
use super::outcome::Outcome;
use super::{IoLoop, TimeoutHandle};

/// Calls a function every period, the first time one period after [`start`](Self::start).
///
/// The calls lie on a grid: one that takes longer than a period makes the missed times be skipped,
/// and the next call is on the original grid again. Calls never overlap: an async function is
/// awaited before the next time is chosen. One that fails or panics is logged, and the next comes as
/// planned. Dropping the value does not stop the calls; [`stop`](Self::stop) does.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{IoLoop, PeriodicCallback};
///
/// let io_loop = IoLoop::new()?;
/// let mut left = 3;
/// let ticker = PeriodicCallback::new(Duration::from_millis(1), move || {
///     left -= 1;
///     if left == 0 {
///         IoLoop::current().stop();
///     }
/// })?;
/// io_loop.add_callback(move || ticker.start());
/// io_loop.start();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct PeriodicCallback {
    shared: Rc<Shared>,
}

struct Shared {
    period: Duration,
    jitter: Cell<f64>,
    /// Held while a call runs, so that a stop and a start meanwhile make no second one.
    callback: Mutex<Box<dyn Call>>,
    state: Cell<State>,
    /// How often it was started: a task of an earlier start sees that it is over.
    starts: Cell<u64>,
}

#[derive(Default)]
enum State {
    #[default]
    Stopped,
    /// Waits for the next time.
    Waiting(TimeoutHandle),
    /// The function runs, or is about to.
    Calling,
}

impl PeriodicCallback {
    /// Makes a periodic callback of a plain function.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`] if the period is zero.
    pub fn new<F>(period: Duration, mut callback: F) -> Result<Self, InvalidPeriod>
    where
        F: FnMut() + 'static,
    {
        Self::new_async(period, move || {
            callback();
            std::future::ready(())
        })
    }

    /// Makes a periodic callback of an async function, which may return a `Result`.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`] if the period is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use waterspout_net::PeriodicCallback;
    ///
    /// let poller = PeriodicCallback::new_async(Duration::from_secs(30), async || {
    ///     tokio::task::yield_now().await;
    ///     Err::<(), _>("no answer: logged, and asked again half a minute later")
    /// })?;
    /// assert!(!poller.is_running());
    /// # Ok::<(), waterspout_net::InvalidPeriod>(())
    /// ```
    pub fn new_async<F, R>(period: Duration, callback: F) -> Result<Self, InvalidPeriod>
    where
        F: AsyncFnMut() -> R + 'static,
        R: Outcome + 'static,
    {
        if period.is_zero() {
            return Err(InvalidPeriod(()));
        }
        let shared = Shared {
            period,
            jitter: Cell::new(0.0),
            callback: Mutex::new(Box::new(callback)),
            state: Cell::new(State::Stopped),
            starts: Cell::new(0),
        };
        Ok(Self {
            shared: Rc::new(shared),
        })
    }

    /// Varies each period at random by this share of it, half of that to either side, so that many
    /// servers do not act at the same moment. Each time counts from the one before, as in Tornado, so
    /// the times leave the grid and keep the period on the average only. Values outside 0 to 1 are
    /// moved there. Default: 0.
    #[must_use]
    pub fn jitter(self, jitter: f64) -> Self {
        self.shared.jitter.set(if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        });
        self
    }

    /// Starts the calls; nothing changes if they are started already.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[track_caller]
    pub fn start(&self) {
        let io_loop = IoLoop::current();
        if self.is_running() {
            return;
        }
        self.shared.starts.set(self.shared.starts.get() + 1);
        let grid = Grid {
            start: io_loop.time(),
            next: Duration::ZERO,
        };
        Shared::schedule(&self.shared, &io_loop, grid);
    }

    /// Stops the calls. One that is being awaited runs to its end.
    pub fn stop(&self) {
        if let State::Waiting(timeout) = self.shared.state.take() {
            timeout.cancel();
        }
    }

    /// Tells whether the calls are started.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let state = self.shared.state.take();
        let running = !matches!(state, State::Stopped);
        self.shared.state.set(state);
        running
    }
}

impl fmt::Debug for PeriodicCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicCallback")
            .field("period", &self.shared.period)
            .field("running", &self.is_running())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Chooses the next time after now and waits for it.
    fn schedule(this: &Rc<Self>, io_loop: &IoLoop, mut grid: Grid) {
        let period = with_jitter(this.period, this.jitter.get(), random());
        grid.next = next_time(grid.next, grid.start_to(io_loop.time()), period);
        let waited = Self::wait(Rc::clone(this), grid, this.starts.get());
        let task = io_loop.spawn_abortable(Guarded::task(waited));
        this.state.set(State::Waiting(TimeoutHandle::new(task)));
    }

    /// Waits for the time, calls, and schedules the next time.
    async fn wait(self: Rc<Self>, grid: Grid, start: u64) {
        if let Some(when) = grid.start.checked_add(grid.next) {
            sleep_until(when.into()).await;
        } else {
            std::future::pending::<()>().await;
        }
        self.state.set(State::Calling);
        {
            let mut callback = self.callback.lock().await;
            if self.is_current(start) {
                callback.call().await;
            }
        }
        if self.is_current(start) {
            Self::schedule(&self, &IoLoop::current(), grid);
        }
    }

    fn is_current(&self, start: u64) -> bool {
        let state = self.state.take();
        let calling = matches!(state, State::Calling);
        self.state.set(state);
        calling && self.starts.get() == start
    }
}

/// When the calls began, and when the last one was due, counted from there.
#[derive(Clone, Copy)]
struct Grid {
    start: Instant,
    next: Duration,
}

impl Grid {
    fn start_to(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.start)
    }
}

/// Hides the type of a callback.
trait Call {
    fn call(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

impl<F, R> Call for F
where
    F: AsyncFnMut() -> R,
    R: Outcome,
{
    fn call(&mut self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(Guarded::callback::<F>(async move { self().await }))
    }
}

/// The error of a period of no length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPeriod(());

impl fmt::Display for InvalidPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the period of a PeriodicCallback must be longer than zero")
    }
}

impl Error for InvalidPeriod {}

impl From<InvalidPeriod> for io::Error {
    fn from(error: InvalidPeriod) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
