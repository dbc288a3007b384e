//! Parts of an application with something of their own: groups, hosts, middleware, fallbacks.

use std::rc::Rc;

use super::Application;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::Func;
use crate::middleware::{Next, Wrap};
use crate::reply::Reply;
use crate::router::HostPattern;
use crate::service::Scope;

impl<S: 'static> Application<S> {
    /// Adds a group of routes below a prefix.
    ///
    /// What the closure registers is part of the group: routes, whose patterns follow the prefix
    /// (`""` is the prefix itself), and middleware, fallback and error page, which apply to the
    /// group alone. Groups may be nested.
    ///
    /// # Panics
    ///
    /// Panics if the prefix does not begin with a slash or ends with one.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context};
    ///
    /// fn blog(app: Application) -> Application {
    ///     app.get("", async |_: &mut Context| "all posts")
    ///         .get("/{slug}", async |cx: &mut Context| cx.path::<String>("slug"))
    /// }
    ///
    /// let app = Application::new(()).nest("/blog", blog);
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn nest(self, prefix: &str, fill: impl FnOnce(Self) -> Self) -> Self {
        assert!(
            prefix.starts_with('/') && !prefix.ends_with('/'),
            "group {prefix:?}: a prefix begins with a slash and does not end with one"
        );
        let outer = &self.scopes[self.scope];
        let scope = Scope::new(
            Some(self.scope),
            outer.table,
            format!("{}{prefix}", outer.prefix),
        );
        self.fill_scope(scope, fill)
    }

    /// Adds routes that answer for one host, or for all hosts below one: `*.example.com`.
    ///
    /// They are tried before those for every host. A path that none of them has is looked up among
    /// those for every host, unless the host has a [`fallback`](Self::fallback).
    ///
    /// # Panics
    ///
    /// Panics if the pattern is not a host name without a port.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context};
    ///
    /// let app = Application::new(())
    ///     .host("api.example.com", |api| api.get("/", async |_: &mut Context| "the API"))
    ///     .get("/", async |_: &mut Context| "everything else");
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn host(mut self, pattern: &str, fill: impl FnOnce(Self) -> Self) -> Self {
        let host = match HostPattern::parse(pattern) {
            Ok(host) => host,
            Err(problem) => panic!("host {pattern:?}: {problem}"),
        };
        let table = self.router.table_of(host);
        let prefix = self.scopes[self.scope].prefix.clone();
        let scope = Scope::new(Some(self.scope), table, prefix);
        self.fill_scope(scope, fill)
    }

    /// Wraps every handler of the application, or of the group, in a middleware.
    ///
    /// It applies to all routes wherever they were registered, and to what the framework answers
    /// itself: 404, 405, OPTIONS. The first one registered is the outermost; those of the
    /// application stand around those of its groups.
    pub fn wrap<F>(mut self, middleware: F) -> Self
    where
        F: AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static,
    {
        let layer = Rc::new(Wrap(middleware));
        self.scopes[self.scope].layers.push(layer);
        self
    }

    /// Answers requests for paths that no route has, in place of a 404.
    ///
    /// # Panics
    ///
    /// Panics if the application, or the group, has a fallback already.
    #[track_caller]
    pub fn fallback<F, R>(mut self, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        let scope = &mut self.scopes[self.scope];
        assert!(scope.fallback.is_none(), "there is a fallback already");
        scope.fallback = Some(Box::new(Func::new(handler)));
        if scope.table != 0 && scope.prefix.is_empty() {
            self.router.table_mut(scope.table).set_final();
        }
        self
    }

    /// Writes the pages of all failures: those of handlers, 404 and 405, and the requests that the
    /// connection refuses.
    ///
    /// Status and header fields of the error are set when it runs; it writes the body. If it fails
    /// itself, the response has no body. Default:
    /// [`write_error_page`](crate::Context::write_error_page).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Error, Result};
    ///
    /// async fn as_json(cx: &mut Context, error: &Error) -> Result {
    ///     cx.set_header("Content-Type", "application/json")?;
    ///     cx.write(format!("{{\"status\":{}}}", error.status().as_u16()))
    /// }
    ///
    /// let app = Application::new(()).write_error(as_json);
    /// # drop(app);
    /// ```
    pub fn write_error<F>(mut self, page: F) -> Self
    where
        F: AsyncFn(&mut Context<S>, &Error) -> Result + 'static,
    {
        self.scopes[self.scope].error_page = Some(Box::new(page));
        self
    }

    /// Logs failures in place of the framework: to report them elsewhere, or to leave some out. It is called for
    /// every failure but those whose client has gone, before the error page is written; Tornado's
    /// `log_exception`.
    ///
    /// What waits here holds the answer up. If it panics, the framework's lines are written. Default:
    /// [`Context::log_exception`].
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Error};
    ///
    /// async fn report(cx: &mut Context, error: &Error) {
    ///     if error.status().is_server_error() {
    ///         println!("tell somebody about {}", cx.uri());
    ///     }
    ///     cx.log_exception(error);
    /// }
    ///
    /// let app = Application::new(()).log_exception(report);
    /// # drop(app);
    /// ```
    pub fn log_exception<F>(mut self, log: F) -> Self
    where
        F: AsyncFn(&mut Context<S>, &Error) + 'static,
    {
        self.scopes[self.scope].log_exception = Some(Box::new(log));
        self
    }

    fn fill_scope(mut self, scope: Scope<S>, fill: impl FnOnce(Self) -> Self) -> Self {
        let outer = self.scope;
        self.scope = self.scopes.len();
        self.scopes.push(scope);
        let mut filled = fill(self);
        filled.scope = outer;
        filled.last = None;
        filled
    }
}
