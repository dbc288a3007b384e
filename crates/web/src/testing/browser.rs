use std::fmt;

use serde::Serialize;
use waterspout_http::client::{
    ClientConfig, CookieJar, FetchError, HttpClient, HttpRequest, WebSocketClientConnection,
    WebSocketRequest,
};

use super::server::{connect, fetch, opened};
use super::{TestResponse, TestSocket};
use crate::cookies;

/// A client that keeps cookies as a browser does, for tests in which somebody signs in. It comes from
/// [`TestServer::browser`](super::TestServer::browser); each is another visitor.
///
/// Redirects are not followed, so that a test sees where they lead.
///
/// # Examples
///
/// ```
/// use waterspout::net::IoLoop;
/// use waterspout::testing::serve;
/// use waterspout::{Application, Context, Html, Result, XsrfConfig};
///
/// async fn form(cx: &mut Context) -> Result<Html<String>> {
///     Ok(Html(format!("<form method=post>{}<input name=name></form>", cx.xsrf_form_html()?)))
/// }
///
/// async fn login(cx: &mut Context) -> Result {
///     let name = cx.body_argument("name")?;
///     cx.set_signed_cookie("user", &name)?;
///     cx.redirect("/")
/// }
///
/// async fn home(cx: &mut Context) -> Result<String> {
///     Ok(cx.signed_cookie("user")?.unwrap_or_else(|| "nobody".to_owned()))
/// }
///
/// let app = Application::new(())
///     .cookie_secret("32 random octets")
///     .xsrf_cookies(XsrfConfig::default())
///     .get("/", home)
///     .get("/login", form)
///     .post("/login", login);
/// IoLoop::new()?.run_sync(async {
///     let server = serve(app);
///     let ada = server.browser();
///     ada.get("/").await.expect_text("nobody");
///     ada.post_form("/login", &[("name", "ada")]).await.expect_status(403);
///
///     ada.get("/login").await.expect_contains("name=\"_xsrf\"");
///     let token = ada.cookie("_xsrf").unwrap_or_default();
///     ada.post_form("/login", &[("name", "ada"), ("_xsrf", &token)]).await.expect_redirect("/");
///     ada.get("/").await.expect_text("ada");
///
///     server.browser().get("/").await.expect_text("nobody");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TestBrowser {
    client: HttpClient,
    jar: CookieJar,
    base: String,
}

impl TestBrowser {
    pub(super) fn new(base: String) -> Self {
        let jar = CookieJar::new();
        let config = ClientConfig::default().cookie_jar(jar.clone());
        Self {
            client: HttpClient::with_config(config),
            jar,
            base,
        }
    }

    /// Fetches a target by GET. No status is an error.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn get(&self, target: &str) -> TestResponse {
        self.fetch(HttpRequest::get(self.url(target))).await
    }

    /// Sends a form by POST. No status is an error.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn post_form(&self, target: &str, fields: &[(&str, &str)]) -> TestResponse {
        let request = HttpRequest::post(self.url(target)).form(fields.iter().copied());
        self.fetch(request).await
    }

    /// Sends a value in JSON by POST. No status is an error.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn post_json(&self, target: &str, value: &impl Serialize) -> TestResponse {
        self.fetch(HttpRequest::post(self.url(target)).json(value))
            .await
    }

    /// Sends any request, also to another site. No status is an error, and redirects are not followed.
    ///
    /// # Panics
    ///
    /// Panics if no response comes.
    pub async fn fetch(&self, request: HttpRequest) -> TestResponse {
        fetch(&self.client, request.follow_redirects(false)).await
    }

    /// Opens a WebSocket, with the cookies.
    ///
    /// # Panics
    ///
    /// Panics if it is refused; [`try_websocket`](Self::try_websocket) returns the error.
    pub async fn websocket(&self, target: &str) -> TestSocket {
        opened(target, self.try_websocket(target).await)
    }

    /// Opens a WebSocket, with the cookies, or returns why not.
    ///
    /// # Errors
    ///
    /// [`FetchError`], with the response of the server if it refused.
    ///
    /// # Panics
    ///
    /// Panics if no answer comes.
    pub async fn try_websocket(
        &self,
        target: &str,
    ) -> Result<WebSocketClientConnection, FetchError> {
        let url = self.url(target).replacen("http", "ws", 1);
        connect(&self.client, WebSocketRequest::new(url)).await
    }

    /// Returns the URL of a target of the site, which begins with a slash.
    #[must_use]
    pub fn url(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }

    /// Returns the value of a cookie that would be sent to the site's root.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let field = self.jar.header(&self.url("/")).ok()??;
        Some(cookies::find([field.as_slice()].into_iter(), name)?.into_owned())
    }

    /// Takes a cookie as if the site had set it by a field `Set-Cookie`, such as `theme=dark`.
    ///
    /// # Panics
    ///
    /// Panics if no such cookie can be kept.
    #[track_caller]
    pub fn set_cookie(&self, set_cookie: &str) {
        let before = self.jar.len();
        let name = set_cookie.split('=').next().unwrap_or_default();
        let taken = self.jar.set(&self.url("/"), set_cookie);
        let is_kept = self.jar.len() > before || self.cookie(name).is_some();
        assert!(taken.is_ok() && is_kept, "no browser keeps {set_cookie:?}");
    }

    /// Forgets all cookies.
    pub fn clear_cookies(&self) {
        self.jar.clear();
    }
}

impl fmt::Debug for TestBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBrowser")
            .field("site", &self.base)
            .field("cookies", &self.jar.len())
            .finish_non_exhaustive()
    }
}
