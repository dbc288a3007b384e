//! Taking a body apart as it comes.

use std::fmt;
use std::ops::Range;

use memchr::memchr_iter;
use memchr::memmem::Finder;

use super::{MultipartError, PartHead};

/// Limits of a form in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Parts of a form; then 400. Default: 100.
    pub max_parts: usize,
    /// Octets of a part's head; then 400. Default: 10,240.
    pub max_part_header_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_parts: 100,
            max_part_header_size: 10 * 1024,
        }
    }
}

impl Limits {
    /// Sets the number of parts. Default: 100.
    #[must_use]
    pub fn max_parts(mut self, parts: usize) -> Self {
        self.max_parts = parts;
        self
    }

    /// Sets the octets of a part's head. Default: 10,240.
    #[must_use]
    pub fn max_part_header_size(mut self, octets: usize) -> Self {
        self.max_part_header_size = octets;
        self
    }
}

/// What comes next in a body.
#[derive(Debug)]
pub enum Event {
    /// Nothing yet: more octets are needed behind those that are left once what was consumed is
    /// taken off.
    NeedsMore,
    /// A part begins.
    Part(Box<PartHead>),
    /// Octets of the part, as a range of the input.
    Data(Range<usize>),
    /// The part is complete.
    PartEnd,
    /// The form is complete; what follows means nothing.
    End,
}

/// An event, and how many octets of the input it took.
#[derive(Debug)]
pub struct Step {
    /// Octets to be taken off the front of the input.
    pub consumed: usize,
    /// What they were.
    pub event: Event,
}

/// Takes a `multipart/form-data` body apart, in time linear in its length however it is split.
///
/// The body begins with a boundary, an empty line before it at the most. A line that begins like a
/// boundary and is none is an error.
///
/// # Examples
///
/// ```
/// use waterspout_http::multipart::{Decoder, Event, Limits};
///
/// let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello\r\n--x--\r\n";
/// let mut decoder = Decoder::new("x", Limits::default());
/// let (mut rest, mut value) = (&body[..], Vec::new());
/// loop {
///     let step = decoder.decode(rest)?;
///     match step.event {
///         Event::Part(head) => assert_eq!(head.name(), "a"),
///         Event::Data(range) => value.extend_from_slice(&rest[range]),
///         Event::PartEnd => {}
///         Event::End | Event::NeedsMore => break,
///     }
///     rest = &rest[step.consumed..];
/// }
/// assert!(decoder.is_done() && value == b"hello");
/// # Ok::<(), waterspout_http::multipart::MultipartError>(())
/// ```
pub struct Decoder {
    /// Line end, two dashes and the boundary.
    delimiter: Finder<'static>,
    state: State,
    parts: usize,
    limits: Limits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Behind a boundary: a line end, or the two dashes of the last one.
    Boundary,
    Head,
    Body,
    Done,
}

