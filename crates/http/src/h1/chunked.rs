//! The chunked transfer coding (RFC 9112 §7.1).

use std::io::Write as _;
use std::ops::Range;

use crate::headers::{is_field_octet, is_token};
use crate::{Headers, Rejection};

/// Hexadecimal digits of a chunk size, leading zeros included.
const MAX_SIZE_DIGITS: u8 = 16;
/// Octets of all chunk extensions of a message.
const MAX_EXTENSIONS: usize = 16 * 1024;
/// Octets and number of the trailer fields of a message.
const MAX_TRAILERS: usize = 16 * 1024;
const MAX_TRAILER_FIELDS: usize = 100;

/// Decodes the chunked coding, however its octets are split.
///
/// # Examples
///
/// ```
/// use waterspout_http::h1::chunked::Decoder;
///
/// let mut decoder = Decoder::new();
/// let input = b"3\r\nabc\r\n0\r\n\r\nnext";
/// let step = decoder.decode(input)?;
/// assert_eq!(&input[step.data], b"abc");
/// let step = decoder.decode(&input[step.consumed..])?;
/// assert!(step.data.is_empty() && decoder.is_done());
/// # Ok::<(), waterspout_http::Rejection>(())
/// ```
#[derive(Debug, Clone)]
pub struct Decoder {
    state: State,
    extensions: usize,
    /// The trailer section as it came, line ends included.
    trailers: Vec<u8>,
    trailer_fields: usize,
}

