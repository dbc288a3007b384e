use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::engine::Engine;
use super::error::TemplateError;
use super::name::is_safe;

/// The templates of an application: where they are, and what they may use beside what every template
/// may.
///
/// # Examples
///
/// ```no_run
/// use waterspout::template::Templates;
/// use waterspout::{Application, Context, Result, context};
///
/// async fn hello(cx: &mut Context) -> Result {
///     let name = cx.argument_or("name", "stranger")?;
///     cx.render("hello.html", context! { name })
/// }
///
/// let templates = Templates::directory("templates")?;
/// let app = Application::new(()).templates(templates).get("/", hello);
/// # drop(app);
/// # Ok::<(), waterspout::Error>(())
/// ```
#[derive(Clone)]
pub struct Templates {
    pub(super) source: Source,
    pub(super) trims_blocks: bool,
    pub(super) filters: Vec<(String, Filter)>,
    pub(super) globals: Vec<(String, Value)>,
}

pub(super) type Filter = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Where templates come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Directory(PathBuf),
    Embedded(Arc<HashMap<String, String>>),
}

impl Templates {
    /// Takes the files of a directory and those below it. The name of a template is its path from there,
    /// with slashes.
    ///
    /// A file is read and compiled when it is first used, and kept. Under
    /// [`debug`](crate::Application::debug) it is compiled again when it has changed. Names that would lead
    /// out of the directory, and hidden files, are not found; symbolic links are followed.
    ///
    /// # Errors
    ///
    /// Fails if there is no such directory.
    pub fn directory(path: impl Into<PathBuf>) -> Result<Self, TemplateError> {
        let path = path.into();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(Self::of(Source::Directory(path))),
            Ok(_) => Err(TemplateError::directory(&path, None)),
            Err(error) => Err(TemplateError::directory(&path, Some(error))),
        }
    }

    /// Takes templates that are part of the program, such as by `include_str!`: names and texts. It is
    /// Tornado's `DictLoader`.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::template::Templates;
    ///
    /// let templates = Templates::embedded([
    ///     ("base.html", "<title>{% block title %}{% endblock %}</title>"),
    ///     ("page.html", "{% extends 'base.html' %}{% block title %}{{ name }}{% endblock %}"),
    /// ]);
    /// # templates.check().unwrap();
    /// ```
    pub fn embedded<N, T>(templates: impl IntoIterator<Item = (N, T)>) -> Self
    where
        N: Into<String>,
        T: Into<String>,
    {
        let templates = templates.into_iter();
        let templates = templates.map(|(name, text)| (name.into(), text.into()));
        Self::of(Source::Embedded(Arc::new(templates.collect())))
    }

    /// Takes away the line break after a `{% … %}` and the blanks before it, where nothing else stands
    /// in the line. Default: on.
    #[must_use]
    pub fn trim_blocks(mut self, on: bool) -> Self {
        self.trims_blocks = on;
        self
    }

    /// Adds a filter: `{{ text|shout }}` and `{% filter shout %}…{% endfilter %}`, Tornado's `apply`. What
    /// it returns is escaped as any value.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::template::Templates;
    ///
    /// let templates = Templates::embedded([("a.html", "{{ name|shout }}")])
    ///     .filter("shout", |text| text.to_uppercase());
    /// # drop(templates);
    /// ```
    #[must_use]
    pub fn filter(
        mut self,
        name: &str,
        filter: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        self.filters.push((name.to_owned(), Arc::new(filter)));
        self
    }

    /// Adds a value that all templates may use. It is Tornado's `Loader(namespace=…)`.
    #[must_use]
    pub fn global(mut self, name: &str, value: impl Serialize) -> Self {
        let value = Value::from(Serde(value));
        self.globals.push((name.to_owned(), value));
        self
    }

    /// Compiles all templates, to find out at the start of a program or in a test whether one is broken.
    ///
    /// # Errors
    ///
    /// Fails with the first that is, by name: the error names file and line. Fails if a file cannot
    /// be read.
    pub fn check(&self) -> Result<(), TemplateError> {
        let engine = Engine::new(self, false);
        let mut names = match &self.source {
            Source::Embedded(templates) => templates.keys().cloned().collect(),
            Source::Directory(root) => {
                let mut names = Vec::new();
                files_below(root, "", &mut names)
                    .map_err(|error| TemplateError::directory(root, Some(error)))?;
                names
            }
        };
        names.sort();
        names.iter().try_for_each(|name| engine.check(name))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            trims_blocks: true,
            filters: Vec::new(),
            globals: Vec::new(),
        }
    }
}

/// The names of all templates below a directory.
fn files_below(directory: &Path, prefix: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_safe(name)) else {
            continue;
        };
        let name = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            files_below(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Templates");
        match &self.source {
            Source::Directory(path) => debug.field("directory", path),
            Source::Embedded(templates) => debug.field("embedded", &templates.len()),
        };
        debug.finish_non_exhaustive()
    }
}
