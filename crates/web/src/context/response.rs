//! Writing the response.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use super::{Context, Stage};
use crate::error::{HttpError, Misuse, Result};
use crate::reply::HTML;

/// Bodies from this size on are handed over instead of copied.
const LARGE_BODY: usize = 16 * 1024;

/// The memory for JSON replies is given back above this size.
const MAX_SCRATCH: usize = 64 * 1024;

impl<S> Context<S> {
    /// Appends to the body of the response.
    ///
    /// If no content type was set, the first write makes it `text/html; charset=UTF-8`, as Tornado
    /// does: text that a client sent is escaped before it is written.
    ///
    /// # Errors
    ///
    /// Fails if the response is finished, or longer than its `Content-Length` says.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result {
        self.start_body(HTML)?;
        Ok(self.exchange.write(bytes.as_ref())?)
    }

    /// Writes octets that need not be copied if there are many of them.
    pub(crate) fn write_bytes(&mut self, bytes: Bytes) -> Result {
        self.reply_bytes(HTML, bytes)
    }

    /// Sends what was written so far, the head first, and waits until the socket has taken it.
    ///
    /// # Errors
    ///
    /// Fails if the client is gone.
    ///
    /// # Cancel safety
    ///
    /// What was not sent when the future is dropped is sent with the next flush.
    pub async fn flush(&mut self) -> Result {
        self.before_flush()?;
        Ok(self.exchange.flush().await?)
    }

    fn before_flush(&mut self) -> Result {
        self.commit_cookies();
        if self.site.transforming {
            self.transform_piece()?;
        }
        Ok(())
    }

    /// Sends a part of a file as [`Exchange::send_file`] does; false where the rest of the part has to be read
    /// and written.
    ///
    /// [`Exchange::send_file`]: waterspout_http::Exchange::send_file
    pub(crate) async fn send_file(
        &mut self,
        file: &Arc<File>,
        part: &mut Range<u64>,
    ) -> Result<bool> {
        if self.may_compress() {
            return Ok(false);
        }
        self.before_flush()?;
        Ok(self.exchange.send_file(file, part).await?)
    }

    /// Completes the response. It happens by itself when the handler returns.
    ///
    /// What was not flushed before goes out when the handler returns or waits for something. A handler that
    /// goes on is not given up when the client leaves with its answer; but the connection takes no other request
    /// meanwhile, so what lasts long is handed to a task of its own.
    ///
    /// # Errors
    ///
    /// Fails if the response is finished already.
    pub fn finish(&mut self) -> Result {
        if self.is_finished() {
            return Err(Misuse::new("finish() called twice").into());
        }
        self.commit_cookies();
        if self.site.transforming {
            self.transform_last()?;
        }
        self.exchange.finish()?;
        self.exchange.ignore_close();
        self.stage = Stage::Closed;
        Ok(())
    }

    /// Tells whether the response is complete, by [`finish`](Self::finish) or by a redirect.
    #[must_use]
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.stage != Stage::Open || self.exchange.is_finished()
    }

    /// Returns the status of the response; 200 until something else is set.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.exchange.response().status()
    }

    /// Sets the status of the response, with the reason that belongs to it.
    pub fn set_status(&mut self, status: StatusCode) {
        self.exchange.response_mut().set_status(status);
    }

    /// Sets the reason phrase of the status line.
    ///
    /// # Errors
    ///
    /// Fails if it holds anything but printable text.
    pub fn set_reason(&mut self, reason: &str) -> Result {
        Ok(self.exchange.response_mut().set_reason(reason)?)
    }

    /// Sets a header field of the response, and removes others of that name.
    ///
    /// # Errors
    ///
    /// Fails if the head is sent, or if name or value hold what may not stand in a header field.
    pub fn set_header(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result {
        self.require_open_head()?;
        self.note_type(name);
        let headers = self.exchange.response_mut().headers_mut();
        Ok(headers.insert(name, value)?)
    }

    /// Adds a header field to the response, beside others of that name.
    ///
    /// # Errors
    ///
    /// Fails as [`set_header`](Self::set_header) does.
    pub fn add_header(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result {
        self.require_open_head()?;
        self.note_type(name);
        let headers = self.exchange.response_mut().headers_mut();
        Ok(headers.append(name, value)?)
    }

    /// Removes every header field of a name from the response.
    pub fn clear_header(&mut self, name: &str) {
        self.exchange.response_mut().headers_mut().remove(name);
    }

    /// Answers with an error page, in place of all that was written before.
    ///
    /// A handler usually returns the error instead; this is for those that go on afterwards.
    ///
    /// # Errors
    ///
    /// Fails if the response is finished.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the page may be incomplete.
    pub async fn send_error(&mut self, error: impl Into<HttpError>) -> Result
    where
        S: 'static,
    {
        if self.is_finished() {
            return Err(Misuse::new("Cannot send_error() after finish()").into());
        }
        let error = crate::Error::from(error.into());
        Box::pin(self.fail(error)).await;
        if self.stage == Stage::Open {
            self.stage = Stage::Closed;
        }
        Ok(())
    }

    /// Replies with text that lives as long as the program: neither copied nor allocated.
    #[inline]
    pub(crate) fn reply_static(&mut self, kind: &'static str, body: &'static [u8]) -> Result {
        self.start_body(kind)?;
        if self.exchange.buffered() == 0 && !self.exchange.head_sent() {
            self.exchange.set_static_body(body);
            return Ok(());
        }
        Ok(self.exchange.write(body)?)
    }

    pub(crate) fn reply_bytes<B>(&mut self, kind: &'static str, body: B) -> Result
    where
        B: AsRef<[u8]> + Into<Bytes>,
    {
        self.start_body(kind)?;
        let is_small = body.as_ref().len() < LARGE_BODY;
        if is_small || self.exchange.buffered() > 0 || self.exchange.head_sent() {
            return Ok(self.exchange.write(body.as_ref())?);
        }
        self.exchange.set_body(body.into());
        Ok(())
    }

    #[inline]
    pub(crate) fn reply_json<T: Serialize>(&mut self, kind: &'static str, value: &T) -> Result {
        let mut scratch = self.site.scratch.take();
        scratch.clear();
        let serialised = serde_json::to_writer(&mut scratch, value);
        let result = match serialised {
            Ok(()) if scratch.len() < LARGE_BODY => {
                let started = self.start_body(kind);
                started.and_then(|()| Ok(self.exchange.write(&scratch)?))
            }
            Ok(()) => self.reply_bytes(kind, std::mem::take(&mut scratch)),
            Err(error) => Err(error.into()),
        };
        if scratch.capacity() <= MAX_SCRATCH {
            self.site.scratch.set(scratch);
        }
        result
    }

    /// Checks that a body may be written, and gives it a type if it has none.
    #[inline]
    fn start_body(&mut self, kind: &'static str) -> Result {
        if self.stage != Stage::Open {
            return Err(Misuse::new("Cannot write() after finish()").into());
        }
        if !self.typed {
            self.typed = true;
            self.exchange.response_mut().set_content_type(kind);
        }
        Ok(())
    }

    pub(super) fn require_open_head(&self) -> Result {
        if self.exchange.head_sent() {
            return Err(Misuse::new("Cannot change headers after they have been written").into());
        }
        Ok(())
    }

    fn note_type(&mut self, name: &str) {
        self.typed |= name.eq_ignore_ascii_case("content-type");
    }
}
