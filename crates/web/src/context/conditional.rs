//! Conditional requests: answers that the client has already.

use std::time::SystemTime;

use http::{Method, StatusCode};
use waterspout_http::conditional::{Precondition, Validators, evaluate};
use waterspout_http::{EntityTag, HttpDate};

use super::{Context, Stage};
use crate::error::{HttpError, Result};

/// Fields that describe a body, and have no place in a 304 (RFC 9110 §15.4.5).
const OF_THE_BODY: [&str; 5] = [
    "Content-Type",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
];

impl<S> Context<S> {
    /// Sets the `ETag` of the response: what changes whenever the resource does.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent.
    pub fn set_etag(&mut self, etag: &EntityTag) -> Result {
        self.set_header("ETag", etag.to_string())
    }

    /// Sets the `Last-Modified` of the response, to the second.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent.
    pub fn set_last_modified(&mut self, time: SystemTime) -> Result {
        self.set_header("Last-Modified", HttpDate::from(time).to_string())
    }

    /// Compares the preconditions of the request with the `ETag` and `Last-Modified` that the
    /// response has so far (RFC 9110 §13.2.2). If the client has it already, the response becomes a
    /// complete 304, and the handler need not make the body.
    ///
    /// # Errors
    ///
    /// Fails with a 412 if the client counts on another state of the resource, and if the head is
    /// sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use waterspout::{Context, Result};
    ///
    /// async fn report(cx: &mut Context) -> Result {
    ///     cx.set_last_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000))?;
    ///     if cx.is_not_modified()? {
    ///         return Ok(());
    ///     }
    ///     cx.write("what takes long to make")
    /// }
    /// ```
    pub fn is_not_modified(&mut self) -> Result<bool> {
        self.require_open_head()?;
        match self.precondition() {
            Precondition::Proceed => Ok(false),
            Precondition::NotModified => {
                self.become_not_modified();
                self.stage = Stage::Closed;
                Ok(true)
            }
            Precondition::Failed => Err(HttpError::new(StatusCode::PRECONDITION_FAILED).into()),
        }
    }

    fn precondition(&self) -> Precondition {
        let fields = self.exchange.response().headers();
        let etag = fields.get_bytes("etag").and_then(EntityTag::parse);
        let last_modified = fields.get_bytes("last-modified").and_then(HttpDate::parse);
        let validators = Validators {
            etag: etag.as_ref(),
            last_modified,
        };
        let request = self.exchange.request();
        evaluate(request.method(), request.headers(), validators)
    }

    fn become_not_modified(&mut self) {
        self.exchange.clear_body();
        let head = self.exchange.response_mut();
        head.set_status(StatusCode::NOT_MODIFIED);
        for name in OF_THE_BODY {
            head.headers_mut().remove(name);
        }
    }

    /// Gives a whole response to GET or HEAD a tag of its body, unless it has one, and answers what
    /// the client asks of it.
    pub(super) fn tag_whole(&mut self) -> Result {
        let request = self.exchange.request();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads || self.status() != StatusCode::OK {
            return Ok(());
        }
        let fields = self.exchange.response().headers();
        // The body that GET would have is not known where HEAD writes none.
        let has_none = *request.method() == Method::HEAD || fields.contains("content-length");
        let unknown = self.exchange.buffered() == 0 && has_none;
        if !fields.contains("etag") && !unknown {
            let etag = EntityTag::of(self.exchange.pending_body());
            self.exchange
                .response_mut()
                .headers_mut()
                .insert("ETag", etag.to_string())?;
        }
        match self.precondition() {
            Precondition::Proceed => {}
            Precondition::NotModified => self.become_not_modified(),
            Precondition::Failed => {
                return Err(HttpError::new(StatusCode::PRECONDITION_FAILED).into());
            }
        }
        Ok(())
    }
}
