//! What the modules of a page need, each thing once, and where it goes.

use minijinja::value::{Kwargs, Value};

use super::error::TemplateError;
use super::module::UiModule;
use crate::error::{Error, Misuse, Result};
use crate::escape::xhtml_escape;

/// CSS, JavaScript and markup that modules need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resources {
    css_files: Vec<String>,
    embedded_css: Vec<String>,
    javascript_files: Vec<String>,
    embedded_javascript: Vec<String>,
    html_head: Vec<String>,
    html_body: Vec<String>,
}

/// What a response keeps while its page is rendered.
#[derive(Default)]
pub(crate) struct Parts {
    resources: Resources,
    /// Modules whose resources are there.
    modules: Vec<String>,
    /// Templates that were modules, and what they asked for.
    templates: Vec<(String, Resources)>,
    /// What the templates asked for that are modules and not done yet.
    open: Vec<Resources>,
    failure: Option<Error>,
}

impl Parts {
    /// Notes what a module needs, the first time it is called.
    pub(super) fn activate<S: 'static>(&mut self, name: &str, module: &dyn UiModule<S>) {
        if self.modules.iter().any(|known| known == name) {
            return;
        }
        self.modules.push(name.to_owned());
        self.resources.merge(Resources {
            css_files: module.css_files(),
            embedded_css: Vec::from_iter(module.embedded_css()),
            javascript_files: module.javascript_files(),
            embedded_javascript: Vec::from_iter(module.embedded_javascript()),
            html_head: Vec::from_iter(module.html_head()),
            html_body: Vec::from_iter(module.html_body()),
        });
    }

    pub(super) fn open_template(&mut self) {
        self.open.push(Resources::default());
    }

    pub(super) fn close_template(&mut self) -> Resources {
        self.open.pop().unwrap_or_default()
    }

    pub(super) fn set_resources(&mut self, resources: Resources) -> Result {
        let open = self.open.last_mut().ok_or_else(|| {
            Misuse::new(
                "set_resources() is for templates that are called by module(\"Template\", …)",
            )
        })?;
        *open = resources;
        Ok(())
    }

    /// Notes what a template needs that was called as a module. It must be the same each time.
    pub(super) fn add_template(&mut self, name: &str, resources: Resources) -> Result {
        match self.templates.iter().find(|(known, _)| known == name) {
            Some((_, known)) if *known == resources => Ok(()),
            Some(_) => Err(Misuse::new(format!(
                "set_resources() says something else for the same template {name:?}"
            ))
            .into()),
            None => {
                self.resources.merge(resources.clone());
                self.templates.push((name.to_owned(), resources));
                Ok(())
            }
        }
    }

    pub(super) fn keep_failure(&mut self, error: Error) {
        // The innermost failure comes first.
        self.failure.get_or_insert(error);
    }

    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Puts what the modules of a page need into it, and forgets it.
    pub(crate) fn splice(
        &mut self,
        name: &str,
        html: String,
        static_url: impl Fn(&str) -> Result<String>,
    ) -> Result<String> {
        let resources = std::mem::take(&mut self.resources);
        self.modules.clear();
        self.templates.clear();
        if resources == Resources::default() {
            return Ok(html);
        }
        resources.splice(name, html, static_url)
    }
}

impl Resources {
    /// Reads the named arguments of `set_resources`. Each is a text, files may be a list.
    pub(super) fn from_kwargs(values: &Kwargs) -> Result<Self, minijinja::Error> {
        let list = |name: &str| -> Result<Vec<String>, minijinja::Error> {
            let value: Option<Value> = values.get(name)?;
            let Some(value) = value.filter(|value| !value.is_none()) else {
                return Ok(Vec::new());
            };
            match value.as_str() {
                Some(text) => Ok(vec![text.to_owned()]),
                None => Ok(value.try_iter()?.map(|item| item.to_string()).collect()),
            }
        };
        let resources = Self {
            css_files: list("css_files")?,
            embedded_css: list("embedded_css")?,
            javascript_files: list("javascript_files")?,
            embedded_javascript: list("embedded_javascript")?,
            html_head: list("html_head")?,
            html_body: list("html_body")?,
        };
        values.assert_all_used()?;
        Ok(resources)
    }