impl Decoder {
    /// Begins a body with the boundary that [`boundary`](super::boundary) has found.
    #[must_use]
    pub fn new(boundary: &str, limits: Limits) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Self {
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            state: State::Start,
            parts: 0,
            limits,
        }
    }

    /// Tells whether the last boundary has come.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes the next event off the front of `input`.
    ///
    /// # Errors
    ///
    /// [`MultipartError`] for a form that is malformed or breaks a limit. The decoder is of no use then.
    pub fn decode(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        match self.state {
            State::Start => self.start(input),
            State::Boundary => self.boundary(input),
            State::Head => self.head(input),
            State::Body => Ok(self.body(input)),
            State::Done => Ok(Step {
                consumed: input.len(),
                event: Event::End,
            }),
        }
    }

    /// Says what is missing if the body ends here.
    ///
    /// # Errors
    ///
    /// [`MultipartError`] unless the last boundary has come.
    pub fn finish(&self) -> Result<(), MultipartError> {
        if self.is_done() {
            return Ok(());
        }
        Err(MultipartError::new(
            "multipart/form-data has no final boundary",
        ))
    }

    fn start(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        let delimiter = self.delimiter.needle();
        let skipped = if input.first() == Some(&b'\r') { 0 } else { 2 };
        let wanted = &delimiter[skipped..];
        let there = input.len().min(wanted.len());
        if input[..there] != wanted[..there] {
            return Err(MultipartError::new(
                "multipart/form-data does not begin with its boundary",
            ));
        }
        if there < wanted.len() {
            return Ok(NEEDS_MORE);
        }
        let consumed = wanted.len();
        self.state = State::Boundary;
        self.after(consumed, input)
    }

    /// Goes on in the same call where the state alone has changed.
    fn after(&mut self, consumed: usize, input: &[u8]) -> Result<Step, MultipartError> {
        let mut step = self.decode(&input[consumed..])?;
        step.consumed += consumed;
        Ok(step)
    }

    fn boundary(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        match input {
            [b'-', b'-', ..] => {
                self.state = State::Done;
                self.after(2, input)
            }
            [b'\r', b'\n', ..] => {
                self.parts += 1;
                if self.parts > self.limits.max_parts {
                    return Err(MultipartError::new("too many parts (limit max_parts)"));
                }
                self.state = State::Head;
                self.after(2, input)
            }
            [] | [b'-' | b'\r'] => Ok(NEEDS_MORE),
            _ => Err(MultipartError::new("a boundary does not end its line")),
        }
    }

    fn head(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        let limit = self.limits.max_part_header_size;
        let window = &input[..input.len().min(limit.saturating_add(4))];
        let mut ends = memchr_iter(b'\r', window);
        let Some(end) = ends.find(|at| window[*at..].starts_with(b"\r\n\r\n")) else {
            if window.len() < input.len() || window.len() >= limit.saturating_add(4) {
                let problem = "a part's head is too large (limit max_part_header_size)";
                return Err(MultipartError::new(problem));
            }
            return Ok(NEEDS_MORE);
        };
        let head = PartHead::parse(&input[..end])?;
        self.state = State::Body;
        Ok(Step {
            consumed: end + 4,
            event: Event::Part(Box::new(head)),
        })
    }

    fn body(&mut self, input: &[u8]) -> Step {
        let delimiter = self.delimiter.needle();
        let length = delimiter.len();
        // What a search has found before stands here.
        if input.starts_with(delimiter) {
            self.state = State::Boundary;
            return Step {
                consumed: length,
                event: Event::PartEnd,
            };
        }
        match self.delimiter.find(input) {
            Some(at) => data(at),
            // The end may be the beginning of the boundary.
            None => data(input.len().saturating_sub(length - 1)),
        }
    }
}

const NEEDS_MORE: Step = Step {
    consumed: 0,
    event: Event::NeedsMore,
};

