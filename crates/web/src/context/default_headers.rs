//! Header fields that stand on every answer to a request, and the span its log lines stand in.

use tracing::Span;

use super::Context;
use crate::error::Result;

impl<S> Context<S> {
    /// Sets a header field that an error page has too, in place of others of that name.
    ///
    /// What [`set_header`](Self::set_header) sets is gone when the handler fails, for it was meant for
    /// the page that the handler did not finish. Middleware whose fields belong to every answer, such
    /// as those of CORS, calls this one (Tornado: `set_default_headers`).
    ///
    /// # Errors
    ///
    /// Fails if name or value cannot be sent, or if the head is sent already.
    pub fn set_default_header(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result {
        self.set_header(name, value.as_ref())?;
        let kept = &mut self.more().default_headers;
        kept.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        kept.push((name.to_owned(), value.as_ref().to_vec()));
        Ok(())
    }

    /// Adds a header field that an error page has too, beside others of that name.
    ///
    /// # Errors
    ///
    /// As [`set_default_header`](Self::set_default_header).
    pub fn add_default_header(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result {
        self.add_header(name, value.as_ref())?;
        let field = (name.to_owned(), value.as_ref().to_vec());
        self.more().default_headers.push(field);
        Ok(())
    }

    /// Has the framework write its log lines about this request within a span of `tracing`: failures
    /// and the access log. The middleware that makes the span enters it for what it runs itself.
    pub fn set_span(&mut self, span: Span) {
        self.more().span = Some(span);
    }

    pub(crate) fn span(&self) -> Option<&Span> {
        self.more.as_ref()?.span.as_ref()
    }
}