    fn merge(&mut self, other: Self) {
        merge_files(&mut self.css_files, other.css_files);
        merge_files(&mut self.javascript_files, other.javascript_files);
        self.embedded_css.extend(other.embedded_css);
        self.embedded_javascript.extend(other.embedded_javascript);
        self.html_head.extend(other.html_head);
        self.html_body.extend(other.html_body);
    }

    /// CSS and the head's HTML go before the first `</head>`, JavaScript before the last `</body>`, and the
    /// body's HTML before the first: where Tornado puts them.
    fn splice(
        &self,
        name: &str,
        mut html: String,
        static_url: impl Fn(&str) -> Result<String>,
    ) -> Result<String> {
        let missing = |tag| TemplateError::missing_tag(tag, name);
        let scripts = self.scripts(&static_url)?;
        if !scripts.is_empty() {
            let at = html.rfind("</body>").ok_or_else(|| missing("</body>"))?;
            html.insert_str(at, &scripts);
        }
        let mut head = self.styles(&static_url)?;
        push_line(&mut head, &self.html_head.concat());
        if !head.is_empty() {
            let at = html.find("</head>").ok_or_else(|| missing("</head>"))?;
            html.insert_str(at, &head);
        }
        let mut body = String::new();
        push_line(&mut body, &self.html_body.concat());
        if !body.is_empty() {
            let at = html.find("</body>").ok_or_else(|| missing("</body>"))?;
            html.insert_str(at, &body);
        }
        Ok(html)
    }

    fn scripts(&self, static_url: &impl Fn(&str) -> Result<String>) -> Result<String> {
        let mut links = String::new();
        for path in &self.javascript_files {
            let url = file_url(path, static_url)?;
            let url = xhtml_escape(&url);
            links.push_str(&format!(
                "<script src=\"{url}\" type=\"text/javascript\"></script>"
            ));
        }
        let mut scripts = String::new();
        push_line(&mut scripts, &links);
        if !self.embedded_javascript.is_empty() {
            let script = self.embedded_javascript.join("\n");
            let script = format!(
                "<script type=\"text/javascript\">\n//<![CDATA[\n{script}\n//]]>\n</script>"
            );
            push_line(&mut scripts, &script);
        }
        Ok(scripts)
    }

    fn styles(&self, static_url: &impl Fn(&str) -> Result<String>) -> Result<String> {
        let mut links = String::new();
        for path in &self.css_files {
            let url = file_url(path, static_url)?;
            let url = xhtml_escape(&url);
            links.push_str(&format!(
                "<link href=\"{url}\" type=\"text/css\" rel=\"stylesheet\"/>"
            ));
        }
        let mut styles = String::new();
        push_line(&mut styles, &links);
        if !self.embedded_css.is_empty() {
            let style = self.embedded_css.join("\n");
            push_line(
                &mut styles,
                &format!("<style type=\"text/css\">\n{style}\n</style>"),
            );
        }
        Ok(styles)
    }
}

/// Appends a text and a line break, unless it is empty.
fn push_line(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str(text);
        out.push('\n');
    }
}

fn merge_files(files: &mut Vec<String>, more: Vec<String>) {
    for file in more {
        if !files.contains(&file) {
            files.push(file);
        }
    }
}

/// A path that begins with a slash or a scheme stays; others are static files.
fn file_url(path: &str, static_url: &impl Fn(&str) -> Result<String>) -> Result<String> {
    let absolute = ["/", "http:", "https:"];
    match absolute.iter().any(|prefix| path.starts_with(prefix)) {
        true => Ok(path.to_owned()),
        false => static_url(path),
    }
}
