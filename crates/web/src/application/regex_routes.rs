//! Registering functions and class handlers under regular expressions.

use http::Method;

use super::Application;
use super::register::Methods;
use crate::context::Context;
use crate::handler::{Func, RequestHandler, Verb};
use crate::reply::Reply;
use crate::router::Syntax;

/// Regular expressions match the whole raw path, as Tornado's patterns do, and are tried in the order
/// of their registration after the path patterns. Groups are read with
/// [`Context::path`](crate::Context::path): by name, or numbered from `"0"`.
impl<S: 'static> Application<S> {
    /// Answers on paths that match a regular expression with a handler in class form.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has one of the verbs already.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, RequestHandler, Result};
    ///
    /// #[derive(Clone)]
    /// struct Old;
    ///
    /// impl RequestHandler for Old {
    ///     async fn get(&mut self, cx: &mut Context) -> Result {
    ///         let id: u64 = cx.path("0")?;
    ///         cx.redirect_permanent(&format!("/story/{id}"))
    ///     }
    /// }
    ///
    /// let app = Application::new(()).route_regex(r"/old/([0-9]+)", Old);
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn route_regex<H: RequestHandler<S>>(self, pattern: &str, handler: H) -> Self {
        self.add_class(Syntax::Regex, pattern, handler)
    }

    /// Answers GET and HEAD on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has a GET already.
    #[track_caller]
    pub fn get_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::One(Verb::Get),
            pattern,
            Func::new(handler),
        )
    }

    /// Answers POST on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has a POST already.
    #[track_caller]
    pub fn post_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::One(Verb::Post),
            pattern,
            Func::new(handler),
        )
    }

    /// Answers PUT on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has a PUT already.
    #[track_caller]
    pub fn put_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::One(Verb::Put),
            pattern,
            Func::new(handler),
        )
    }

    /// Answers PATCH on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has a PATCH already.
    #[track_caller]
    pub fn patch_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::One(Verb::Patch),
            pattern,
            Func::new(handler),
        )
    }

    /// Answers DELETE on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has a DELETE already.
    #[track_caller]
    pub fn delete_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::One(Verb::Delete),
            pattern,
            Func::new(handler),
        )
    }

    /// Answers every method without a handler of its own on paths that match a regular expression.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has such a handler already.
    #[track_caller]
    pub fn any_regex<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(Syntax::Regex, Methods::Any, pattern, Func::new(handler))
    }

    /// Answers a method on paths that match a regular expression with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed or has the method already.
    #[track_caller]
    pub fn on_regex<F, R>(self, method: Method, pattern: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Regex,
            Methods::of(method),
            pattern,
            Func::new(handler),
        )
    }
}
