//! Whether a peer moves its octets fast enough.

use std::time::Duration;

use waterspout_net::ticks;

/// A rule of pace: within a window of waiting so many octets must move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PaceRule {
    window: u32,
    quota: u64,
}

impl PaceRule {
    /// A rate in octets a second, measured over `window`; at least one octet must move in it.
    pub(crate) fn rate(window: Duration, octets: u32) -> Self {
        let quota = u64::from(octets).saturating_mul(window.as_secs());
        Self {
            window: ticks(window),
            quota: quota.max(1),
        }
    }

    /// All must happen within `window`, however many octets move.
    pub(crate) fn total(window: Duration) -> Self {
        Self {
            window: ticks(window),
            quota: u64::MAX,
        }
    }
}

/// How a peer stands against a [`PaceRule`]. Only time in which this side waits is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    rule: PaceRule,
    moved: u64,
    left: u32,
}

impl Pace {
    pub(crate) fn new(rule: PaceRule) -> Self {
        Self {
            rule,
            moved: 0,
            left: rule.window,
        }
    }

    /// Ticks that the peer has left in this window.
    pub(crate) fn left(&self) -> u32 {
        self.left
    }

    /// Notes that octets moved when `left` ticks of the window were left. A quota that is met opens
    /// a new window.
    pub(crate) fn moved(&mut self, octets: u64, left: u32) {
        self.moved = self.moved.saturating_add(octets);
        self.left = left;
        if self.moved >= self.rule.quota {
            *self = Self::new(self.rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_drips_uses_its_window_up() {
        let mut pace = Pace::new(PaceRule::rate(Duration::from_secs(10), 64));
        assert_eq!(pace.left(), 101);
        pace.moved(639, 1);
        assert_eq!(pace.left(), 1);
        pace.moved(1, 1);
        assert_eq!(pace.left(), 101);
    }

    #[test]
    fn a_total_is_never_renewed() {
        let mut pace = Pace::new(PaceRule::total(Duration::from_secs(1)));
        pace.moved(u64::MAX - 1, 3);
        assert_eq!(pace.left(), 3);
    }
}
