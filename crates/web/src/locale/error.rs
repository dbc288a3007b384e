use std::fmt;
use std::path::{Path, PathBuf};

/// Why translations could not be loaded.
#[derive(Debug)]
pub struct LocaleError {
    place: Option<PathBuf>,
    problem: String,
    source: Option<std::io::Error>,
}

impl LocaleError {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: problem.into(),
            source: None,
        }
    }

    pub(super) fn read(path: &Path, source: std::io::Error) -> Self {
        Self {
            place: Some(path.to_owned()),
            problem: "cannot be read".to_owned(),
            source: Some(source),
        }
    }

    pub(super) fn at(mut self, path: impl Into<PathBuf>) -> Self {
        self.place = Some(path.into());
        self
    }

    /// Returns the file or directory that is wrong; `None` if the translations came from none.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.place.as_deref()
    }
}

impl fmt::Display for LocaleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(path) => write!(f, "translations {}: {}", path.display(), self.problem),
            None => write!(f, "translations: {}", self.problem),
        }
    }
}

impl std::error::Error for LocaleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref()?)
    }
}
