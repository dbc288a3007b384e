use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

use minijinja::ErrorKind;

/// Lines that an excerpt shows before and after the one that is wrong.
const AROUND: usize = 3;

/// Why a template could not be rendered: what is wrong, in which file and line.
///
/// A handler that returns it answers with a bare 500; the log has the whole chain, and under
/// [`debug`](crate::Application::debug) the page shows the lines around.
#[derive(Debug)]
pub struct TemplateError {
    text: String,
    places: Vec<Place>,
    cause: Option<Box<dyn StdError>>,
}

/// A line of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    name: String,
    line: usize,
    source: String,
}

impl TemplateError {
    /// The engine's error, and what failed in a function that the template called.
    pub(crate) fn new(error: &minijinja::Error, cause: Option<Box<dyn StdError>>) -> Self {
        let mut text = String::new();
        let mut places: Vec<Place> = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            describe(&mut text, error);
            places.extend(Place::of(error));
            next = error.source().and_then(<dyn StdError>::downcast_ref);
        }
        Self {
            text,
            places,
            cause,
        }
    }

    pub(super) fn missing_tag(tag: &str, name: &str) -> Self {
        Self::plain(format!(
            "the page of template {name:?} has no {tag}, which its modules' files need"
        ))
    }

    pub(super) fn plain(text: String) -> Self {
        Self {
            text,
            places: Vec::new(),
            cause: None,
        }
    }

    pub(super) fn directory(path: &Path, error: Option<std::io::Error>) -> Self {
        Self {
            text: format!("the templates' directory {} is none", path.display()),
            places: Vec::new(),
            cause: error.map(Into::into),
        }
    }

    /// Returns where it happened: the innermost template last, those that include it before.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Returns the name of the outermost template that failed.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.places.first()?.name())
    }

    /// Returns the line in that template, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        Some(self.places.first()?.line())
    }
}

/// Writes `undefined value in page.html, line 3`, and what it was caused by.
fn describe(text: &mut String, error: &minijinja::Error) {
    if !text.is_empty() {
        text.push_str(": ");
    }
    let kind = error.kind();
    match error.detail() {
        Some(detail) if kind == ErrorKind::InvalidOperation => text.push_str(detail),
        Some(detail) => text.push_str(&format!("{kind}: {detail}")),
        None => text.push_str(&kind.to_string()),
    }
    if let (Some(name), Some(line)) = (error.name(), error.line()) {
        text.push_str(&format!(" in {name}, line {line}"));
    }
}

impl Place {
    fn of(error: &minijinja::Error) -> Option<Self> {
        Some(Self {
            name: error.name()?.to_owned(),
            line: error.line()?,
            source: error.template_source().unwrap_or_default().to_owned(),
        })
    }

    /// Returns the name of the template.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the line with three before and after it, each with its number, and `>` before the one.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let first = self.line.saturating_sub(AROUND + 1);
        let lines = self.source.lines().enumerate().skip(first);
        let lines = lines.take_while(|(at, _)| *at < self.line + AROUND);
        let shown = lines.map(|(at, line)| {
            let mark = if at + 1 == self.line { '>' } else { ' ' };
            format!("{mark} {:4} | {line}\n", at + 1)
        });
        shown.collect()
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for TemplateError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_show_the_lines_around() {
        let place = Place {
            name: "a.html".to_owned(),
            line: 5,
            source: (1..=9).map(|line| format!("line {line}\n")).collect(),
        };
        let excerpt = place.excerpt();
        assert!(excerpt.starts_with("     2 | line 2\n"), "{excerpt}");
        assert!(excerpt.contains(">    5 | line 5\n"));
        assert!(excerpt.ends_with("     8 | line 8\n"));
        let first = Place { line: 1, ..place };
        assert!(first.excerpt().starts_with(">    1 | line 1\n"));
    }
}