/// What one step of a [`Decoder`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Octets of the input that are dealt with, those of `data` included.
    pub consumed: usize,
    /// Where in the input data of the body stands; empty if none has come.
    pub data: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the digits of a chunk size.
    Size {
        value: u64,
        digits: u8,
    },
    /// In the extensions after a chunk size.
    Extension {
        value: u64,
    },
    /// After the CR that ends a chunk size line.
    SizeEnd {
        value: u64,
    },
    /// In the data of a chunk.
    Data {
        left: u64,
    },
    /// After the data of a chunk.
    DataCr,
    DataLf,
    /// At the start of a line after the last chunk.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    /// After the CR of the empty line that ends the message.
    EndLf,
    Done,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Starts at the first chunk size.
    #[must_use]
    pub fn new() -> Self {
        let state = State::Size {
            value: 0,
            digits: 0,
        };
        Self {
            state,
            extensions: 0,
            trailers: Vec::new(),
            trailer_fields: 0,
        }
    }

    /// Tells whether the end of the body has been decoded, trailers included.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns how many octets of the current chunk are announced and have not been decoded.
    #[must_use]
    pub fn chunk_left(&self) -> u64 {
        match self.state {
            State::Data { left } => left,
            _ => 0,
        }
    }

    /// Returns the trailer fields that came after the last chunk; `None` if there were none. They belong to
    /// nothing but themselves: none may change what the head said (RFC 9110 §6.5.1).
    #[must_use]
    pub fn trailers(&self) -> Option<Headers> {
        if self.trailer_fields == 0 || !self.is_done() {
            return None;
        }
        let mut fields = Headers::new();
        for line in self.trailers.split(|octet| *octet == b'\n') {
            let Some(colon) = line.iter().position(|octet| *octet == b':') else {
                continue;
            };
            let name = std::str::from_utf8(&line[..colon]).unwrap_or_default();
            let checked = fields.append(name, line[colon + 1..].trim_ascii());
            checked.expect("the decoder lets only tokens and field octets pass");
        }
        Some(fields)
    }

    /// Decodes up to the end of the next piece of data, or of the input, or of the body.
    ///
    /// # Errors
    ///
    /// 400 for anything but the grammar of RFC 9112 §7.1, bare line feeds and blanks around the size
    /// included, and for extensions or trailers beyond their limits.
    pub fn decode(&mut self, input: &[u8]) -> Result<Step, Rejection> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            if let State::Data { left } = self.state {
                let end = at
                    + usize::try_from(left)
                        .unwrap_or(usize::MAX)
                        .min(input.len() - at);
                let left = left - (end - at) as u64;
                self.state = if left == 0 {
                    State::DataCr
                } else {
                    State::Data { left }
                };
                return Ok(Step {
                    consumed: end,
                    data: at..end,
                });
            }
            self.state = self.next(input[at])?;
            at += 1;
        }
        Ok(Step {
            consumed: at,
            data: at..at,
        })
    }

    fn next(&mut self, octet: u8) -> Result<State, Rejection> {
        match (self.state, octet) {
            (State::Size { value, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                size_digit(value, digits, octet)
            }
            (State::Size { digits: 0, .. }, _) => Err(malformed("chunk size is missing")),
            (State::Size { value, .. } | State::Extension { value }, b'\r') => {
                Ok(State::SizeEnd { value })
            }
            (State::Size { value, .. }, b';') => self.extension(value),
            (State::Size { .. }, _) => Err(malformed("chunk size is not hexadecimal")),
            (State::Extension { value }, octet) if is_field_octet(octet) => self.extension(value),
            (State::Extension { .. }, _) => Err(malformed("chunk extension is malformed")),
            (State::SizeEnd { value: 0 }, b'\n') => Ok(State::TrailerStart),
            (State::SizeEnd { value }, b'\n') => Ok(State::Data { left: value }),
            (State::SizeEnd { .. }, _) => Err(malformed("chunk size does not end in CR LF")),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::Size {
                value: 0,
                digits: 0,
            }),
            (State::DataCr | State::DataLf, _) => {
                Err(malformed("chunk data does not end in CR LF"))
            }
            (State::EndLf, b'\n') => Ok(State::Done),
            (state, octet) => self.trailer(state, octet),
        }
    }

    fn extension(&mut self, value: u64) -> Result<State, Rejection> {
        self.extensions += 1;
        if self.extensions > MAX_EXTENSIONS {
            return Err(malformed("chunk extensions exceed 16384 octets"));
        }
        Ok(State::Extension { value })
    }

    /// Trailer fields are checked and kept apart.
    fn trailer(&mut self, state: State, octet: u8) -> Result<State, Rejection> {
        if self.trailers.len() >= MAX_TRAILERS {
            return Err(malformed("trailers exceed 16384 octets"));
        }
        self.trailers.push(octet);
        match (state, octet) {
            (State::TrailerStart, b'\r') => Ok(State::EndLf),
            (State::TrailerStart, octet) if is_token(octet) => {
                self.trailer_fields += 1;
                if self.trailer_fields > MAX_TRAILER_FIELDS {
                    return Err(malformed("more than 100 trailer fields"));
                }
                Ok(State::TrailerName)
            }
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerName, octet) if is_token(octet) => Ok(State::TrailerName),
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, octet) if is_field_octet(octet) => Ok(State::TrailerValue),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            _ => Err(malformed("malformed trailer")),
        }
    }
}

fn size_digit(value: u64, digits: u8, octet: u8) -> Result<State, Rejection> {
    if digits == MAX_SIZE_DIGITS {
        return Err(malformed("chunk size is too long"));
    }
    let digit = char::from(octet).to_digit(16).map_or(0, u64::from);
    // Sixteen digits fit exactly, so the shift cannot lose a bit.
    Ok(State::Size {
        value: value << 4 | digit,
        digits: digits + 1,
    })
}

fn malformed(why: &'static str) -> Rejection {
    Rejection::bad_request(why)
}

