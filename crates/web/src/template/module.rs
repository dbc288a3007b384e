use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use minijinja::value::{Kwargs, Value, from_args};
use minijinja::{Error, ErrorKind};
use serde::de::DeserializeOwned;

use super::parts::Resources;
use crate::context::Context;
use crate::error::{Misuse, Result};
use crate::escape::Linkify;

/// A part of pages that has markup, CSS and JavaScript: Tornado's `UIModule`.
///
/// A template calls it with `{{ module("Entry", entry, show_comments=true) }}`. What it needs is put into the
/// page once, however often it is called: CSS before `</head>`, JavaScript before `</body>`. A function
/// `Fn(&mut Context<S>, &ModuleArguments) -> Result<String>` is a module that needs nothing.
///
/// # Examples
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use waterspout::template::{ModuleArguments, Templates, UiModule};
/// use waterspout::{Application, Context, Result, context};
///
/// #[derive(Serialize, Deserialize)]
/// struct Entry {
///     title: String,
/// }
///
/// struct EntryModule;
///
/// impl UiModule for EntryModule {
///     fn render(&self, cx: &mut Context, arguments: &ModuleArguments) -> Result<String> {
///         let entry: Entry = arguments.get(0, "entry")?;
///         cx.render_string("entry.html", context! { entry })
///     }
///
///     fn embedded_css(&self) -> Option<String> {
///         Some(".entry { margin-bottom: 1em; }".to_owned())
///     }
/// }
///
/// async fn home(cx: &mut Context) -> Result {
///     let entries = [Entry { title: "One".to_owned() }, Entry { title: "Two".to_owned() }];
///     cx.render("home.html", context! { entries })
/// }
///
/// let home_html = "<html><head></head><body>\
///     {% for entry in entries %}{{ module('Entry', entry) }}{% endfor %}</body></html>";
/// let templates = Templates::embedded([
///     ("home.html", home_html),
///     ("entry.html", "<p class=entry>{{ entry.title }}</p>"),
/// ]);
/// let app = Application::new(())
///     .templates(templates)
///     .ui_module("Entry", EntryModule)
///     .get("/", home);
/// # drop(app);
/// ```
pub trait UiModule<S = ()>: 'static {
    /// Writes the markup of one call. It is not escaped.
    ///
    /// # Errors
    ///
    /// What it fails with is the error of the page.
    fn render(&self, cx: &mut Context<S>, arguments: &ModuleArguments) -> Result<String>;

    /// Returns CSS for the page. Default: none.
    fn embedded_css(&self) -> Option<String> {
        None
    }

    /// Returns paths of CSS files: absolute ones, or below the static files. Default: none.
    fn css_files(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns JavaScript for the page. Default: none.
    fn embedded_javascript(&self) -> Option<String> {
        None
    }

    /// Returns paths of JavaScript files: absolute ones, or below the static files. Default: none.
    fn javascript_files(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns HTML for the end of the page's head. Default: none.
    fn html_head(&self) -> Option<String> {
        None
    }

    /// Returns HTML for the end of the page's body. Default: none.
    fn html_body(&self) -> Option<String> {
        None
    }
}

impl<S, F> UiModule<S> for F
where
    F: Fn(&mut Context<S>, &ModuleArguments) -> Result<String> + 'static,
{
    fn render(&self, cx: &mut Context<S>, arguments: &ModuleArguments) -> Result<String> {
        self(cx, arguments)
    }
}

/// What a template called a [`UiModule`] with.
#[derive(Debug, Clone)]
pub struct ModuleArguments {
    positional: Vec<Value>,
    named: Kwargs,
}

impl ModuleArguments {
    pub(super) fn new(arguments: &[Value]) -> Result<Self, Error> {
        let (positional, named): (minijinja::value::Rest<Value>, Kwargs) = from_args(arguments)?;
        Ok(Self {
            positional: positional.0,
            named,
        })
    }

    /// Returns an argument by its position after the module's name, or by its name. Missing ones are
    /// `None` of an `Option`.
    ///
    /// # Errors
    ///
    /// Fails if there is none, or if it is no `T`; the error names the argument.
    pub fn get<T: DeserializeOwned>(&self, position: usize, name: &str) -> Result<T> {
        let value = self.value(position, name).unwrap_or(Value::UNDEFINED);
        let is_missing = value.is_undefined();
        let value = if is_missing { Value::from(()) } else { value };
        T::deserialize(value).map_err(|error| {
            let problem = match is_missing {
                true => format!("the argument {name} is missing"),
                false => format!("the argument {name} is wrong: {error}"),
            };
            Misuse::new(problem).into()
        })
    }

    /// Returns an argument as it came, such as to hand it on to a template.
    #[must_use]
    pub fn value(&self, position: usize, name: &str) -> Option<Value> {
        let positional = self.positional.get(position).cloned();
        positional.or_else(|| self.named.get(name).ok())
    }

    /// Returns the arguments that have names, as values for a template.
    #[must_use]
    pub fn named(&self) -> Value {
        self.named.clone().into()
    }

    /// Takes the first argument away: the name of the module.
    pub(super) fn take_name(&mut self) -> Result<String, Error> {
        let problem = "module() needs the name of a module";
        let missing = || Error::new(ErrorKind::MissingArgument, problem);
        let first = self.positional.first().and_then(Value::to_str);
        let name = first.ok_or_else(missing)?.to_string();
        self.positional.remove(0);
        Ok(name)
    }
}

type UiMethod<S> = dyn Fn(&mut Context<S>, &ModuleArguments) -> Result<Value>;

/// The modules and functions of an application.
pub(crate) struct Modules<S> {
    modules: HashMap<String, Rc<dyn UiModule<S>>>,
    methods: HashMap<String, Rc<UiMethod<S>>>,
}

impl<S> Modules<S> {
    pub(crate) fn add(&mut self, name: &str, module: impl UiModule<S>) {
        self.modules.insert(name.to_owned(), Rc::new(module));
    }

    pub(crate) fn add_method(
        &mut self,
        name: &str,
        method: impl Fn(&mut Context<S>, &ModuleArguments) -> Result<Value> + 'static,
    ) {
        self.methods.insert(name.to_owned(), Rc::new(method));
    }

    pub(super) fn find(&self, name: &str) -> Option<Rc<dyn UiModule<S>>> {
        self.modules.get(name).cloned()
    }

    pub(super) fn method(&self, name: &str) -> Option<Rc<UiMethod<S>>> {
        self.methods.get(name).cloned()
    }

    pub(crate) fn method_names(&self) -> impl Iterator<Item = &str> {
        self.methods.keys().map(String::as_str)
    }
}

/// The modules every application has, as in Tornado.
impl<S: 'static> Default for Modules<S> {
    fn default() -> Self {
        let mut modules = Self {
            modules: HashMap::new(),
            methods: HashMap::new(),
        };
        modules.add("Template", TemplateModule);
        modules.add("linkify", links::<S>);
        modules.add("xsrf_form_html", xsrf_field::<S>);
        modules
    }
}

