//! What a room remembers.

use std::collections::VecDeque;

use waterspout_http::ws::Prepared;

use super::config::RoomsConfig;
use super::position::Position;

/// A message and its place in the sequence of its room.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The place after this message: who has seen it asks for what comes after.
    pub position: Position,
    /// The message.
    pub message: Prepared,
}

/// What a room remembers after some position.
#[derive(Debug, Clone)]
pub struct CatchUp {
    /// The messages, oldest first.
    pub messages: Vec<Recorded>,
    /// Whether nothing is missing between the position that was asked for and the messages: the room
    /// has forgotten some if not, or has begun anew since.
    pub complete: bool,
    /// The place after the last message that was sent.
    pub position: Position,
}

/// The last messages of a room, bounded in number and octets.
#[derive(Debug, Default)]
pub(super) struct Ring {
    messages: VecDeque<Prepared>,
    octets: usize,
    /// Messages that were sent so far.
    last: u64,
}

/// What a message costs beside its octets.
const OVERHEAD: usize = 128;

impl Ring {
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Records a message and returns its offset.
    pub(super) fn push(&mut self, message: &Prepared, config: &RoomsConfig) -> u64 {
        self.last += 1;
        if config.history > 0 {
            self.octets += message.len() + OVERHEAD;
            self.messages.push_back(message.clone());
        }
        while self.messages.len() > config.history || self.octets > config.max_history_size {
            let Some(oldest) = self.messages.pop_front() else {
                break;
            };
            self.octets -= oldest.len() + OVERHEAD;
        }
        self.last
    }

    /// Returns what came after a position, or all that there is if it is of another epoch.
    pub(super) fn after(&self, position: Option<Position>, epoch: u64) -> CatchUp {
        let oldest = self.last - self.messages.len() as u64;
        let known = position.filter(|known| known.epoch == epoch && known.offset <= self.last);
        let begin = known.map_or(oldest, |known| known.offset.max(oldest));
        let complete = match known {
            Some(known) => known.offset >= oldest,
            None => position.is_none(),
        };
        let skipped = usize::try_from(begin - oldest).unwrap_or(usize::MAX);
        let offsets = begin + 1..;
        let messages = offsets.zip(self.messages.iter().skip(skipped));
        CatchUp {
            messages: messages
                .map(|(offset, message)| Recorded {
                    position: Position { epoch, offset },
                    message: message.clone(),
                })
                .collect(),
            complete,
            position: Position {
                epoch,
                offset: self.last,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(config: &RoomsConfig, count: u64) -> Ring {
        let mut ring = Ring::default();
        for number in 1..=count {
            ring.push(&Prepared::new(number.to_string()), config);
        }
        ring
    }

    fn after(ring: &Ring, epoch: u64, offset: u64) -> (String, bool) {
        let caught = ring.after(Some(Position { epoch, offset }), 7);
        let texts = caught
            .messages
            .iter()
            .map(|recorded| recorded.message.as_text().unwrap());
        for recorded in &caught.messages {
            let offset = recorded.position.offset.to_string();
            assert_eq!(recorded.message.as_text(), Some(&*offset));
        }
        (texts.collect::<Vec<_>>().join(" "), caught.complete)
    }

    #[test]
    fn what_came_after_an_offset_is_told_and_so_is_a_gap() {
        let ring = ring(&RoomsConfig::default().history(3), 10);
        assert_eq!(after(&ring, 7, 10), (String::new(), true));
        assert_eq!(after(&ring, 7, 8), ("9 10".into(), true));
        assert_eq!(after(&ring, 7, 7), ("8 9 10".into(), true));
        assert_eq!(after(&ring, 7, 6), ("8 9 10".into(), false));
        assert_eq!(
            after(&ring, 7, 11),
            ("8 9 10".into(), false),
            "from the future"
        );
        assert_eq!(
            after(&ring, 8, 9),
            ("8 9 10".into(), false),
            "of another epoch"
        );
        assert!(ring.after(None, 7).complete);
    }

    #[test]
    fn octets_are_a_limit_too() {
        let config = RoomsConfig::default()
            .history(100)
            .max_history_size(2 * (OVERHEAD + 1));
        assert_eq!(after(&ring(&config, 9), 7, 0), ("8 9".into(), false));
    }

    #[test]
    fn without_a_history_offsets_still_go_up() {
        let ring = ring(&RoomsConfig::default(), 5);
        assert_eq!((ring.last(), ring.is_empty()), (5, true));
        assert_eq!(after(&ring, 7, 4), (String::new(), false));
        assert_eq!(after(&ring, 7, 5), (String::new(), true));
    }
}
