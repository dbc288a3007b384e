//! Pages made of templates.

use std::rc::Rc;

use waterspout_http::Exchange;

use super::{Context, Stage};
use crate::error::{Error, Result};
use crate::reply::HTML;
use crate::template::{Borrowed, Parts, TemplateError, Value, values_before};

impl<S: 'static> Context<S> {
    /// Renders a template as the body of the response, which is complete then. Fields of the head may
    /// still be set.
    ///
    /// The values are those of [`context!`](crate::context), or `Serde(value)` of anything serde can write.
    /// CSS and JavaScript of the [modules](crate::template::UiModule) it uses are put into the page. The type
    /// is `text/html`, unless a `Content-Type` is set.
    ///
    /// # Errors
    ///
    /// Fails if there is no such template, if it is broken, or if what it calls fails: see
    /// [`TemplateError`]. Fails if the response is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result, context};
    ///
    /// async fn story(cx: &mut Context) -> Result {
    ///     let id: u32 = cx.path("id")?;
    ///     cx.render("story.html", context! { id, title => "The only story" })
    /// }
    /// ```
    pub fn render(&mut self, name: &str, values: impl Into<Value>) -> Result {
        let html = self.render_string(name, values)?;
        let parts = self.more.as_mut().and_then(|more| more.parts.take());
        let html = match parts {
            Some(mut parts) => parts.splice(name, html, |path| self.static_url(path))?,
            None => html,
        };
        self.reply_bytes(HTML, html)?;
        self.stage = Stage::Closed;
        Ok(())
    }

    /// Renders a template and returns the text: for mails, for parts of pages, for modules.
    ///
    /// # Errors
    ///
    /// Fails as [`render`](Self::render) does.
    pub fn render_string(&mut self, name: &str, values: impl Into<Value>) -> Result<String> {
        let site = Rc::clone(&self.site);
        let engine = site.rendering.engine()?;
        let mut values = values.into();
        if let Some(class) = site.class_hooks(self.target) {
            let more = class.template_namespace(self);
            values = values_before(values, more);
        }
        if let Some(namespace) = site.rendering.namespace() {
            let more = namespace(self);
            values = values_before(values, more);
        }
        if let Some(current_user) = site.rendering.user(self) {
            values = values_before(values, crate::context! { current_user });
        }
        let rendered = {
            let _page = Borrowed::new(self)?;
            engine.render(name, values)
        };
        rendered.map_err(|error| self.template_failure(&error))
    }

    /// What the modules of the page need.
    pub(crate) fn parts(&mut self) -> &mut Parts {
        self.more().parts.get_or_insert_default()
    }

    /// A context without a request, to stand where this one was.
    pub(crate) fn placeholder(&self) -> Self {
        Self::new(Exchange::placeholder(), Rc::clone(&self.site))
    }

    /// A failure in a function keeps its status; everything else is a 500.
    fn template_failure(&mut self, error: &minijinja::Error) -> Error {
        let parts = self.more.as_mut().and_then(|more| more.parts.as_mut());
        match parts.and_then(|parts| parts.take_failure()) {
            Some(failure) => {
                let (answer, cause) = failure.into_parts();
                Error::from(TemplateError::new(error, cause)).with_answer(answer)
            }
            None => TemplateError::new(error, None).into(),
        }
    }
}
