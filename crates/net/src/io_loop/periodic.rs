//! Callbacks that are called again and again, on a grid of times that never drifts.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Mutex;
use tokio::time::sleep_until;

use super::callbacks::Guarded;
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
    /// servers do not act at the same moment. Values outside 0 to 1 are moved there. Default: 0.
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
        let task = io_loop.spawn(Guarded::task(waited));
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

/// Returns the time of the call after the one at `next`: the first time of the grid that lies after
/// `now`, and one period on if the clock has not come to `next` yet. All times count from one start.
fn next_time(next: Duration, now: Duration, period: Duration) -> Duration {
    let Some(late) = now.checked_sub(next) else {
        return next.saturating_add(period);
    };
    let periods = late.as_nanos() / period.as_nanos().max(1) + 1;
    let nanos = next
        .as_nanos()
        .saturating_add(periods.saturating_mul(period.as_nanos()));
    u64::try_from(nanos / 1_000_000_000).map_or(Duration::MAX, |seconds| {
        Duration::from_secs(seconds) + Duration::from_nanos((nanos % 1_000_000_000) as u64)
    })
}

/// Stretches or shrinks a period: `random` 0 to 1 moves it from half of `jitter` below to half above.
fn with_jitter(period: Duration, jitter: f64, random: f64) -> Duration {
    if jitter == 0.0 {
        return period;
    }
    let factor = 1.0 + jitter * (random - 0.5);
    Duration::try_from_secs_f64(period.as_secs_f64() * factor).unwrap_or(period)
}

/// Returns a number from 0 to 1, another one in each process.
fn random() -> f64 {
    // Forked workers have equal keys, so the process and the time go in as well.
    let seed = (std::process::id(), SystemTime::now());
    let bits = RandomState::new().hash_one(seed) >> 32;
    bits as f64 / f64::from(u32::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock in milliseconds that starts at 1000 seconds, as the vectors do.
    fn run(durations: &[i64], randoms: Option<(f64, &[f64])>) -> Vec<f64> {
        let millis = |value: i64| Duration::from_millis(value.try_into().unwrap());
        let (mut now, mut next) = (1_000_000, millis(1_000_000));
        let mut times = Vec::new();
        for index in 0..durations.len() {
            let (jitter, random) = randoms.map_or((0.0, 0.5), |(jitter, r)| (jitter, r[index]));
            let period = with_jitter(Duration::from_secs(10), jitter, random);
            next = next_time(next, millis(now), period);
            times.push(next.as_secs_f64());
            now = i64::try_from(next.as_millis()).unwrap() + durations[index] * 1000;
        }
        times
    }

    #[test]
    fn late_calls_skip_to_the_original_grid() {
        assert_eq!(
            run(&[9, 9, 10, 11, 20, 20, 35, 35, 0, 0, 0], None),
            [
                1010., 1020., 1030., 1050., 1070., 1100., 1130., 1170., 1210., 1220., 1230.
            ],
        );
    }

    #[test]
    fn a_clock_that_goes_back_keeps_the_grid() {
        assert_eq!(
            run(&[-2, -1, -3, -2, 0], None),
            [1010., 1020., 1030., 1040., 1050.]
        );
        assert_eq!(run(&[-100, 0, 0], None), [1010., 1020., 1030.]);
    }

    #[test]
    fn jitter_moves_each_time_by_its_share_of_the_period() {
        assert_eq!(
            run(&[0, 0, 0, 0], Some((0.5, &[0.5, 1.0, 0.0, 0.75]))),
            [1010., 1022.5, 1030., 1041.25],
        );
    }

    #[test]
    fn the_longest_period_does_not_overflow() {
        assert_eq!(
            next_time(Duration::MAX, Duration::MAX, Duration::MAX),
            Duration::MAX
        );
        assert_eq!(with_jitter(Duration::MAX, 1.0, 1.0), Duration::MAX);
    }

    #[test]
    fn random_numbers_lie_between_zero_and_one_and_differ() {
        let numbers: Vec<_> = (0..10).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        assert!(numbers.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
