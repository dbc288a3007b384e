//! What goes between processes, as octets.

use std::fmt;

use bytes::Bytes;
use waterspout_http::ws::{Message, Prepared};

/// A message or a count on its way to other processes: octets that a [`Backplane`](super::Backplane)
/// carries as they are.
///
/// ```text
///   version 1 | kind 1 | node 8 | length of the name 2 | name | …
///     message:  flags 1 (1: text, 2: a key) | [ length of the key 2 | key ] | payload
///     count:    members 4
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    room: Box<str>,
    octets: Bytes,
}

const VERSION: u8 = 1;
const MESSAGE: u8 = 1;
const COUNT: u8 = 2;
const TEXT: u8 = 1;
const KEYED: u8 = 2;

/// A packet that has come, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed<'a> {
    pub(super) node: u64,
    pub(super) room: &'a str,
    pub(super) content: Content<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Message {
        message: Message,
        key: Option<&'a str>,
    },
    Count(u32),
}

impl Packet {
    /// Returns the name of the room, for backplanes with a channel for each.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    pub(super) fn message(node: u64, room: &str, message: &Prepared, key: Option<&str>) -> Self {
        let mut octets = head(MESSAGE, node, room, message.len() + 3);
        let text = u8::from(message.as_text().is_some()) * TEXT;
        // A key that is longer than its length can say is of no use there.
        let key = key.filter(|key| key.len() <= usize::from(u16::MAX));
        let keyed = u8::from(key.is_some()) * KEYED;
        octets.push(text | keyed);
        if let Some(key) = key {
            put_text(&mut octets, key);
        }
        octets.extend_from_slice(message.as_bytes());
        Self::new(room, octets)
    }

    pub(super) fn count(node: u64, room: &str, members: usize) -> Self {
        let mut octets = head(COUNT, node, room, 4);
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        octets.extend_from_slice(&members.to_be_bytes());
        Self::new(room, octets)
    }

    fn new(room: &str, octets: Vec<u8>) -> Self {
        Self {
            room: room.into(),
            octets: octets.into(),
        }
    }
}

fn head(kind: u8, node: u64, room: &str, more: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(12 + room.len() + more);
    octets.extend_from_slice(&[VERSION, kind]);
    octets.extend_from_slice(&node.to_be_bytes());
    put_text(&mut octets, room);
    octets
}

/// Names and keys are not longer than a length can say: the limits see to it.
fn put_text(octets: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    octets.extend_from_slice(&length.to_be_bytes());
    octets.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
}

impl<'a> Parsed<'a> {
    pub(super) fn parse(octets: &'a [u8]) -> Result<Self, InvalidPacket> {
        let mut rest = octets;
        let [version, kind] = take(&mut rest)?;
        if version != VERSION {
            return Err(InvalidPacket("is of another version"));
        }
        let node = u64::from_be_bytes(take(&mut rest)?);
        let room = take_text(&mut rest)?;
        let content = match kind {
            MESSAGE => parse_message(rest)?,
            COUNT => {
                let members = u32::from_be_bytes(take(&mut rest)?);
                if !rest.is_empty() {
                    return Err(InvalidPacket("is too long"));
                }
                Content::Count(members)
            }
            _ => return Err(InvalidPacket("is of an unknown kind")),
        };
        Ok(Self {
            node,
            room,
            content,
        })
    }
}

fn parse_message(mut rest: &[u8]) -> Result<Content<'_>, InvalidPacket> {
    let [flags] = take(&mut rest)?;
    if flags & !(TEXT | KEYED) != 0 {
        return Err(InvalidPacket("has unknown flags"));
    }
    let key = match flags & KEYED {
        0 => None,
        _ => Some(take_text(&mut rest)?),
    };
    let message = match flags & TEXT {
        0 => Message::from(rest),
        _ => Message::from(std::str::from_utf8(rest).map_err(|_| NOT_TEXT)?),
    };
    Ok(Content::Message { message, key })
}

const NOT_TEXT: InvalidPacket = InvalidPacket("has text that is not UTF-8");

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], InvalidPacket> {
    let (taken, after) = rest
        .split_first_chunk()
        .ok_or(InvalidPacket("is cut off"))?;
    *rest = after;
    Ok(*taken)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, InvalidPacket> {
    let length = u16::from_be_bytes(take(rest)?);
    let split = rest.split_at_checked(usize::from(length));
    let (taken, after) = split.ok_or(InvalidPacket("is cut off"))?;
    *rest = after;
    std::str::from_utf8(taken).map_err(|_| NOT_TEXT)
}

/// Octets that are not a [`Packet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPacket(&'static str);

impl fmt::Display for InvalidPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packet of another process {}", self.0)
    }
}

impl std::error::Error for InvalidPacket {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_count_has_these_octets() {
        let packet = Packet::count(1, "ab", 258);
        assert_eq!(
            &packet.octets[..],
            b"\x01\x02\0\0\0\0\0\0\0\x01\0\x02ab\0\0\x01\x02"
        );
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_is_read(
            node: u64, room in ".{0,40}", text in ".{0,200}", binary: bool,
            key in proptest::option::of(".{0,20}"),
        ) {
            let message = if binary { Message::from(text.as_bytes()) } else { Message::from(&*text) };
            let packet = Packet::message(node, &room, &Prepared::new(message.clone()), key.as_deref());
            let content = Content::Message { message, key: key.as_deref() };
            prop_assert_eq!(Parsed::parse(packet.octets()), Ok(Parsed { node, room: &room, content }));
            // Cut off within the head it is refused; later, a message is shorter.
            for cut in 0..13 + room.len() {
                prop_assert!(Parsed::parse(&packet.octets()[..cut]).is_err());
            }
        }

        #[test]
        fn any_octets_are_read_or_refused(octets: Vec<u8>) {
            let _either = Parsed::parse(&octets);
        }
    }
}
