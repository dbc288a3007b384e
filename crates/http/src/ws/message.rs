//! Messages, and how frames become messages.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::deflate::Inflater;
use super::frame::{FrameHead, MAX_CONTROL, OpCode, Role};
use super::{CloseReason, Violation, mask, spare};

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Octets.
    Binary(Bytes),
}

impl Message {
    /// Returns the text, or `None` for a binary message.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// Returns the text.
    ///
    /// # Errors
    ///
    /// [`Violation`] with 1003 for a binary message: a handler that fails with it closes its socket with
    /// this code.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::ws::{CloseCode, Message};
    ///
    /// assert_eq!(Message::from("hi").into_text()?, "hi");
    /// let refused = Message::from(vec![0]).into_text().unwrap_err();
    /// assert_eq!(refused.code(), CloseCode::UNSUPPORTED);
    /// # Ok::<(), waterspout_http::ws::Violation>(())
    /// ```
    pub fn into_text(self) -> Result<String, Violation> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Binary(_) => Err(Violation::NO_TEXT),
        }
    }

    /// Returns the octets of a binary message.
    ///
    /// # Errors
    ///
    /// [`Violation`] with 1003 for text.
    pub fn into_binary(self) -> Result<Bytes, Violation> {
        match self {
            Self::Binary(bytes) => Ok(bytes),
            Self::Text(_) => Err(Violation::NO_BINARY),
        }
    }

    /// Parses JSON text.
    ///
    /// # Errors
    ///
    /// [`Violation`] with 1003 for a binary message, with 1007 for text that is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Violation> {
        let text = self.as_text().ok_or(Violation::NO_TEXT)?;
        serde_json::from_str(text).map_err(|_| Violation::NO_JSON)
    }

    /// Returns the octets of either kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// Returns the number of octets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Tells whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

/// What a peer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message, its fragments joined.
    Message(Message),
    /// A ping; a pong with the same octets is due.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// The peer closes; nothing follows.
    Close(CloseReason),
}

/// What came of one step of a [`Decoder`].
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Octets that are used up.
    pub consumed: usize,
    /// What they completed. Without an event more octets are needed.
    pub event: Option<Event>,
}

/// Makes messages of octets: frames, fragments, control frames between them, compression.
///
/// A message grows with what has come and never with what is announced; text is checked as it comes.
#[derive(Debug)]
pub struct Decoder {
    role: Role,
    max_size: usize,
    inflater: Option<Box<Inflater>>,
    state: State,
}

/// Fragments of a message at the most: one more is answered with 1009.
///
/// Each costs time and no memory. Autobahn's case 9.3.1 sends 4 MiB in 65,537.
pub const MAX_FRAGMENTS: u32 = 131_072;

/// Memory reserved for an announced frame before it has come.
const MAX_RESERVED: u64 = 64 * 1024;

#[derive(Debug)]
enum State {
    /// A message may begin.
    Between,
    /// A message has begun.
    Within(Box<Partial>),
}

/// A message that is not complete.
#[derive(Debug)]
struct Partial {
    text: bool,
    compressed: bool,
    data: Vec<u8>,
    /// Octets of `data` that are known to be UTF-8, if it is text.
    checked: usize,
    fragments: u32,
    /// Octets of payloads so far, compressed or not.
    received: u64,
    frame: Option<Payload>,
}

/// What is still to come of a data frame.
#[derive(Debug, Clone, Copy)]
struct Payload {
    left: u64,
    /// Octets that have come, modulo 4.
    offset: usize,
    mask: Option<[u8; 4]>,
    fin: bool,
}

impl Decoder {
    /// Makes a decoder for messages of at most `max_size` octets. An inflater is there if the
    /// handshake agreed on compression.
    #[must_use]
    pub fn new(role: Role, max_size: usize, inflater: Option<Inflater>) -> Self {
        Self {
            role,
            max_size,
            inflater: inflater.map(Box::new),
            state: State::Between,
        }
    }

    /// Returns the side that decodes.
    #[inline]
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Decodes what is there, up to the first event.
    ///
    /// # Errors
    ///
    /// [`Violation`] for what the protocol forbids; the connection must end then.
    #[inline]
    pub fn decode(&mut self, input: &[u8]) -> Result<Step, Violation> {
        let plain = match self.short(input)? {
            None => self.medium(input)?,
            short => short,
        };
        match plain {
            Some((message, consumed)) => Ok(Step {
                consumed,
                event: Some(Event::Message(message)),
            }),
            None => self.decode_any(input),
        }
    }

