//! Fields that switch on the browser's defences.

use super::Next;
use crate::context::Context;
use crate::error::Result;

/// The fields that [`security_headers()`] sets. An empty value leaves its field out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityHeaders {
    /// `Content-Security-Policy`: where scripts, styles and frames may come from. Default:
    /// `frame-ancestors 'self'; base-uri 'self'; object-src 'none'`, which breaks few pages; a policy
    /// for scripts is worth writing.
    pub content_security_policy: String,
    /// `Strict-Transport-Security`, on answers over HTTPS alone. Default: `max-age=31536000`.
    pub strict_transport_security: String,
    /// `Referrer-Policy`. Default: `strict-origin-when-cross-origin`.
    pub referrer_policy: String,
    /// `Cross-Origin-Opener-Policy`. Default: `same-origin`.
    pub cross_origin_opener_policy: String,
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self {
            content_security_policy: "frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
                .to_owned(),
            strict_transport_security: "max-age=31536000".to_owned(),
            referrer_policy: "strict-origin-when-cross-origin".to_owned(),
            cross_origin_opener_policy: "same-origin".to_owned(),
        }
    }
}

impl SecurityHeaders {
    /// Sets `Content-Security-Policy`. Default: see
    /// [`content_security_policy`](Self::content_security_policy).
    #[must_use]
    pub fn content_security_policy(mut self, policy: &str) -> Self {
        policy.clone_into(&mut self.content_security_policy);
        self
    }

    /// Sets `Strict-Transport-Security`. Default: `max-age=31536000`.
    #[must_use]
    pub fn strict_transport_security(mut self, policy: &str) -> Self {
        policy.clone_into(&mut self.strict_transport_security);
        self
    }

    /// Sets `Referrer-Policy`. Default: `strict-origin-when-cross-origin`.
    #[must_use]
    pub fn referrer_policy(mut self, policy: &str) -> Self {
        policy.clone_into(&mut self.referrer_policy);
        self
    }

    /// Sets `Cross-Origin-Opener-Policy`. Default: `same-origin`.
    #[must_use]
    pub fn cross_origin_opener_policy(mut self, policy: &str) -> Self {
        policy.clone_into(&mut self.cross_origin_opener_policy);
        self
    }

    fn fields(&self, is_https: bool) -> impl Iterator<Item = (&str, &str)> {
        let transport = if is_https {
            &*self.strict_transport_security
        } else {
            ""
        };
        let fields = [
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", &*self.content_security_policy),
            ("Strict-Transport-Security", transport),
            ("Referrer-Policy", &*self.referrer_policy),
            (
                "Cross-Origin-Opener-Policy",
                &*self.cross_origin_opener_policy,
            ),
        ];
        fields.into_iter().filter(|(_, value)| !value.is_empty())
    }
}

/// Sets the fields on every answer, error pages included, before the handler runs, which may set
/// others in their place. `X-Content-Type-Options: nosniff` is always among them.
pub fn security_headers<S: 'static>(
    headers: SecurityHeaders,
) -> impl AsyncFn(&mut Context<S>, Next<'_, S>) -> Result + 'static {
    async move |cx: &mut Context<S>, next: Next<'_, S>| {
        for (name, value) in headers.fields(cx.protocol() == "https") {
            cx.set_default_header(name, value)?;
        }
        next.run(cx).await
    }
}
