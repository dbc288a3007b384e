//! Functions and values that every template may use.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, Rest, Value};
use minijinja::{Environment, Error, ErrorKind, State};

use super::locale_object::LocaleObject;
use super::module::ModuleArguments;
use super::page::{Page, current};
use super::parts::Resources;
use super::request_object::RequestObject;
use crate::locale::fill_with;

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_global("request", Value::from_object(RequestObject));
    environment.add_global("locale", Value::from_object(LocaleObject));
    environment.add_function("static_url", |path: &str| ask(|page| page.static_url(path)));
    environment.add_function("reverse_url", |name: &str, values: Rest<Value>| {
        let values = values.iter().map(ToString::to_string).collect();
        ask(|page| page.reverse_url(name, values))
    });
    environment.add_function("path", |name: &str| {
        ask(|page| Ok(page.path_parameter(name)))
    });
    environment.add_function("argument", |name: &str| ask(|page| page.argument(name)));
    environment.add_function("cookie", |name: &str| ask(|page| Ok(page.cookie(name))));
    environment.add_function("xsrf_token", || ask(|page| page.xsrf_token()));
    environment.add_function("xsrf_form_html", || {
        ask(|page| page.xsrf_form_html()).map(Value::from_safe_string)
    });
    environment.add_function("set_resources", set_resources);
    environment.add_global("module", Value::from_object(Module));
    add_translations(environment);
}

/// Adds a function of the application.
pub(super) fn add_method(environment: &mut Environment<'static>, name: &str) {
    let method = Method {
        name: name.to_owned(),
    };
    environment.add_global(name.to_owned(), Value::from_object(method));
}

fn add_translations(environment: &mut Environment<'static>) {
    for name in ["_", "gettext"] {
        environment.add_function(name, |message: &str, values: Kwargs| {
            let locale = page()?.locale();
            filled(locale.translate(message), &values, None)
        });
    }
    environment.add_function(
        "ngettext",
        |one: &str, many: &str, count: u64, values: Kwargs| {
            let locale = page()?.locale();
            filled(
                locale.translate_plural(one, many, count),
                &values,
                Some(count),
            )
        },
    );
    environment.add_function(
        "pgettext",
        |context: &str, message: &str, values: Kwargs| {
            let locale = page()?.locale();
            filled(locale.pgettext(context, message), &values, None)
        },
    );
    environment.add_function(
        "npgettext",
        |context: &str, one: &str, many: &str, count: u64, values: Kwargs| {
            let locale = page()?.locale();
            let text = locale.npgettext(context, one, many, count);
            filled(text, &values, Some(count))
        },
    );
}

/// Puts named arguments into a translated text; `%(count)s` is the number.
pub(super) fn filled(text: &str, values: &Kwargs, count: Option<u64>) -> Result<String, Error> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    Ok(fill_with(text, |name| match values.get::<Value>(name) {
        Ok(value) => Some(value.to_string()),
        Err(_) if name == "count" => count.map(|count| count.to_string()),
        Err(_) => None,
    }))
}

fn set_resources(values: Kwargs) -> Result<&'static str, Error> {
    let resources = Resources::from_kwargs(&values)?;
    ask(|page| page.set_resources(resources))?;
    Ok("")
}

/// Returns the page that is being rendered.
pub(super) fn page() -> Result<std::rc::Rc<dyn Page>, Error> {
    let problem = "this function needs a request: render the template with Context::render";
    current().ok_or_else(|| Error::new(ErrorKind::InvalidOperation, problem))
}

/// Asks the page; what fails there is kept for the error that rendering ends with.
fn ask<T>(question: impl FnOnce(&dyn Page) -> crate::Result<T>) -> Result<T, Error> {
    let page = page()?;
    question(&*page).map_err(|error| {
        page.keep_failure(error);
        // Why is said by the cause.
        Error::new(
            ErrorKind::InvalidOperation,
            "what the template calls has failed",
        )
    })
}

/// `module("Name", …)`.
#[derive(Debug)]
struct Module;

impl Object for Module {
    fn call(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = ModuleArguments::new(arguments)?;
        let name = arguments.take_name()?;
        let html = ask(|page| page.module(&name, &arguments))?;
        Ok(Value::from_safe_string(html))
    }
}

/// A function of the application.
#[derive(Debug)]
struct Method {
    name: String,
}

impl Object for Method {
    fn call(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let arguments = ModuleArguments::new(arguments)?;
        ask(|page| page.method(&self.name, &arguments))
    }
}
