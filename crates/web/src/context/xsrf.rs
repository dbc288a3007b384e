//! Tokens against requests that other sites make a browser send.

use std::rc::Rc;
use std::time::SystemTime;

use super::Context;
use crate::error::{HttpError, Result};
use crate::signed::unix_seconds;
use crate::xsrf::{RawToken, XsrfConfig, check_origin};

/// The name of the argument that carries the token, whatever the cookie is called.
const ARGUMENT: &str = "_xsrf";

impl<S> Context<S> {
    /// Returns the token of this browser, for a form field `_xsrf` or a field `X-Xsrftoken`.
    ///
    /// If the browser has none yet, it gets one with this response, in a cookie. The text is another one for
    /// every response.
    ///
    /// # Errors
    ///
    /// Fails if a cookie must be set and the head is sent, or if the system has no random numbers.
    pub fn xsrf_token(&mut self) -> Result<String> {
        if let Some(text) = self.more.as_ref().and_then(|more| more.xsrf.as_ref()) {
            return Ok(text.clone());
        }
        let config = Rc::clone(&self.site.security.xsrf);
        let render = |token: &RawToken| {
            if config.masked {
                token.masked()
            } else {
                Ok(token.plain())
            }
        };
        let now = unix_seconds(SystemTime::now());
        let text = match self.xsrf_cookie(&config, now) {
            Some(token) => render(&token)?,
            None => {
                let text = render(&RawToken::random(now)?)?;
                let mut options = config.cookie_options.clone();
                if self.has_known_user() {
                    options = options.kept_for_days(30.0);
                }
                self.set_cookie_with(&config.cookie_name, &text, &options)?;
                text
            }
        };
        self.more().xsrf = Some(text.clone());
        Ok(text)
    }

    /// Returns the hidden field that every form needs: `<input type="hidden" name="_xsrf" value="…"/>`.
    ///
    /// # Errors
    ///
    /// Fails as [`xsrf_token`](Self::xsrf_token) does.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Html, Result};
    ///
    /// async fn form(cx: &mut Context) -> Result<Html<String>> {
    ///     let field = cx.xsrf_form_html()?;
    ///     Ok(Html(format!("<form method=post>{field}<button>Delete all</button></form>")))
    /// }
    /// ```
    pub fn xsrf_form_html(&mut self) -> Result<String> {
        let token = self.xsrf_token()?;
        Ok(format!(
            "<input type=\"hidden\" name=\"{ARGUMENT}\" value=\"{token}\"/>"
        ))
    }

    /// Checks that the request comes from a page of this site, as
    /// [`xsrf_cookies`](crate::Application::xsrf_cookies) does before a handler runs.
    ///
    /// For handlers whose route is exempt and that decide by themselves.
    ///
    /// # Errors
    ///
    /// Fails with a 403 if it does not, and with a 400 if the form cannot be read.
    pub fn check_xsrf_cookie(&mut self) -> Result {
        let config = Rc::clone(&self.site.security.xsrf);
        if config.check_origin {
            check_origin(self, &config.trusted_origins)?;
        }
        let Some(sent) = self.sent_xsrf_token()? else {
            return Err(refused("'_xsrf' argument missing from POST"));
        };
        let now = unix_seconds(SystemTime::now());
        let Some(sent) = RawToken::parse(&sent, now) else {
            return Err(refused("'_xsrf' argument has invalid format"));
        };
        match self.xsrf_cookie(&config, now) {
            Some(expected) if expected.is_same(&sent) => Ok(()),
            _ => Err(refused("XSRF cookie does not match POST argument")),
        }
    }

    /// The token as the page sent it: in the form or query, else in a header field.
    fn sent_xsrf_token(&mut self) -> Result<Option<String>> {
        let argument = match self.streams_body() {
            true => self.query_pairs()?.last(ARGUMENT)?,
            false => self.argument_optional(ARGUMENT)?,
        };
        if let Some(token) = argument.filter(|token| !token.is_empty()) {
            return Ok(Some(token));
        }
        let mut fields = ["X-Xsrftoken", "X-Csrftoken"].into_iter();
        let token = fields.find_map(|name| self.header(name).filter(|token| !token.is_empty()));
        Ok(token.map(str::to_owned))
    }

    fn xsrf_cookie(&self, config: &XsrfConfig, now: u64) -> Option<RawToken> {
        RawToken::parse(&self.cookie(&config.cookie_name)?, now)
    }
}

fn refused(reason: &'static str) -> crate::Error {
    HttpError::forbidden(reason).into()
}