    /// The commonest case, looked at first: a short message of a client, in one frame that is there and not
    /// compressed. What is wrong with any other is for [`decode_any`](Self::decode_any) to say.
    #[inline(always)]
    pub(super) fn short(&self, input: &[u8]) -> Result<Option<(Message, usize)>, Violation> {
        let Some((&[first, second, ref key @ ..], rest)) = input.split_first_chunk::<6>() else {
            return Ok(None);
        };
        let length = usize::from(second & 0x7f);
        if second < 0x80 || length > MAX_CONTROL {
            return Ok(None);
        }
        let message = self.unmasked(first, *key, rest, length)?;
        Ok(message.map(|message| (message, 6 + length)))
    }

    /// The next to commonest: the same of 126 to 65,535 octets.
    #[inline]
    pub(super) fn medium(&self, input: &[u8]) -> Result<Option<(Message, usize)>, Violation> {
        let Some((&[first, 0xfe, high, low, ref key @ ..], rest)) = input.split_first_chunk::<8>()
        else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length <= MAX_CONTROL {
            return Ok(None);
        }
        let message = self.unmasked(first, *key, rest, length)?;
        Ok(message.map(|message| (message, 8 + length)))
    }

    /// The message of a frame that begins with `first`, if all of it is there and it stands alone.
    #[inline(always)]
    fn unmasked(
        &self,
        first: u8,
        key: [u8; 4],
        rest: &[u8],
        length: usize,
    ) -> Result<Option<Message>, Violation> {
        if !matches!(first, 0x81 | 0x82)
            || length > rest.len()
            || length > self.max_size
            || self.role == Role::Client
            || !matches!(self.state, State::Between)
        {
            return Ok(None);
        }
        let is_text = first == 0x81;
        let payload = &rest[..length];
        let mut data = if is_text {
            spare::copy(payload)
        } else {
            payload.to_vec()
        };
        mask::apply(&mut data, key, 0);
        message(is_text, data).map(Some)
    }

    /// Decodes whatever is there.
    #[inline(never)]
    pub(super) fn decode_any(&mut self, input: &[u8]) -> Result<Step, Violation> {
        let mut consumed = 0;
        loop {
            let rest = &input[consumed..];
            if let State::Within(partial) = &mut self.state
                && let Some(payload) = partial.frame
            {
                let used =
                    partial.take(payload, rest, self.inflater.as_deref_mut(), self.max_size)?;
                consumed += used;
                match partial.frame {
                    Some(_) => {
                        return Ok(Step {
                            consumed,
                            event: None,
                        });
                    }
                    None if !payload.fin => continue,
                    None => {}
                }
                let event = Some(Event::Message(self.complete()?));
                return Ok(Step { consumed, event });
            }
            let parsed = FrameHead::parse(rest, self.role, self.inflater.is_some())?;
            let Some((head, len)) = parsed else {
                return Ok(Step {
                    consumed,
                    event: None,
                });
            };
            if head.opcode.is_control() {
                let event = control(&head, &rest[len..])?;
                let used = event.as_ref().map_or(0, |(_, used)| len + used);
                let event = event.map(|(event, _)| event);
                return Ok(Step {
                    consumed: consumed + used,
                    event,
                });
            }
            if let Some(message) = self.whole(&head, &rest[len..])? {
                let payload = usize::try_from(head.length).unwrap_or(0);
                let event = Some(Event::Message(message));
                return Ok(Step {
                    consumed: consumed + len + payload,
                    event,
                });
            }
            self.begin(&head)?;
            consumed += len;
        }
    }

    /// The common case: a message in one frame that is there.
    #[inline]
    fn whole(&mut self, head: &FrameHead, rest: &[u8]) -> Result<Option<Message>, Violation> {
        let Ok(length) = usize::try_from(head.length) else {
            return Ok(None);
        };
        if !head.fin
            || head.opcode == OpCode::Continuation
            || length > rest.len()
            || length > self.max_size
            || !matches!(self.state, State::Between)
        {
            return Ok(None);
        }
        let text = head.opcode == OpCode::Text;
        if let Some(inflater) = self.inflater.as_mut().filter(|_| head.compressed) {
            let data = inflater.whole(&rest[..length], head.mask, self.max_size)?;
            return data.map(|data| message(text, data)).transpose();
        }
        let mut data = rest[..length].to_vec();
        if let Some(key) = head.mask {
            mask::apply(&mut data, key, 0);
        }
        message(text, data).map(Some)
    }