impl<S> fmt::Debug for Modules<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.modules.keys()).finish()
    }
}

/// `module("Template", "name.html", …)`: a template that says by `set_resources(…)` what it needs.
#[derive(Debug)]
pub(crate) struct TemplateModule;

impl<S: 'static> UiModule<S> for TemplateModule {
    fn render(&self, cx: &mut Context<S>, arguments: &ModuleArguments) -> Result<String> {
        let name: String = arguments.get(0, "path")?;
        cx.parts().open_template();
        let html = cx.render_string(&name, arguments.named());
        let resources: Resources = cx.parts().close_template();
        let html = html?;
        cx.parts().add_template(&name, resources)?;
        Ok(html)
    }
}

fn xsrf_field<S>(cx: &mut Context<S>, _arguments: &ModuleArguments) -> Result<String> {
    cx.xsrf_form_html()
}

fn links<S>(_cx: &mut Context<S>, arguments: &ModuleArguments) -> Result<String> {
    let text: String = arguments.get(0, "text")?;
    let shorten: Option<bool> = arguments.get(1, "shorten")?;
    let extra: Option<String> = arguments.get(2, "extra_params")?;
    let extra = extra.unwrap_or_default();
    let linkify = Linkify::new().shorten(shorten.unwrap_or(false));
    Ok(linkify.extra_params(&extra).apply(&text))
}
