//! When a protocol is asked to pause, and when to go on.

/// Octets that may wait before a protocol is asked to pause, asyncio's number.
pub(super) const HIGH_WATER: usize = 64 * 1024;

/// Octets that may wait still when it may go on, a quarter as in asyncio.
pub(super) const LOW_WATER: usize = HIGH_WATER / 4;

/// Remembers what the protocol was asked for last.
#[derive(Debug, Default)]
pub(super) struct Water {
    paused: bool,
}

/// What a protocol is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Pause,
    Resume,
}

impl Water {
    /// Returns what to ask for while so many octets wait, if that has changed.
    pub(super) fn look(&mut self, waiting: usize, low: usize, high: usize) -> Option<Flow> {
        if !self.paused && waiting > high {
            self.paused = true;
            return Some(Flow::Pause);
        }
        if self.paused && waiting <= low {
            self.paused = false;
            return Some(Flow::Resume);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_pauses_above_the_high_mark_and_goes_on_at_the_low_one() {
        let mut water = Water::default();
        let asked = [10, 11, 50, 3, 2, 0, 11].map(|waiting| water.look(waiting, 2, 10));
        let (pause, resume) = (Some(Flow::Pause), Some(Flow::Resume));
        assert_eq!(asked, [None, pause, None, None, resume, None, pause]);
    }
}
