//! Lines that a test expects in the log.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regex::Regex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// What a test expects in the log: see [`expect_log`].
#[derive(Debug)]
#[must_use = "the line is expected until this value is dropped"]
pub struct ExpectLog {
    found: Arc<Mutex<Vec<String>>>,
    what: String,
    required: bool,
    /// With one subscriber alone, tracing asks the thread that comes to a call first, whichever it is, and
    /// remembers that nobody listens. With two it asks both.
    _second: Dispatch,
    _guard: DefaultGuard,
}

/// Expects a line of the log of this thread that a regular expression finds something in, from now until
/// the value is dropped (Tornado: `ExpectLog`). Lines that match are taken out of the log, others go where
/// they went before.
///
/// A line is the message of an event of `tracing`, with its fields after it: `room is full room=7`.
///
/// # Panics
///
/// Panics if the pattern is none. When the value is dropped, it fails the test if no line came.
///
/// # Examples
///
/// ```
/// use waterspout::net::IoLoop;
/// use waterspout::testing::{expect_log, serve};
/// use waterspout::{Application, Context, HttpError};
///
/// let app = Application::new(()).get("/", async |_: &mut Context| Err::<(), _>(HttpError::bad_request("why")));
/// IoLoop::new()?.run_sync(async {
///     let server = serve(app);
///     let refused = expect_log("waterspout::general", "400 GET / .*: why");
///     assert_eq!(server.get("/").await.status(), 400);
///     assert_eq!(refused.lines().len(), 1);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn expect_log(target: &str, pattern: &str) -> ExpectLog {
    ExpectLog::start(target, pattern, None)
}

impl ExpectLog {
    /// Expects a line as [`expect_log`] does, of one level alone.
    #[track_caller]
    pub fn at(level: Level, target: &str, pattern: &str) -> Self {
        Self::start(target, pattern, Some(level))
    }

    /// Takes matching lines out of the log without insisting on one.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Returns the lines that have matched.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        lock(&self.found).clone()
    }

    #[track_caller]
    fn start(target: &str, pattern: &str, level: Option<Level>) -> Self {
        let regex = Regex::new(pattern);
        let pattern = regex.unwrap_or_else(|problem| panic!("pattern {pattern:?}: {problem}"));
        let found = Arc::<Mutex<Vec<String>>>::default();
        let what = format!("{pattern:?} of the target {target:?}");
        let second = Dispatch::new(NoSubscriber::default());
        let filter = Filter {
            target: target.to_owned(),
            pattern,
            level,
            found: Arc::clone(&found),
            rest: tracing::dispatcher::get_default(Dispatch::clone),
        };
        Self {
            found,
            what,
            required: true,
            _second: second,
            _guard: tracing::subscriber::set_default(filter),
        }
    }
}

impl Drop for ExpectLog {
    fn drop(&mut self) {
        let is_missing = self.required && lock(&self.found).is_empty();
        if is_missing && !std::thread::panicking() {
            panic!("no line of the log matched {}", self.what);
        }
    }
}

fn lock(lines: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what matches, and hands on the rest.
struct Filter {
    target: String,
    pattern: Regex,
    level: Option<Level>,
    found: Arc<Mutex<Vec<String>>>,
    rest: Dispatch,
}

impl Filter {
    fn concerns(&self, metadata: &Metadata<'_>) -> bool {
        let has_level = self.level.is_none_or(|level| level == *metadata.level());
        has_level && metadata.target() == self.target
    }
}

impl Subscriber for Filter {
    /// All levels of the target: who asks whether anybody listens may ask with another one than that of the line.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == self.target || self.rest.enabled(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        if self.concerns(event.metadata()) {
            let mut line = Line::default();
            event.record(&mut line);
            let line = line.message + &line.fields;
            if self.pattern.is_match(&line) {
                lock(&self.found).push(line);
                return;
            }
        }
        if self.rest.enabled(event.metadata()) {
            self.rest.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.rest.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.rest.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.rest.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.rest.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.rest.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.rest.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.rest.try_close(id)
    }
}

/// An event as one line.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
