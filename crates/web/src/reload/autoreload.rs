//! What is watched, and what is done about it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Restarts the program when its own file changes, or one that it watches: for development.
///
/// The process stays the same, and so do its listening sockets: a browser that reloads in the middle waits
/// a moment and is served by the new program. Requests that have begun get up to a second. The first
/// look at the files is when the server starts to run; then every [`check_time`](Self::check_time) those
/// that changed are named in the log.
///
/// A build that fails is said in the log, and the old program serves on. Worker processes do not
/// reload: with [`HttpServer::processes`](crate::HttpServer::processes) this is left out, and a
/// warning says so. Static files, and templates in debug mode, are read anew without it.
///
/// # Examples
///
/// Build when a source changes, restart when the build has made a new program:
///
/// ```no_run
/// use waterspout::{Application, Autoreload, Context, HttpServer, Result};
///
/// fn main() -> Result<()> {
///     let reload = Autoreload::new().build("cargo", ["build"]).source("src").watch("settings.toml");
///     HttpServer::new(|| Application::new(()).get("/", async |_: &mut Context| "hello"))
///         .autoreload(reload)
///         .listen(8888)?
///         .run()
/// }
/// ```
#[derive(Default)]
pub struct Autoreload {
    pub(super) watched: Vec<PathBuf>,
    pub(super) sources: Vec<PathBuf>,
    pub(super) build: Option<(OsString, Vec<OsString>)>,
    pub(super) check_time: Option<Duration>,
    pub(super) hooks: Vec<Box<dyn FnOnce() + Send>>,
}

impl Autoreload {
    /// Watches the program's own file and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Restarts also when this file changes, or a file below this directory. Hidden ones, which begin with
    /// a dot, and directories called `target` and `node_modules` do not count.
    #[must_use]
    pub fn watch(mut self, path: impl Into<PathBuf>) -> Self {
        self.watched.push(path.into());
        self
    }

    /// Runs the build command when this file changes, or a file below this directory.
    #[must_use]
    pub fn source(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(path.into());
        self
    }

    /// Sets the command that builds the program, and its arguments. Default: none, and a change of a
    /// source does nothing.
    #[must_use]
    pub fn build<A: Into<OsString>>(
        mut self,
        program: impl Into<OsString>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        self.build = Some((program.into(), arguments));
        self
    }

    /// Sets the time between two looks at the files. Default: 500 ms, as in Tornado.
    #[must_use]
    pub fn check_time(mut self, time: Duration) -> Self {
        self.check_time = Some(time);
        self
    }

    /// Adds a function that runs when everything has stopped, just before the new program begins
    /// (Tornado: `add_reload_hook`).
    #[must_use]
    pub fn on_restart(mut self, hook: impl FnOnce() + Send + 'static) -> Self {
        self.hooks.push(Box::new(hook));
        self
    }
}

impl fmt::Debug for Autoreload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Autoreload")
            .field("watched", &self.watched)
            .field("sources", &self.sources)
            .field("build", &self.build)
            .finish_non_exhaustive()
    }
}
