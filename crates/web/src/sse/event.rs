//! Events as text.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// One event of an [`EventStream`](super::EventStream).
///
/// Data of several lines goes out as several `data` fields, which the browser joins again; every end
/// of a line arrives as a line feed.
///
/// # Examples
///
/// ```
/// use waterspout::ServerEvent;
///
/// let event = ServerEvent::new("two\nlines").name("note").id("7");
/// assert_eq!(event.encode()?, "event: note\nid: 7\ndata: two\ndata: lines\n\n");
/// # Ok::<(), waterspout::InvalidEvent>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerEvent {
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
}

impl ServerEvent {
    /// Makes an event with data, which browsers hand to `onmessage`.
    #[must_use]
    pub fn new(data: impl Into<String>) -> Self {
        Self {
            data: Some(data.into()),
            ..Self::default()
        }
    }

    /// Makes an event whose data is a value as JSON.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be written as JSON.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::new)
    }

    /// Sets the name, for `addEventListener` in place of `onmessage`. Default: none, which is
    /// `message`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the id: a browser that connects again sends the last one as `Last-Event-ID`. Default:
    /// none, which leaves the last one as it is.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets how long the browser waits before it connects again, in whole milliseconds. Default:
    /// none, which leaves it as it is.
    #[must_use]
    pub fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// Returns the text of the event, with the empty line that ends it.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if the name holds the end of a line, or the id one or a NUL.
    pub fn encode(&self) -> Result<String, InvalidEvent> {
        let mut out = String::with_capacity(self.data.as_ref().map_or(0, String::len) + 64);
        self.encode_into(&mut out)?;
        Ok(out)
    }

    pub(super) fn encode_into(&self, out: &mut String) -> Result<(), InvalidEvent> {
        self.check()?;
        if let Some(name) = &self.name {
            field(out, "event", name);
        }
        if let Some(id) = &self.id {
            field(out, "id", id);
        }
        if let Some(time) = self.retry {
            field(out, "retry", &time.as_millis().to_string());
        }
        if let Some(data) = &self.data {
            lines(out, "data", data);
        }
        out.push('\n');
        Ok(())
    }

    fn check(&self) -> Result<(), InvalidEvent> {
        let ends_line = |text: &String| text.contains(['\r', '\n']);
        if self.name.as_ref().is_some_and(ends_line) {
            return Err(InvalidEvent("name"));
        }
        // An id with a NUL is ignored by browsers (WHATWG HTML, §9.2.6).
        if self
            .id
            .as_ref()
            .is_some_and(|id| ends_line(id) || id.contains('\0'))
        {
            return Err(InvalidEvent("id"));
        }
        Ok(())
    }
}

impl From<&str> for ServerEvent {
    fn from(data: &str) -> Self {
        Self::new(data)
    }
}

impl From<String> for ServerEvent {
    fn from(data: String) -> Self {
        Self::new(data)
    }
}

/// Appends a comment, which browsers ignore and which shows proxies that the stream lives.
pub(super) fn comment(out: &mut String, text: &str) {
    lines(out, "", text);
    out.push('\n');
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(": ");
    out.push_str(value);
    out.push('\n');
}

/// Writes a field for each line: they end with CR LF, LF or CR.
fn lines(out: &mut String, name: &str, text: &str) {
    let mut rest = text;
    while let Some(end) = rest.find(['\r', '\n']) {
        field(out, name, &rest[..end]);
        let ending = if rest[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + ending..];
    }
    field(out, name, rest);
}

/// A field of an event that cannot be written; its text names the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidEvent(pub(super) &'static str);

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of an event must be one line", self.0)
    }
}

impl std::error::Error for InvalidEvent {}
