//! The answers to requests of other origins: the Fetch standard, section 3.3.

use super::Cors;
use crate::context::Context;
use crate::error::{HttpError, Result};
use crate::middleware::Next;
use crate::{Method, StatusCode};

/// Lets pages of other origins read the answers, as `settings` say, and answers their preflights.
///
/// Requests of other origins that are not allowed still reach the handler, as those of forms and images
/// do, and their pages cannot read the answer: against forged requests XSRF tokens are the means. A
/// preflight that is refused is a 403 that says why.
pub fn cors<S: 'static>(
    settings: Cors,
) -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        if !settings.origins.is_empty() {
            cx.add_default_header("Vary", "Origin")?;
        }
        let Some(origin) = cx.header("Origin").map(str::to_owned) else {
            return next.run(cx).await;
        };
        let is_allowed = settings.allows(&origin);
        if is_allowed {
            settings.share(cx, &origin)?;
        }
        let wanted = cx
            .header("Access-Control-Request-Method")
            .map(str::to_owned);
        match wanted {
            Some(wanted) if *cx.method() == Method::OPTIONS => {
                if !is_allowed {
                    return Err(refusal(format!("origin {origin:?} is not allowed")));
                }
                settings.answer_preflight(cx, &wanted)
            }
            _ => next.run(cx).await,
        }
    }
}

impl Cors {
    fn allows(&self, origin: &str) -> bool {
        self.origins.is_empty() || self.origins.iter().any(|known| known == origin)
    }

    /// Sets the fields that every answer to an allowed origin has.
    fn share<S>(&self, cx: &mut Context<S>, origin: &str) -> Result {
        let named = if self.origins.is_empty() { "*" } else { origin };
        cx.set_default_header("Access-Control-Allow-Origin", named)?;
        if self.credentials {
            cx.set_default_header("Access-Control-Allow-Credentials", "true")?;
        }
        if !self.expose.is_empty() {
            cx.set_default_header("Access-Control-Expose-Headers", &self.expose)?;
        }
        Ok(())
    }

    /// Answers a preflight, or says what it asks for and does not get.
    fn answer_preflight<S>(&self, cx: &mut Context<S>, wanted: &str) -> Result {
        if !self.methods.iter().any(|method| method == wanted) {
            return Err(refusal(format!(
                "method {wanted:?} is not allowed to other origins"
            )));
        }
        let fields = cx
            .header("Access-Control-Request-Headers")
            .unwrap_or_default();
        let mut fields = fields
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let is_known = |name: &str| {
            self.headers
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        if let Some(unknown) = fields.find(|name| !is_known(name)) {
            return Err(refusal(format!(
                "field {unknown:?} is not allowed to other origins"
            )));
        }
        cx.set_header("Access-Control-Allow-Methods", self.methods.join(", "))?;
        if !self.headers.is_empty() {
            cx.set_header("Access-Control-Allow-Headers", self.headers.join(", "))?;
        }
        cx.set_header("Access-Control-Max-Age", self.max_age.as_secs().to_string())?;
        cx.set_status(StatusCode::NO_CONTENT);
        cx.finish()
    }
}

fn refusal(message: String) -> crate::Error {
    HttpError::forbidden(message).into()
}
