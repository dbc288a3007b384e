//! The body of the request.

use bytes::Bytes;
use waterspout_http::Headers;

use super::Context;
use crate::error::{Misuse, Result};

impl<S> Context<S> {
    /// Returns the body of the request; a copy costs nothing, the bytes are shared.
    ///
    /// It is empty for a request without one, and for a route that streams.
    #[must_use]
    pub fn body(&self) -> Bytes {
        let body = self.more.as_ref().and_then(|more| more.body.clone());
        body.unwrap_or_default()
    }

    /// Reads the next piece of the body; `None` is its end.
    ///
    /// A route marked [`stream_body`](crate::Application::stream_body) gets the pieces as they
    /// come, and a client that sends faster than they are read waits. On other routes the whole
    /// body is one piece.
    ///
    /// # Errors
    ///
    /// Fails with a 413 if the body is longer than the route allows, with a 408 if it stalls, with
    /// a 400 if its framing is wrong, and with an error nobody gets to see if the client is gone.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(more) = &mut self.more
            && let Some(body) = more.body.take()
        {
            return Ok((!body.is_empty()).then_some(body));
        }
        Ok(self.exchange.chunk().await?)
    }

    /// Returns the trailer fields of a chunked body that was read to its end; `None` if there were none.
    ///
    /// They are kept apart from [`headers`](Self::headers): only a handler that expects one should
    /// believe it.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result};
    ///
    /// async fn upload(cx: &mut Context) -> Result<String> {
    ///     let mut octets = 0;
    ///     while let Some(piece) = cx.chunk().await? {
    ///         octets += piece.len();
    ///     }
    ///     let digest = cx.trailers().and_then(|fields| fields.get("Content-Digest"));
    ///     Ok(format!("{octets} octets, {digest:?}"))
    /// }
    /// ```
    #[must_use]
    pub fn trailers(&self) -> Option<&Headers> {
        self.exchange.trailers()
    }

    /// Changes the longest body this request may have; for routes that stream.
    pub fn set_max_body_size(&mut self, bytes: u64) {
        self.exchange.set_max_body_size(bytes);
    }

    pub(super) fn require_buffered_body(&self) -> Result {
        if self.exchange.has_body() {
            let problem = "the body of a route with stream_body() is read with chunk()";
            return Err(Misuse::new(problem).into());
        }
        Ok(())
    }
}
