//! Templates of an application, and what they may call.

use serde::Serialize;

use super::Application;
use crate::context::Context;
use crate::error::Result;
use crate::template::{ModuleArguments, Templates, UiModule, Value, invalid, value};

impl<S: 'static> Application<S> {
    /// Gives the application its templates, for [`Context::render`](crate::Context::render).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::template::Templates;
    /// use waterspout::{Application, Context, context};
    ///
    /// let templates = Templates::embedded([("hello.html", "Hello, {{ name }}")]);
    /// let app = Application::new(()).templates(templates).get("/", async |cx: &mut Context| {
    ///     cx.render("hello.html", context! { name => "world" })
    /// });
    /// # drop(app);
    /// ```
    pub fn templates(mut self, templates: Templates) -> Self {
        self.rendering.set_templates(templates);
        self
    }

    /// Adds a [`UiModule`] that templates call by `module("Name", …)`. One of the same name is replaced.
    ///
    /// There already are `Template` (a template that says what it needs by `set_resources`) and `linkify`.
    pub fn ui_module(mut self, name: &str, module: impl UiModule<S>) -> Self {
        self.rendering.modules_mut().add(name, module);
        self
    }

    /// Adds a function that templates call by its name: Tornado's `ui_methods`.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::template::{ModuleArguments, Value};
    /// use waterspout::{Application, Context};
    ///
    /// let app = Application::new(()).ui_method("visits", |cx: &mut Context, _: &ModuleArguments| {
    ///     Ok(Value::from(cx.cookie("visits").unwrap_or_default()))
    /// });
    /// # drop(app);
    /// ```
    pub fn ui_method(
        mut self,
        name: &str,
        method: impl Fn(&mut Context<S>, &ModuleArguments) -> Result<Value> + 'static,
    ) -> Self {
        self.rendering.modules_mut().add_method(name, method);
        self
    }

    /// Gives templates the user as `current_user`: what
    /// [`current_user`](crate::Context::current_user) has found, or none if nobody is signed in.
    ///
    /// Rendering does not wait, so the user must have been asked for before, by the handler or by a
    /// middleware; a template that uses `current_user` is an error otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde::Serialize;
    /// use waterspout::{Application, Context, Next, Result};
    ///
    /// #[derive(Serialize)]
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// async fn ask_for_the_user(cx: &mut Context, next: Next<'_, ()>) -> Result {
    ///     cx.current_user::<User>().await?;
    ///     next.run(cx).await
    /// }
    ///
    /// let app = Application::new(()).template_user::<User>().wrap(ask_for_the_user);
    /// # drop(app);
    /// ```
    pub fn template_user<U: Serialize + 'static>(mut self) -> Self {
        self.rendering
            .set_user(|user| match user.downcast_ref::<U>() {
                Some(user) => value(user),
                None => invalid("template_user() names another type than current_user() finds"),
            });
        self
    }

    /// Adds values to every template that is rendered: Tornado's `get_template_namespace`. Those a handler
    /// gives come before them.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, context};
    ///
    /// let app = Application::new(()).template_namespace(|cx: &mut Context| {
    ///     context! { theme => cx.cookie("theme").unwrap_or_else(|| "light".to_owned()) }
    /// });
    /// # drop(app);
    /// ```
    pub fn template_namespace(
        mut self,
        values: impl Fn(&mut Context<S>) -> Value + 'static,
    ) -> Self {
        self.rendering.set_namespace(values);
        self
    }
}