fn data(count: usize) -> Step {
    if count == 0 {
        return NEEDS_MORE;
    }
    Step {
        consumed: count,
        event: Event::Data(0..count),
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("state", &self.state)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, Option<String>, String)>, MultipartError> {
        read_with(body, Limits::default(), usize::MAX)
    }

    fn read_with(
        body: &str,
        limits: Limits,
        piece: usize,
    ) -> Result<Vec<(String, Option<String>, String)>, MultipartError> {
        let mut decoder = Decoder::new("x", limits);
        let (mut parts, mut buffer) = (Vec::new(), Vec::new());
        for piece in body.as_bytes().chunks(piece.min(body.len().max(1))) {
            buffer.extend_from_slice(piece);
            loop {
                let step = decoder.decode(&buffer)?;
                match step.event {
                    Event::NeedsMore => {
                        buffer.drain(..step.consumed);
                        break;
                    }
                    Event::Part(head) => {
                        let file = head.file_name().map(str::to_owned);
                        parts.push((head.name().to_owned(), file, String::new()));
                    }
                    Event::Data(range) => {
                        let text = String::from_utf8_lossy(&buffer[range]).into_owned();
                        parts.last_mut().unwrap().2.push_str(&text);
                    }
                    Event::PartEnd => {}
                    Event::End => {
                        buffer.clear();
                        break;
                    }
                }
                buffer.drain(..step.consumed);
            }
        }
        decoder.finish().map(|()| parts)
    }

    fn part(disposition: &str, body: &str) -> String {
        format!("--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{body}\r\n")
    }

    #[test]
    fn parts_are_the_same_however_they_are_split() {
        let body = [
            &part("name=a", "1"),
            &part(
                "name=\"f\"; filename=\"a;\\\"b\\\\.txt\"",
                "\r\n--\r\n-x\r\n-",
            ),
            &part("name=u; filename=\"old\"; filename*=UTF-8''%C3%A1b.txt", ""),
            &part("name=t; filename=\"\u{6d4b}\u{8bd5}.txt\"", "z"),
            "--x--\r\nepilogue",
        ]
        .concat();
        let wanted = read(&body).unwrap();
        assert_eq!(wanted[0], ("a".into(), None, "1".into()));
        assert_eq!(wanted[1].1.as_deref(), Some("a;\"b\\.txt"));
        assert_eq!(wanted[1].2, "\r\n--\r\n-x\r\n-");
        assert_eq!(
            (wanted[2].1.as_deref(), &*wanted[2].2),
            (Some("\u{e1}b.txt"), "")
        );
        assert_eq!(wanted[3].1.as_deref(), Some("\u{6d4b}\u{8bd5}.txt"));
        for piece in 1..40 {
            assert_eq!(
                read_with(&body, Limits::default(), piece).unwrap(),
                wanted,
                "{piece}"
            );
        }
        assert_eq!(read("--x--").unwrap(), []);
        assert_eq!(read("\r\n--x--\r\n").unwrap(), []);
    }

    #[test]
    fn malformed_forms_are_refused() {
        let whole = |head: &str| format!("--x\r\n{head}\r\n\r\nv\r\n--x--\r\n");
        for body in [
            "".to_owned(),
            "--y--".to_owned(),
            "text\r\n--x--".to_owned(),
            "\n--x--".to_owned(),
            part("name=a", "1"),
            format!("{}--x", part("name=a", "1")),
            format!("{}--xy\r\n--x--", part("name=a", "1")),
            format!("{}--x \r\n", part("name=a", "1")),
            "--x\nContent-Disposition: form-data; name=a\n\nv\n--x--".to_owned(),
            whole("A: b"),
            whole(""),
            whole("Content-Disposition: attachment; name=a"),
            whole("Content-Disposition: form-data"),
            whole("Content-Disposition: form-data; name=\"\""),
            whole("Content-Disposition: form-data; name=a; name=b"),
            whole(
                "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
            ),
            whole("Content-Disposition: form-data; name=a\r\n folded"),
            whole("Content-Disposition: form-data; name=\"a\rb\""),
            whole("Content-Disposition: form-data; name=\"a\0b\""),
            whole("Content-Disposition: form-data; name=\"a\u{8}b\""),
            whole("Content-Disposition : form-data; name=a"),
            whole("no colon"),
        ] {
            assert!(read(&body).is_err(), "{body:?}");
        }
    }

    /// CVE-2026-31958.
    #[test]
    fn parts_and_their_heads_are_limited() {
        let many = |count: usize| part("name=a", "").repeat(count) + "--x--";
        assert_eq!(read(&many(100)).unwrap().len(), 100);
        assert!(
            read(&many(101))
                .unwrap_err()
                .to_string()
                .contains("max_parts")
        );
        let head = |count: usize| {
            let body = part(&format!("name={}", "a".repeat(count)), "") + "--x--";
            read_with(&body, Limits::default().max_part_header_size(100), 7)
        };
        assert!(head(100 - 37).is_ok());
        assert!(
            head(100 - 36)
                .unwrap_err()
                .to_string()
                .contains("max_part_header_size")
        );
    }
}
