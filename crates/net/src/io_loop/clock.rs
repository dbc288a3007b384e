//! The loop's coarse clock: a tick counter and the text of the `Date` field, read without a call
//! into the kernel.
//!
//! While anybody reads the clock a ticker refreshes it every [`TICK`]; when nobody has for a whole
//! tick, the ticker sleeps until the next deadline, and the next reader refreshes for itself.

use std::cell::{Cell, RefCell};
use std::task::Waker;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Resolution of the loop's coarse clock and of connection deadlines.
pub const TICK: Duration = Duration::from_millis(100);

/// Octets of an IMF-fixdate, the preferred form of RFC 9110 §5.6.7.
const DATE_LEN: usize = 29;

#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    tick: Cell<u32>,
    /// The ticker runs at full rate, so `tick` and `date` are at most one [`TICK`] old.
    fresh: Cell<bool>,
    /// Somebody read the clock since the last tick.
    used: Cell<bool>,
    second: Cell<u64>,
    date: RefCell<[u8; DATE_LEN]>,
    ticker: RefCell<Option<Waker>>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            tick: Cell::new(0),
            fresh: Cell::new(false),
            used: Cell::new(false),
            second: Cell::new(u64::MAX),
            date: RefCell::new([b' '; DATE_LEN]),
            ticker: RefCell::new(None),
        }
    }

    /// Returns the number of ticks since the loop was made.
    #[inline]
    pub(crate) fn now(&self) -> u32 {
        self.used.set(true);
        if !self.fresh.get() {
            self.wake();
        }
        self.tick.get()
    }

    /// Calls `read` with the text of the `Date` field, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    #[inline]
    pub(crate) fn with_date<T>(&self, read: impl FnOnce(&[u8; DATE_LEN]) -> T) -> T {
        self.now();
        read(&self.date.borrow())
    }

    /// Returns the seconds since 1970.
    #[inline]
    pub(crate) fn second(&self) -> u64 {
        self.now();
        self.second.get()
    }

    #[cold]
    fn wake(&self) {
        self.refresh();
        self.fresh.set(true);
        if let Some(waker) = self.ticker.take() {
            waker.wake();
        }
    }

    /// Reads the real clocks.
    pub(crate) fn refresh(&self) {
        let ticks = self.start.elapsed().as_millis() / TICK.as_millis();
        self.tick.set(u32::try_from(ticks).unwrap_or(u32::MAX - 1));
        let now = SystemTime::now();
        let second = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        if self.second.replace(second) != second {
            let text = httpdate::fmt_http_date(now);
            if let Ok(text) = <[u8; DATE_LEN]>::try_from(text.as_bytes()) {
                *self.date.borrow_mut() = text;
            }
        }
    }

    /// Says whether anybody read the clock since the last call; if not, readers must refresh.
    pub(crate) fn take_used(&self) -> bool {
        let used = self.used.replace(false);
        self.fresh.set(used);
        used
    }

    /// Returns the tick without counting as a reader.
    pub(crate) fn now_unused(&self) -> u32 {
        self.tick.get()
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh.get()
    }

    pub(crate) fn set_ticker(&self, waker: Waker) {
        *self.ticker.borrow_mut() = Some(waker);
    }

    pub(crate) fn instant(&self, tick: u32) -> Instant {
        self.start + TICK * tick
    }
}
