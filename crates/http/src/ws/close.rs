//! Why a WebSocket ends: codes and reasons (RFC 6455 §7.4).

use std::fmt;

/// The code of a Close frame.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::CloseCode;
///
/// assert_eq!(CloseCode::from(1000), CloseCode::NORMAL);
/// assert!(CloseCode::from(4000).is_sendable());
/// assert!(!CloseCode::NO_STATUS.is_sendable());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1001: this side goes away, as a server that stops or a page that is left.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a kind of message that this side does not take.
    pub const UNSUPPORTED: Self = Self(1003);
    /// 1005: the Close frame had no code. Never sent.
    pub const NO_STATUS: Self = Self(1005);
    /// 1006: the connection ended without a Close frame. Never sent.
    pub const ABNORMAL: Self = Self(1006);
    /// 1007: text that is not UTF-8, or data that does not inflate.
    pub const INVALID_DATA: Self = Self(1007);
    /// 1008: a rule of the application was broken.
    pub const POLICY: Self = Self(1008);
    /// 1009: a message is too big.
    pub const TOO_BIG: Self = Self(1009);
    /// 1011: the handler failed.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1013: the server cannot keep up with this peer; it may try again later.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// Returns the number.
    #[must_use]
    pub fn as_u16(self) -> u16 {
        self.0
    }

    /// Tells whether the code may stand in a Close frame (RFC 6455 §7.4.1 and §7.4.2, and the
    /// codes registered since: 1012 to 1014).
    #[must_use]
    pub fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a peer did that the protocol forbids or the handler does not take, and the code it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    code: CloseCode,
    reason: &'static str,
}

impl Violation {
    pub(crate) const fn new(code: CloseCode, reason: &'static str) -> Self {
        Self { code, reason }
    }

    pub(crate) const fn protocol(reason: &'static str) -> Self {
        Self::new(CloseCode::PROTOCOL_ERROR, reason)
    }

    pub(crate) const NOT_UTF8: Self = Self::new(CloseCode::INVALID_DATA, "text is not UTF-8");
    pub(crate) const TOO_BIG: Self = Self::new(CloseCode::TOO_BIG, "message too big");
    pub(crate) const NO_TEXT: Self = Self::new(CloseCode::UNSUPPORTED, "only text is taken here");
    pub(crate) const NO_BINARY: Self = Self::new(
        CloseCode::UNSUPPORTED,
        "only binary messages are taken here",
    );
    pub(crate) const NO_JSON: Self = Self::new(
        CloseCode::INVALID_DATA,
        "message is not the JSON that is taken here",
    );

    /// Returns the code of the Close frame that answers it.
    #[must_use]
    pub fn code(self) -> CloseCode {
        self.code
    }

    /// Returns the reason in that frame.
    #[must_use]
    pub fn reason(self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl std::error::Error for Violation {}

/// The content of a Close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseReason {
    /// The code; [`CloseCode::NO_STATUS`] for a frame without one.
    pub code: CloseCode,
    /// The text after the code.
    pub text: String,
}

/// Octets of a reason: what a control frame leaves beside the code.
const MAX_REASON: usize = 123;

impl CloseReason {
    /// Makes a reason; the text is cut to 123 octets, at the border of a character.
    #[must_use]
    pub fn new(code: CloseCode, text: &str) -> Self {
        let mut end = text.len().min(MAX_REASON);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text[..end].to_owned();
        Self { code, text }
    }

    /// Parses the payload of a Close frame.
    ///
    /// # Errors
    ///
    /// [`Violation`] for a payload of one octet, a code that must not be sent, or a reason that is
    /// not UTF-8 (RFC 6455 §5.5.1, §7.4).
    pub fn parse(payload: &[u8]) -> Result<Self, Violation> {
        let (code, text) = match payload {
            [] => (CloseCode::NO_STATUS, &[][..]),
            [_] => return Err(Violation::protocol("close frame of one octet")),
            [high, low, text @ ..] => (CloseCode(u16::from_be_bytes([*high, *low])), text),
        };
        if !payload.is_empty() && !code.is_sendable() {
            return Err(Violation::protocol("close code must not be sent"));
        }
        let text = std::str::from_utf8(text).map_err(|_| Violation::NOT_UTF8)?;
        Ok(Self {
            code,
            text: text.to_owned(),
        })
    }

    /// Appends the payload of a Close frame; nothing for a code that must not be sent.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if self.code.is_sendable() {
            out.extend_from_slice(&self.code.0.to_be_bytes());
            out.extend_from_slice(self.text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_codes_that_must_not_be_sent() {
        for code in [
            0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535,
        ] {
            let payload = u16::to_be_bytes(code);
            assert!(CloseReason::parse(&payload).is_err(), "{code}");
        }
        assert!(CloseReason::parse(b"\x03").is_err());
        assert_eq!(
            CloseReason::parse(b"\x03\xe8\xff").unwrap_err().code(),
            CloseCode::INVALID_DATA
        );
    }

    #[test]
    fn parses_what_it_encodes() {
        let reason = CloseReason::new(CloseCode::from(3000), "bye");
        let mut payload = Vec::new();
        reason.encode(&mut payload);
        assert_eq!(payload, b"\x0b\xb8bye");
        assert_eq!(CloseReason::parse(&payload), Ok(reason));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let reason = CloseReason::new(CloseCode::NORMAL, &"é".repeat(100));
        assert_eq!(reason.text.len(), 122);
    }
}
