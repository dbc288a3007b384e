//! Counts messages in a stream of frames.

use std::io::{Error, Result};

/// Where in a frame the octets so far have ended.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// The head as far as it has come: two octets, and the longer lengths.
    head: Vec<u8>,
    /// Octets of the payload that are still to come.
    left: u64,
    /// The frame is a ping, which a run is too short to have to answer.
    ping: bool,
}

impl Frames {
    /// Takes what has come and returns how many messages it has completed, of whatever length.
    ///
    /// # Errors
    ///
    /// For a frame that is not a whole message: another kind, a fragment, a masked one.
    pub(crate) fn count(&mut self, mut octets: &[u8]) -> Result<usize> {
        let mut messages = 0;
        while let [first, rest @ ..] = octets {
            if self.left > 0 {
                let there = usize::try_from(self.left).unwrap_or(usize::MAX);
                let there = there.min(octets.len());
                octets = &octets[there..];
                self.left -= there as u64;
            } else {
                self.head.push(*first);
                octets = rest;
                let Some(length) = length(&self.head)? else {
                    continue;
                };
                self.ping = self.head[0] == PING;
                self.head.clear();
                self.left = length;
            }
            messages += usize::from(self.left == 0 && !self.ping);
        }
        Ok(messages)
    }
}

const PING: u8 = 0x89;

/// The length of the payload, once all of the head is there.
fn length(head: &[u8]) -> Result<Option<u64>> {
    // FIN and text, with or without the bit of compression.
    if !matches!(head[0], 0x81 | 0xc1 | PING) {
        return Err(Error::other(format!(
            "a frame that begins with {:#x}",
            head[0]
        )));
    }
    Ok(match *head {
        [_, short @ 0..=125] => Some(u64::from(short)),
        [_, 126, high, low] => Some(u64::from(u16::from_be_bytes([high, low]))),
        [_, 127, a, b, c, d, e, f, g, h] => Some(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        [_, second, ..] if second > 127 => return Err(Error::other("the server masks")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_lengths_are_counted_at_every_split() {
        let mut octets = vec![0x89, 0, 0x81, 0, 0xc1, 3, 1, 2, 3, 0x81, 126, 0, 200];
        octets.extend([7; 200]);
        octets.extend([0xc1, 127, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5]);
        for split in 0..octets.len() {
            let mut frames = Frames::default();
            let first = frames.count(&octets[..split]).expect("frames");
            let second = frames.count(&octets[split..]).expect("frames");
            assert_eq!(first + second, 4, "{split}");
        }
    }

    #[test]
    fn what_is_no_whole_message_is_refused() {
        for octets in [[0x88, 0], [0x01, 1], [0x81, 0x81]] {
            assert!(Frames::default().count(&octets).is_err());
        }
    }
}
