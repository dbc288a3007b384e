use std::future::Future;

use super::defaults::{MethodNotAllowed, NoHook, NothingDone, UserOfApplication};
use crate::auth::CurrentUser;
use crate::context::Context;
use crate::error::{Error, Result};

/// A handler in class form: a type with a method per verb, as in Tornado.
///
/// Each request gets its own clone, so fields set when the handler is registered are what Tornado
/// calls `initialize`, and fields changed by `prepare` are state of the one request. Verbs are
/// written as `async fn`; those that are not written answer `405 Method Not Allowed`, and the
/// framework knows which they are, so that `Allow`, OPTIONS and HEAD are right by themselves.
///
/// # Life of a request
///
/// `prepare`, then the verb (unless `prepare` finished the response), then, if something failed,
/// `write_error`, then `on_finish`. If the client goes away while `prepare` or the verb waits, their
/// future is dropped and `on_connection_close` runs in its place.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, RequestHandler, Result};
///
/// #[derive(Clone)]
/// struct Counter {
///     step: u32,
/// }
///
/// impl RequestHandler for Counter {
///     async fn get(&mut self, cx: &mut Context) -> Result {
///         cx.write(format!("one more is {}", self.step))
///     }
/// }
///
/// let app = Application::new(()).route("/count", Counter { step: 2 });
/// # drop(app);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler for an application with the state `{S}`",
    label = "does not implement `RequestHandler<{S}>`",
    note = "a handler derives `Clone` and writes `impl RequestHandler<{S}> for {Self}`; functions are registered with `get`, `post`, … instead of `route`"
)]
pub trait RequestHandler<S: 'static = ()>: Clone + 'static {
    /// Runs before the verb. Finishing or redirecting here skips the verb.
    fn prepare(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        NothingDone
    }

    /// Answers GET, and HEAD where `head` is not implemented.
    fn get(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers HEAD. What it writes is counted and not sent.
    fn head(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers POST.
    fn post(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers PUT.
    fn put(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers PATCH.
    fn patch(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers DELETE.
    fn delete(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Answers OPTIONS, in place of the automatic 204 with `Allow`.
    fn options(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        MethodNotAllowed
    }

    /// Runs when the response is complete, also after a failure. It can no longer write. The client does not
    /// wait for it once it waits for something itself, but its next request on the connection does.
    fn on_finish(&mut self, _cx: &mut Context<S>) -> impl Future<Output = ()> {
        NoHook
    }

    /// Runs when the client went away while the handler waited.
    ///
    /// The future of the verb is gone by then, and nothing can be sent any more.
    fn on_connection_close(&mut self, _cx: &mut Context<S>) -> impl Future<Output = ()> {
        NoHook
    }

    /// Finds the user of the request, in place of [`Application::current_user`](crate::Application::current_user)
    /// of the group or application: Tornado's `get_current_user`. Default: theirs.
    ///
    /// It runs when [`Context::current_user`], [`Context::require_user`] or a template first asks, once for each
    /// request, and may wait. What is asked is the handler as it was registered: the clone of the
    /// request is at work when it asks, and what `prepare` changed in it is not seen here.
    ///
    /// # Examples
    ///
    /// See [`CurrentUser`].
    fn current_user(&self, _cx: &mut Context<S>) -> impl Future<Output = Result<CurrentUser>> {
        UserOfApplication
    }

    /// Says where [`Context::require_user`] sends those who are not signed in: Tornado's `get_login_url`. Default:
    /// `None`, which is [`Application::login_url`](crate::Application::login_url).
    fn login_url(&self, _cx: &Context<S>) -> Option<String> {
        None
    }

    /// Says which language the user has chosen, such as `es`: Tornado's `get_user_locale`. Default: `None`, which
    /// is what [`Application::user_locale`](crate::Application::user_locale) says; so is a language that the
    /// application does not have.
    fn user_locale(&self, _cx: &mut Context<S>) -> Option<String> {
        None
    }

    /// Adds values to the templates that the handler renders: Tornado's `get_template_namespace`. Those given
    /// to [`Context::render`] come before them, and those of
    /// [`Application::template_namespace`](crate::Application::template_namespace) after them. Default: none.
    #[cfg(feature = "templates")]
    fn template_namespace(&self, _cx: &mut Context<S>) -> crate::template::Value {
        crate::context! {}
    }

    /// Checks that a request of an unsafe method comes from a page of this site, before `prepare`, where
    /// [`Application::xsrf_cookies`](crate::Application::xsrf_cookies) is on. Default:
    /// [`Context::check_xsrf_cookie`]. A handler that returns `Ok(())` takes requests from everywhere.
    ///
    /// # Errors
    ///
    /// An error refuses the request.
    fn check_xsrf_cookie(&self, cx: &mut Context<S>) -> Result {
        cx.check_xsrf_cookie()
    }

    /// Logs a failure, in place of [`Application::log_exception`](crate::Application::log_exception) of the group
    /// or application. Default: theirs.
    fn log_exception(&self, _cx: &mut Context<S>, _error: &Error) -> impl Future<Output = ()> {
        NoHook
    }

    /// Writes the body of an error response, in place of the application's `write_error`.
    ///
    /// Status and header fields of the error are already set; fields set before are gone.
    fn write_error(
        &mut self,
        _cx: &mut Context<S>,
        _error: &Error,
    ) -> impl Future<Output = Result> {
        NothingDone
    }
}
