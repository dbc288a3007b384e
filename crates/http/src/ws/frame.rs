//! Heads of frames (RFC 6455 §5.2).

use super::Violation;

/// Which side of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It reads masked frames and writes plain ones.
    Server,
    /// It reads plain frames and writes masked ones.
    Client,
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpCode {
    /// More of a fragmented message.
    Continuation,
    /// A text message, or its first fragment.
    Text,
    /// A binary message, or its first fragment.
    Binary,
    /// The end.
    Close,
    /// A question for a pong.
    Ping,
    /// The answer to a ping, or a sign of life.
    Pong,
}

impl OpCode {
    fn parse(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Tells whether it is Close, Ping or Pong.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// The frame ends its message.
    pub fin: bool,
    /// The message is compressed (RFC 7692 §6).
    pub compressed: bool,
    /// What it carries.
    pub opcode: OpCode,
    /// The masking key.
    pub mask: Option<[u8; 4]>,
    /// Octets of the payload.
    pub length: u64,
}

/// Octets of the payload of a control frame at the most.
pub const MAX_CONTROL: usize = 125;

impl FrameHead {
    /// Parses the head of a frame that `role` reads, and returns it with its length; `None` if more
    /// must arrive first.
    ///
    /// # Errors
    ///
    /// [`Violation`] for reserved bits and opcodes, a wrong choice of masking, a length that is not
    /// written in the shortest form, and control frames that are long or fragmented. `deflate` says
    /// whether RSV1 has a meaning on this connection.
    #[inline]
    pub fn parse(
        input: &[u8],
        role: Role,
        deflate: bool,
    ) -> Result<Option<(Self, usize)>, Violation> {
        let [first, second, rest @ ..] = input else {
            return Ok(None);
        };
        let (head, short) = Self::check(*first, *second, role, deflate)?;
        let (length, extended) = match short {
            126 => {
                let Some(octets) = rest.first_chunk::<2>() else {
                    return Ok(None);
                };
                (u64::from(u16::from_be_bytes(*octets)), 2)
            }
            127 => {
                let Some(octets) = rest.first_chunk::<8>() else {
                    return Ok(None);
                };
                (u64::from_be_bytes(*octets), 8)
            }
            short => (u64::from(short), 0),
        };
        check_length(length, extended)?;
        let mut len = 2 + extended;
        let mut mask = None;
        if role == Role::Server {
            let Some(key) = rest[extended..].first_chunk::<4>() else {
                return Ok(None);
            };
            mask = Some(*key);
            len += 4;
        }
        Ok(Some((
            Self {
                mask,
                length,
                ..head
            },
            len,
        )))
    }

    /// Checks the first two octets and returns the length that they hold.
    #[inline]
    fn check(first: u8, second: u8, role: Role, deflate: bool) -> Result<(Self, u8), Violation> {
        let Some(opcode) = OpCode::parse(first & 0x0f) else {
            return Err(Violation::protocol("reserved opcode"));
        };
        let (fin, compressed, short) = (first & 0x80 != 0, first & 0x40 != 0, second & 0x7f);
        // RFC 7692 §6.1: RSV1 stands on the first frame of a data message only.
        let may_compress = deflate && matches!(opcode, OpCode::Text | OpCode::Binary);
        if first & 0x30 != 0 || compressed && !may_compress {
            return Err(Violation::protocol("reserved bit is set"));
        }
        // RFC 6455 §5.1: a client masks, a server does not.
        if (second & 0x80 != 0) != (role == Role::Server) {
            return Err(Violation::protocol(match role {
                Role::Server => "frame of a client is not masked",
                Role::Client => "frame of a server is masked",
            }));
        }
        if opcode.is_control() && (!fin || usize::from(short) > MAX_CONTROL) {
            return Err(Violation::protocol("control frame is long or fragmented"));
        }
        let head = Self {
            fin,
            compressed,
            opcode,
            mask: None,
            length: 0,
        };
        Ok((head, short))
    }

    /// The head of an unmasked frame that is whole and at most 125 octets long.
    #[inline]
    pub(super) fn short(opcode: OpCode, compressed: bool, length: usize) -> Option<[u8; 2]> {
        let short = u8::try_from(length).ok().filter(|short| *short <= 125)?;
        Some([0x80 | u8::from(compressed) << 6 | opcode.bits(), short])
    }

