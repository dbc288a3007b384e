//! Several timers on one deadline.

use waterspout_net::Deadline;

/// What a connection waits for with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The next ping is due.
    Ping,
    /// The peer has not answered a ping.
    Pong,
    /// The peer takes too little of what is sent.
    Stall,
    /// The closing handshake takes too long.
    Close,
}

const OFF: u32 = u32::MAX;

/// Ticks that are left of each timer, as of when the deadline was set last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timers {
    /// What the deadline was set to.
    armed: u32,
    left: [u32; 4],
}

impl Timers {
    pub(super) const NONE: Self = Self {
        armed: OFF,
        left: [OFF; 4],
    };

    pub(super) fn is_on(&self, timer: Timer) -> bool {
        self.left[timer as usize] != OFF
    }

    pub(super) fn is_due(&self, timer: Timer) -> bool {
        self.left[timer as usize] == 0
    }

    /// Takes a timer back. The deadline may come early then, for nothing.
    pub(super) fn stop(&mut self, timer: Timer) {
        self.left[timer as usize] = OFF;
    }

    pub(super) fn start(&mut self, timer: Timer, ticks: u32, deadline: &Deadline) {
        self.settle(deadline);
        self.left[timer as usize] = ticks.clamp(1, OFF - 1);
        self.arm(deadline);
    }

    /// Takes the time that has gone by from every timer.
    pub(super) fn settle(&mut self, deadline: &Deadline) {
        if self.armed == OFF {
            return;
        }
        let remaining = deadline.remaining_ticks().min(self.armed);
        let elapsed = self.armed - remaining;
        for left in self.left.iter_mut().filter(|left| **left != OFF) {
            *left = left.saturating_sub(elapsed);
        }
        self.armed = remaining;
    }

    /// Sets the deadline to the timer that ends first.
    pub(super) fn arm(&mut self, deadline: &Deadline) {
        let next = self.left.into_iter().min().unwrap_or(OFF);
        if next == OFF {
            deadline.clear();
        } else if next != self.armed {
            deadline.set_ticks(next);
        }
        self.armed = next;
    }
}
