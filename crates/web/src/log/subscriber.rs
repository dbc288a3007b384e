//! The subscriber that a [`LogConfig`] describes.

use std::io::{self, IsTerminal};
use std::sync::Mutex;

use tracing::{Dispatch, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use super::file::RotatingFile;
use super::line::Line;
use super::{LogConfig, LogFormat};
use crate::error::{Misuse, Result};

type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

impl LogConfig {
    /// Has all lines of the process written as this says, from now on.
    ///
    /// # Errors
    ///
    /// Fails if a directive cannot be read, if the file cannot be opened, or if the process has a
    /// subscriber already.
    pub fn init(&self) -> Result {
        let dispatch = self.dispatch()?;
        let set = tracing::dispatcher::set_global_default(dispatch);
        set.map_err(|_| Misuse::new("the log is set up already: init() is called once"))?;
        Ok(())
    }

    /// Makes the subscriber, for those who use it for a part of the program, or in tests.
    ///
    /// # Errors
    ///
    /// Fails if a directive cannot be read, or if the file cannot be opened.
    pub fn dispatch(&self) -> Result<Dispatch> {
        let file = match &self.file {
            Some(path) => {
                let file = RotatingFile::open(path.clone(), self.rotation, self.backups)?;
                Some(self.layer(Mutex::new(file), false))
            }
            None => None,
        };
        let wants_stderr = self.to_stderr.unwrap_or(self.file.is_none());
        let is_terminal = io::stderr().is_terminal();
        let stderr = wants_stderr.then(|| self.layer(io::stderr, is_terminal));
        // One list: a layer of its own for each would see the fields that another has formatted.
        let outputs: Vec<BoxedLayer<_>> = file.into_iter().chain(stderr).collect();
        let subscriber = Registry::default().with(self.env_filter()?).with(outputs);
        Ok(Dispatch::new(subscriber))
    }

    fn env_filter(&self) -> Result<EnvFilter> {
        let mut directives = self.level.directive().to_owned();
        if !self.filter.is_empty() {
            directives.push(',');
            directives.push_str(&self.filter);
        }
        let filter = EnvFilter::try_new(&directives);
        Ok(filter
            .map_err(|problem| Misuse::new(format!("log filter {:?}: {problem}", self.filter)))?)
    }

    fn layer<S, W>(&self, writer: W, color: bool) -> BoxedLayer<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(writer)
            .with_ansi(color);
        match self.format {
            LogFormat::Pretty => layer.event_format(Line).boxed(),
            LogFormat::Json => layer
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .boxed(),
        }
    }
}
