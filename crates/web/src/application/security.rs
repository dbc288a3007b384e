//! Cookies and users: what is said once for the application.

use std::rc::Rc;

use super::Application;
use crate::auth::UserHook;
use crate::context::Context;
use crate::error::Result;
use crate::signed::CookieSecret;
use crate::xsrf::XsrfConfig;

impl<S: 'static> Application<S> {
    /// Sets the secret that cookies are signed with. Default: none, and signed cookies are errors.
    ///
    /// # Panics
    ///
    /// Panics if it is empty.
    #[track_caller]
    pub fn cookie_secret(mut self, secret: impl Into<CookieSecret>) -> Self {
        self.security.cookie_secret = Some(secret.into());
        self
    }

    /// Answers requests of all methods but GET, HEAD and OPTIONS only if they come from a page of this site;
    /// others get a 403. Default: off, as in Tornado.
    ///
    /// A page proves it by a token, which stands in the form
    /// ([`xsrf_form_html`](Context::xsrf_form_html)) or in a field `X-Xsrftoken`, and in a cookie. Tokens are
    /// Tornado's. Beside it, what browsers say of the origin is checked. The check runs before the handler
    /// and after middleware; 404, 405 and [`ErrorHandler`](crate::ErrorHandler) need none.
    /// [`xsrf_exempt`](Self::xsrf_exempt) leaves a route out, such as for calls of another server, and
    /// [`xsrf_exempt_group`](Self::xsrf_exempt_group) a group, such as an API that goes by bearer tokens.
    ///
    /// A route that streams its body takes the token from the query or a field.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Html, Result, XsrfConfig};
    ///
    /// async fn form(cx: &mut Context) -> Result<Html<String>> {
    ///     Ok(Html(format!("<form method=post>{}<button>Go</button></form>", cx.xsrf_form_html()?)))
    /// }
    ///
    /// let app = Application::new(())
    ///     .xsrf_cookies(XsrfConfig::default())
    ///     .get("/", form)
    ///     .post("/", async |_: &mut Context| "gone")
    ///     .post("/hook", async |_: &mut Context| "from another server")
    ///     .xsrf_exempt();
    /// # drop(app);
    /// ```
    pub fn xsrf_cookies(mut self, config: XsrfConfig) -> Self {
        self.security.xsrf = Rc::new(config);
        self.security.checks_xsrf = true;
        self
    }

    /// Leaves the group, with the groups in it, out of [`xsrf_cookies`](Self::xsrf_cookies): requests from
    /// everywhere reach its routes.
    ///
    /// That is right where nobody is known by a cookie or by Basic authentication, which browsers send by
    /// themselves: an API whose clients bring a bearer token with each request.
    ///
    /// # Panics
    ///
    /// Panics outside of [`nest`](Self::nest) and [`host`](Self::host).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, XsrfConfig};
    ///
    /// fn api(group: Application) -> Application {
    ///     group.xsrf_exempt_group().post("/orders", async |_: &mut Context| "ordered")
    /// }
    ///
    /// let app = Application::new(()).xsrf_cookies(XsrfConfig::default()).nest("/api", api);
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn xsrf_exempt_group(mut self) -> Self {
        assert!(
            self.scope != 0,
            "xsrf_exempt_group() is about the group it is called in, within nest() or host()"
        );
        self.scopes[self.scope].xsrf_exempt = true;
        self
    }

    /// Sets the function that finds the user of a request, for
    /// [`Context::current_user`] and [`Context::require_user`]. `None` is nobody. Default: none.
    ///
    /// It may wait for a database, or decide at once by a cookie. It runs when a handler first asks, once for
    /// each request. Within a group, it is for the group; a handler in class form may have
    /// [its own](crate::RequestHandler::current_user).
    pub fn current_user<F, U>(mut self, find: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> Result<Option<U>> + 'static,
        U: 'static,
    {
        self.scopes[self.scope].current_user = Some(Box::new(UserHook::new(find)));
        self
    }

    /// Sets where [`Context::require_user`] sends those who are not signed in. Default: none.
    ///
    /// The page gets an argument `next`: path and query of the request, or its whole URL if the page has one of
    /// another host. A page with a query of its own gets none. Within a group, it is for the group.
    pub fn login_url(mut self, url: &str) -> Self {
        self.scopes[self.scope].login_url = Some(url.to_owned());
        self
    }
}
