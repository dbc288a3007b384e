//! Tells a driver that its transport was used.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

/// Set by the transport, seen by the driver.
#[derive(Debug, Default)]
pub(super) struct Wakeup {
    used: Cell<bool>,
    driver: RefCell<Option<Waker>>,
}

impl Wakeup {
    /// Notes a use. Inside a method of the protocol the driver looks by itself afterwards.
    pub(super) fn wake(&self) {
        if !self.used.replace(true)
            && let Some(driver) = self.driver.take()
        {
            driver.wake();
        }
    }

    /// Begins a look at what was asked for.
    pub(super) fn begin(&self) {
        self.used.set(false);
    }

    /// Prepares to wait; tells whether the transport was used since the look began.
    pub(super) fn must_look_again(&self, cx: &Context<'_>) -> bool {
        let used = self.used.get();
        if !used {
            self.driver.replace(Some(cx.waker().clone()));
        }
        used
    }
}
