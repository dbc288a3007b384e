use crate::auth::UserFuture;
use crate::context::Context;
use crate::error::Result;
use crate::service::ErrorLog;

/// What a class handler decides in place of its application, with its type erased.
///
/// It is asked of the handler as it was registered: the clone of the request is at work in its verb.
pub(crate) trait ClassHooks<S> {
    /// Looks for the user; `None` if the handler leaves that to the application.
    fn find_user<'a>(&'a self, cx: &'a mut Context<S>) -> Option<UserFuture<'a>>;

    fn login_url(&self, cx: &Context<S>) -> Option<String>;

    fn user_locale(&self, cx: &mut Context<S>) -> Option<String>;

    #[cfg(feature = "templates")]
    fn template_namespace(&self, cx: &mut Context<S>) -> crate::template::Value;

    fn check_xsrf_cookie(&self, cx: &mut Context<S>) -> Result;

    /// What logs failures; `None` if the handler leaves that to the application.
    fn error_log(&self) -> Option<&dyn ErrorLog<S>>;
}