/// Appends `data` to `out` as one chunk; nothing for no data, since an empty chunk ends the body.
pub fn encode(data: &[u8], out: &mut Vec<u8>) {
    if data.is_empty() {
        return;
    }
    encode_size(data.len(), out);
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// Appends the line before a chunk of `len` octets.
pub fn encode_size(len: usize, out: &mut Vec<u8>) {
    // A vector takes every write.
    let _infallible = write!(out, "{len:x}\r\n");
}

/// The last chunk, without trailers.
pub const LAST: &[u8] = b"0\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8]) -> Result<(Vec<u8>, usize, bool), Rejection> {
        let (mut decoder, mut body, mut at) = (Decoder::new(), Vec::new(), 0);
        loop {
            let step = decoder.decode(&input[at..])?;
            body.extend_from_slice(&input[at..][step.data.clone()]);
            at += step.consumed;
            if decoder.is_done() || step.data.is_empty() {
                return Ok((body, at, decoder.is_done()));
            }
        }
    }

    #[test]
    fn decodes_chunks_extensions_and_trailers() {
        let input = b"3;a=\"b\"\r\nabc\r\n00A\r\n0123456789\r\n0;x\r\nT: v\r\nU:\r\n\r\nrest";
        let (body, consumed, done) = decode(input).unwrap();
        assert_eq!(body, b"abc0123456789");
        assert!(done);
        assert_eq!(consumed, input.len() - 4);
    }

    #[test]
    fn keeps_trailers_apart() {
        let mut decoder = Decoder::new();
        let input = b"0\r\nDigest: \t a=b \r\nX-Empty:\r\nDigest:c:d\r\n\r\n";
        for octet in input {
            assert!(decoder.trailers().is_none());
            decoder.decode(&[*octet]).unwrap();
        }
        let trailers = decoder.trailers().unwrap();
        let digests: Vec<_> = trailers.get_all("digest").collect();
        assert_eq!(digests, [&b"a=b"[..], b"c:d"]);
        assert_eq!(trailers.get("x-empty"), Some(""));
        assert_eq!(trailers.len(), 3);
        let mut decoder = Decoder::new();
        decoder.decode(b"0\r\n\r\n").unwrap();
        assert!(decoder.trailers().is_none());
    }

    #[test]
    fn refuses_what_the_grammar_does_not_have() {
        for input in [
            "\r\n",
            ";a\r\n",
            "x\r\n",
            "0x3\r\n",
            "+3\r\n",
            "-1\r\n",
            " 3\r\n",
            "3 \r\n",
            "3\n",
            "1_0\r\n",
            "3\r\nabcd",
            "3\r\nabc\n",
            "3\r\nabc\rx",
            "3;a\nb\r\n",
            "3;a\rb",
            "0\r\n\n",
            "0\r\nT : v\r\n\r\n",
            "0\r\n: v\r\n\r\n",
            "0\r\nT: a\nb\r\n\r\n",
            "0\r\n f\r\n\r\n",
            "0\r\nT\r\n\r\n",
            "00000000000000001\r\n",
            "FFFFFFFFFFFFFFFFF\r\n",
        ] {
            assert!(decode(input.as_bytes()).is_err(), "{input:?}");
        }
    }

    #[test]
    fn a_size_of_sixteen_digits_does_not_overflow() {
        let mut decoder = Decoder::new();
        let step = decoder.decode(b"ffffffffffffffff\r\nab").unwrap();
        assert_eq!(step.data, 18..20);
    }

    #[test]
    fn floods_of_extensions_and_trailers_are_refused() {
        let extensions = "1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n".repeat(1000);
        assert!(decode(extensions.as_bytes()).is_err());
        let trailers = format!("0\r\n{}", "T: v\r\n".repeat(101));
        assert!(decode(trailers.as_bytes()).is_err());
        let trailer = format!("0\r\nT: {}", "v".repeat(20_000));
        assert!(decode(trailer.as_bytes()).is_err());
    }

    #[test]
    fn encodes_what_it_decodes() {
        let mut out = Vec::new();
        encode(b"", &mut out);
        encode(b"abcdefghijklmnop", &mut out);
        out.extend_from_slice(LAST);
        assert_eq!(out, b"10\r\nabcdefghijklmnop\r\n0\r\n\r\n");
        assert_eq!(decode(&out).unwrap().0, b"abcdefghijklmnop");
    }
}