    /// Begins a data frame: the first of a message, or one more.
    fn begin(&mut self, head: &FrameHead) -> Result<(), Violation> {
        let continues = head.opcode == OpCode::Continuation;
        if let State::Between = self.state {
            if continues {
                return Err(Violation::protocol("continuation of no message"));
            }
            self.state = State::Within(Box::new(Partial {
                text: head.opcode == OpCode::Text,
                compressed: head.compressed,
                data: Vec::new(),
                checked: 0,
                fragments: 0,
                received: 0,
                frame: None,
            }));
        } else if !continues {
            return Err(Violation::protocol("new message within a fragmented one"));
        }
        let State::Within(partial) = &mut self.state else {
            return Ok(());
        };
        partial.fragments += 1;
        if partial.fragments > MAX_FRAGMENTS {
            return Err(Violation::TOO_BIG);
        }
        if partial.received.saturating_add(head.length) > self.max_size as u64 {
            return Err(Violation::TOO_BIG);
        }
        if !partial.compressed {
            let announced = usize::try_from(head.length.min(MAX_RESERVED)).unwrap_or(0);
            partial.data.reserve(announced);
        }
        partial.frame = Some(Payload {
            left: head.length,
            offset: 0,
            mask: head.mask,
            fin: head.fin,
        });
        Ok(())
    }

    /// Ends a message whose last frame has come.
    fn complete(&mut self) -> Result<Message, Violation> {
        let State::Within(mut partial) = std::mem::replace(&mut self.state, State::Between) else {
            return Err(Violation::protocol("continuation of no message"));
        };
        if partial.compressed
            && let Some(inflater) = &mut self.inflater
        {
            inflater.finish(&mut partial.data, self.max_size)?;
        }
        message(partial.text, partial.data)
    }
}

impl Partial {
    /// Takes what is there of a payload and returns how much that was.
    fn take(
        &mut self,
        mut payload: Payload,
        input: &[u8],
        inflater: Option<&mut Inflater>,
        limit: usize,
    ) -> Result<usize, Violation> {
        let count = usize::try_from(payload.left)
            .unwrap_or(usize::MAX)
            .min(input.len());
        let start = self.data.len();
        match inflater.filter(|_| self.compressed) {
            Some(inflater) => {
                let mut piece = input[..count].to_vec();
                payload.unmask(&mut piece);
                inflater.inflate(&piece, &mut self.data, limit)?;
            }
            None => {
                self.data.extend_from_slice(&input[..count]);
                payload.unmask(&mut self.data[start..]);
            }
        }
        if self.text {
            self.check_text()?;
        }
        payload.left -= count as u64;
        payload.offset = (payload.offset + count) % 4;
        self.received += count as u64;
        self.frame = (payload.left > 0).then_some(payload);
        Ok(count)
    }

    /// Refuses text as soon as it cannot become UTF-8 any more (RFC 6455 §8.1).
    fn check_text(&mut self) -> Result<(), Violation> {
        match std::str::from_utf8(&self.data[self.checked..]) {
            Ok(_) => self.checked = self.data.len(),
            Err(error) if error.error_len().is_some() => return Err(Violation::NOT_UTF8),
            Err(error) => self.checked += error.valid_up_to(),
        }
        Ok(())
    }
}

impl Payload {
    fn unmask(&self, piece: &mut [u8]) {
        if let Some(key) = self.mask {
            mask::apply(piece, key, self.offset);
        }
    }
}

#[inline(always)]
fn message(text: bool, data: Vec<u8>) -> Result<Message, Violation> {
    if !text {
        return Ok(Message::Binary(data.into()));
    }
    let text = String::from_utf8(data).map_err(|_| Violation::NOT_UTF8)?;
    Ok(Message::Text(text))
}

/// A control frame, once all of it is there.
fn control(head: &FrameHead, rest: &[u8]) -> Result<Option<(Event, usize)>, Violation> {
    let length = usize::try_from(head.length).unwrap_or(usize::MAX);
    let Some(payload) = rest.get(..length) else {
        return Ok(None);
    };
    let mut payload = payload.to_vec();
    if let Some(key) = head.mask {
        mask::apply(&mut payload, key, 0);
    }
    let event = match head.opcode {
        OpCode::Close => Event::Close(CloseReason::parse(&payload)?),
        OpCode::Ping => Event::Ping(payload.into()),
        _ => Event::Pong(payload.into()),
    };
    Ok(Some((event, length)))
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Binary(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
        }
    }
}