    /// The same of a frame of 126 to 65,535 octets.
    #[inline]
    pub(super) fn medium(opcode: OpCode, compressed: bool, length: usize) -> Option<[u8; 4]> {
        let medium = u16::try_from(length).ok().filter(|medium| *medium > 125)?;
        let [high, low] = medium.to_be_bytes();
        let first = 0x80 | u8::from(compressed) << 6 | opcode.bits();
        Some([first, 126, high, low])
    }

    /// Appends the head. The payload, masked if there is a key, follows it.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) {
        let first = u8::from(self.fin) << 7 | u8::from(self.compressed) << 6 | self.opcode.bits();
        let masked = u8::from(self.mask.is_some()) << 7;
        if let Ok(short @ ..=125) = u8::try_from(self.length) {
            out.extend_from_slice(&[first, masked | short]);
        } else if let Ok(medium) = u16::try_from(self.length) {
            let [high, low] = medium.to_be_bytes();
            out.extend_from_slice(&[first, masked | 126, high, low]);
        } else {
            out.extend_from_slice(&[first, masked | 127]);
            out.extend_from_slice(&self.length.to_be_bytes());
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }
}

/// RFC 6455 §5.2: the fewest octets, and never the highest bit of the longest form.
#[inline]
fn check_length(length: u64, extended: usize) -> Result<(), Violation> {
    let allowed = match extended {
        2 => length > 125,
        8 => (65536..1 << 63).contains(&length),
        _ => true,
    };
    if allowed {
        Ok(())
    } else {
        Err(Violation::protocol("length is not in its shortest form"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &[u8]) -> Result<Option<(FrameHead, usize)>, Violation> {
        FrameHead::parse(input, Role::Server, false)
    }

    #[test]
    fn heads_of_plain_frames_are_what_is_encoded_and_each_length_has_one() {
        for (length, compressed) in [
            (0, true),
            (125, false),
            (126, true),
            (300, false),
            (65535, false),
        ] {
            let head = FrameHead {
                fin: true,
                compressed,
                opcode: OpCode::Text,
                mask: None,
                length,
            };
            let mut octets = Vec::new();
            head.encode(&mut octets);
            let length = usize::try_from(length).unwrap();
            let short = FrameHead::short(OpCode::Text, compressed, length);
            let medium = FrameHead::medium(OpCode::Text, compressed, length);
            assert_ne!(short.is_some(), medium.is_some(), "{length}");
            let plain = short.iter().flatten().chain(medium.iter().flatten());
            assert!(plain.eq(&octets), "{length}");
        }
        assert_eq!(FrameHead::medium(OpCode::Text, false, 65536), None);
    }

    #[test]
    fn parses_what_it_encodes_at_every_form_of_length() {
        for length in [0, 1, 125, 126, 65535, 65536, (1 << 63) - 1] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let head = FrameHead {
                    fin: true,
                    compressed: false,
                    opcode: OpCode::Binary,
                    mask,
                    length,
                };
                let mut octets = Vec::new();
                head.encode(&mut octets);
                let role = if mask.is_some() {
                    Role::Server
                } else {
                    Role::Client
                };
                for cut in 0..octets.len() {
                    assert_eq!(FrameHead::parse(&octets[..cut], role, false), Ok(None));
                }
                let parsed = FrameHead::parse(&octets, role, false);
                assert_eq!(parsed, Ok(Some((head, octets.len()))));
            }
        }
    }

    #[test]
    fn refuses_what_rfc_6455_section_5_2_forbids() {
        for input in [
            &b"\x83\x80"[..],
            b"\x8b\x80",
            b"\xc1\x80",
            b"\xa1\x80",
            b"\x91\x80",
            b"\x81\x00",
            b"\x09\x80",
            b"\x89\xfe",
            b"\x81\xfe\x00\x7d",
            b"\x81\xff\0\0\0\0\0\0\xff\xff",
            b"\x81\xff\x80\0\0\0\0\0\0\0",
        ] {
            assert!(parse(input).is_err(), "{input:x?}");
        }
        assert!(FrameHead::parse(b"\x81\x80", Role::Client, false).is_err());
        assert!(FrameHead::parse(b"\xc1\x80", Role::Server, true).is_ok());
        assert!(FrameHead::parse(b"\xc0\x80", Role::Server, true).is_err());
        assert!(FrameHead::parse(b"\xc9\x80", Role::Server, true).is_err());
    }
}
