//! The page that is being rendered, as functions of templates see it.
//!
//! Functions of the engine are shared between threads and know no request. So while a template is
//! rendered, which is never interrupted, the context lies in a stack of this thread, and a placeholder
//! where it was. A template that renders another puts one more onto the stack.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use minijinja::value::Value;

use super::error::TemplateError;
use super::module::ModuleArguments;
use super::parts::Resources;
use crate::context::Context;
use crate::error::{Error, Misuse, Result};
use crate::locale::Locale;

/// Templates that render templates, at the most so deep.
const MAX_DEPTH: usize = 32;

thread_local! {
    static PAGES: RefCell<Vec<Rc<dyn Page>>> = const { RefCell::new(Vec::new()) };
}

/// What functions of templates ask for.
pub(crate) trait Page {
    fn static_url(&self, path: &str) -> Result<String>;
    fn reverse_url(&self, name: &str, values: Vec<String>) -> Result<String>;
    fn locale(&self) -> Locale;
    fn request(&self, field: &str) -> Option<Value>;
    fn header(&self, name: &str) -> Option<String>;
    fn path_parameter(&self, name: &str) -> Option<String>;
    fn argument(&self, name: &str) -> Result<Option<String>>;
    fn cookie(&self, name: &str) -> Option<String>;
    fn xsrf_token(&self) -> Result<String>;
    fn xsrf_form_html(&self) -> Result<String>;
    fn module(&self, name: &str, arguments: &ModuleArguments) -> Result<String>;
    fn method(&self, name: &str, arguments: &ModuleArguments) -> Result<Value>;
    fn set_resources(&self, resources: Resources) -> Result;
    /// Keeps what failed, for the error that rendering ends with.
    fn keep_failure(&self, error: Error);
}

/// Returns the page that is rendered on this thread.
pub(super) fn current() -> Option<Rc<dyn Page>> {
    PAGES.with_borrow(|pages| pages.last().cloned())
}

/// A context that is on the stack until this is dropped, also by a panic.
pub(crate) struct Borrowed<'a, S: 'static> {
    place: &'a mut Context<S>,
    page: Rc<RefCell<Context<S>>>,
}

impl<'a, S: 'static> Borrowed<'a, S> {
    pub(crate) fn new(place: &'a mut Context<S>) -> Result<Self> {
        if PAGES.with_borrow(Vec::len) >= MAX_DEPTH {
            let problem = format!("templates render each other more than {MAX_DEPTH} deep");
            return Err(TemplateError::plain(problem).into());
        }
        let placeholder = place.placeholder();
        let page = Rc::new(RefCell::new(mem::replace(place, placeholder)));
        PAGES.with_borrow_mut(|pages| pages.push(Rc::clone(&page) as Rc<dyn Page>));
        Ok(Self { place, page })
    }
}

impl<S> Drop for Borrowed<'_, S> {
    fn drop(&mut self) {
        PAGES.with_borrow_mut(Vec::pop);
        mem::swap(self.place, &mut *self.page.borrow_mut());
    }
}

impl<S: 'static> Page for RefCell<Context<S>> {
    fn static_url(&self, path: &str) -> Result<String> {
        self.borrow().static_url(path)
    }

    fn reverse_url(&self, name: &str, values: Vec<String>) -> Result<String> {
        self.borrow().reverse_url(name, values)
    }

    fn locale(&self) -> Locale {
        self.borrow_mut().locale()
    }

    fn request(&self, field: &str) -> Option<Value> {
        let cx = self.borrow();
        let request = cx.request();
        Some(match field {
            "method" => cx.method().as_str().into(),
            "uri" => cx.uri().into(),
            "path" => request.path().into(),
            "query" => request.query().unwrap_or_default().into(),
            "host" => cx.host().into(),
            "protocol" => cx.protocol().into(),
            "remote_ip" => cx.remote_ip().to_string().into(),
            "full_url" => format!("{}://{}{}", cx.protocol(), cx.host(), cx.uri()).into(),
            _ => return None,
        })
    }

    fn header(&self, name: &str) -> Option<String> {
        self.borrow().header(name).map(str::to_owned)
    }

    fn path_parameter(&self, name: &str) -> Option<String> {
        let captures = self.borrow().captures_by_name();
        let mut captures = captures.into_iter();
        captures.find_map(|(known, value)| (&*known == name).then_some(value))
    }

    fn argument(&self, name: &str) -> Result<Option<String>> {
        self.borrow_mut().argument_optional(name)
    }

    fn cookie(&self, name: &str) -> Option<String> {
        self.borrow().cookie(name)
    }

    fn xsrf_token(&self) -> Result<String> {
        self.borrow_mut().xsrf_token()
    }

    fn xsrf_form_html(&self) -> Result<String> {
        self.borrow_mut().xsrf_form_html()
    }

    fn module(&self, name: &str, arguments: &ModuleArguments) -> Result<String> {
        let mut cx = self.borrow_mut();
        let found = cx.site().rendering.modules().find(name);
        let module = found.ok_or_else(|| Misuse::new(format!("no UI module is named {name:?}")))?;
        cx.parts().activate(name, &*module);
        module.render(&mut cx, arguments)
    }

    fn method(&self, name: &str, arguments: &ModuleArguments) -> Result<Value> {
        let mut cx = self.borrow_mut();
        let found = cx.site().rendering.modules().method(name);
        let method = found.ok_or_else(|| Misuse::new(format!("no UI method is named {name:?}")))?;
        method(&mut cx, arguments)
    }

    fn set_resources(&self, resources: Resources) -> Result {
        self.borrow_mut().parts().set_resources(resources)
    }

    fn keep_failure(&self, error: Error) {
        self.borrow_mut().parts().keep_failure(error);
    }
}
