//! What is logged, how, and where to.

use std::path::PathBuf;
use std::time::Duration;

/// The least serious lines that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "options", derive(clap::ValueEnum))]
pub enum LogLevel {
    /// Everything, each step of the libraries included.
    Trace,
    /// What helps those who develop.
    Debug,
    /// Each request, starting and stopping.
    #[default]
    Info,
    /// What a client or a peer did wrong.
    Warn,
    /// What the server did wrong.
    Error,
    /// Nothing (Tornado: `none`).
    #[cfg_attr(feature = "options", value(alias = "none"))]
    Off,
}

impl LogLevel {
    pub(super) fn directive(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Off => "off",
        }
    }
}

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "options", derive(clap::ValueEnum))]
pub enum LogFormat {
    /// For people: `[I 2026-11-21T09:30:00.000000Z target:12] message`, in colour on a terminal.
    #[default]
    Pretty,
    /// For machines: an object of JSON on each line.
    Json,
}

/// When a file of the log makes room for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogRotation {
    /// When it would grow beyond so many octets.
    Size(u64),
    /// When such a period is over; periods are counted from midnight, UTC, of 1970-01-01.
    Time(Duration),
}

/// What is logged, in which form, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogConfig {
    /// The least serious lines. Default: [`LogLevel::Info`].
    pub level: LogLevel,
    /// Directives of `tracing_subscriber`'s `EnvFilter` that come after the level, such as
    /// `waterspout::access=off,chat=debug`. Default: empty.
    pub filter: String,
    /// The form of a line. Default: [`LogFormat::Pretty`].
    pub format: LogFormat,
    /// A file that lines are appended to. A process that was forked appends its number to the name, since
    /// two processes cannot rotate one file. Default: `None`.
    pub file: Option<PathBuf>,
    /// When the file makes room. Default: at 100,000,000 octets, as in Tornado.
    pub rotation: LogRotation,
    /// Files that are kept beside the newest, named `FILE.1`, `FILE.2` and so on. Default: 10.
    pub backups: usize,
    /// Writes to standard error. Default: `None`, which is yes if there is no file.
    pub to_stderr: Option<bool>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            filter: String::new(),
            format: LogFormat::Pretty,
            file: None,
            rotation: LogRotation::Size(100_000_000),
            backups: 10,
            to_stderr: None,
        }
    }
}

impl LogConfig {
    /// Sets the least serious lines. Default: [`LogLevel::Info`].
    #[must_use]
    pub fn level(mut self, level: LogLevel) -> Self {
        self.level = level;
        self
    }

    /// Sets directives that come after the level. Default: none.
    #[must_use]
    pub fn filter(mut self, directives: impl Into<String>) -> Self {
        self.filter = directives.into();
        self
    }

    /// Sets the form of a line. Default: [`LogFormat::Pretty`].
    #[must_use]
    pub fn format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the file that lines are appended to. Default: none.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Sets when the file makes room for the next. Default: at 100,000,000 octets.
    #[must_use]
    pub fn rotation(mut self, rotation: LogRotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Sets how many files are kept beside the newest. Default: 10.
    #[must_use]
    pub fn backups(mut self, backups: usize) -> Self {
        self.backups = backups;
        self
    }

    /// Sets whether lines go to standard error. Default: if there is no file.
    #[must_use]
    pub fn to_stderr(mut self, on: bool) -> Self {
        self.to_stderr = Some(on);
        self
    }
}
