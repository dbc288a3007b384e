//! minijinja, set up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use minijinja::value::Value;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, TemplateSource, UndefinedBehavior,
};

use super::error::TemplateError;
use super::name::{is_safe, resolve};
use super::source::{Source, Templates};
use super::{filters, functions};
use crate::escape::{json_encode, write_xhtml_escaped};

/// The templates of one application, compiled as they are used.
pub(crate) struct Engine {
    environment: Environment<'static>,
}

impl Engine {
    /// Under `debug`, files that changed are compiled again.
    pub(crate) fn new(templates: &Templates, debug: bool) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_reload(debug);
        // Errors say where they are; they are rare, and worth their cost.
        environment.set_debug(true);
        environment.set_auto_escape_callback(auto_escape);
        environment.set_formatter(format);
        environment.set_path_join_callback(|name, parent| resolve(name, parent).into());
        let mut syntax = environment.syntax().to_builder();
        syntax.trim_blocks(templates.trims_blocks);
        syntax.lstrip_blocks(templates.trims_blocks);
        if let Ok(syntax) = syntax.build() {
            environment.set_syntax(syntax);
        }
        set_loader(&mut environment, templates.source.clone());
        filters::add_to(&mut environment);
        functions::add_to(&mut environment);
        for (name, filter) in &templates.filters {
            let filter = std::sync::Arc::clone(filter);
            environment.add_filter(name.clone(), move |text: &str| filter(text));
        }
        for (name, value) in &templates.globals {
            environment.add_global(name.clone(), value.clone());
        }
        Self { environment }
    }

    /// Adds a function of the application.
    pub(crate) fn add_method(&mut self, name: &str) {
        functions::add_method(&mut self.environment, name);
    }

    pub(crate) fn render(&self, name: &str, values: Value) -> Result<String, Error> {
        self.environment.get_template(name)?.render(values)
    }

    pub(super) fn check(&self, name: &str) -> Result<(), TemplateError> {
        let found = self.environment.get_template(name);
        found.map_err(|error| TemplateError::new(&error, None))?;
        Ok(())
    }
}

fn set_loader(environment: &mut Environment<'static>, source: Source) {
    environment.set_loader(move |name| {
        if !is_safe(name) {
            return Ok(None);
        }
        match &source {
            Source::Embedded(templates) => {
                Ok(templates.get(name).map(|text| TemplateSource::new(&**text)))
            }
            Source::Directory(root) => read(root, name),
        }
    });
}

fn read(root: &Path, name: &str) -> Result<Option<TemplateSource>, Error> {
    let path = root.join(name);
    // Taken first, so that a change during the reading is seen later.
    let stamp = stamp(&path);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(
            TemplateSource::new(text).with_uptodate_check(is_current(path, stamp)),
        )),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => {
            let problem = format!("template {name} cannot be read: {error}");
            Err(Error::new(ErrorKind::InvalidOperation, problem))
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}

type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn is_current(path: PathBuf, read: Stamp) -> impl Fn() -> bool + Send + Sync {
    move || stamp(&path) == read
}

/// How the values of a template are escaped, by the extension of its name.
fn auto_escape(name: &str) -> AutoEscape {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match extension {
        Some("txt" | "text" | "md" | "csv" | "css") => AutoEscape::None,
        Some("json" | "js") => AutoEscape::Json,
        _ => AutoEscape::Html,
    }
}

/// Writes a value.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
        return Ok(write!(out, "{value}")?);
    }
    if matches!(state.auto_escape(), AutoEscape::Json) {
        let text = json_encode(value).map_err(|error| {
            Error::new(ErrorKind::BadSerialization, format!("no JSON: {error:?}"))
        })?;
        return Ok(out.write_str(&text)?);
    }
    match value.as_str() {
        Some(text) => write_xhtml_escaped(out, text)?,
        None if value.is_number() => write!(out, "{value}")?,
        None => write_xhtml_escaped(out, &value.to_string())?,
    }
    Ok(())
}
