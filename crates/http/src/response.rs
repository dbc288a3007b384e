//! The head of a response.

use std::fmt;

use http::StatusCode;

use crate::Headers;

/// The head of a response being prepared.
///
/// The driver adds `Server`, `Date`, `Content-Length`, `Transfer-Encoding` and `Connection` itself.
/// Of those a handler may set `Server` and `Date`, a `Content-Length` for a body that it streams,
/// and `Connection: close`.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    status: StatusCode,
    reason: Option<Box<str>>,
    content_type: Option<&'static str>,
    headers: Headers,
}

impl ResponseHead {
    /// Makes an empty `200 OK`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            status: StatusCode::OK,
            reason: None,
            content_type: None,
            headers: Headers::new(),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Sets the status and forgets a reason that was set.
    pub fn set_status(&mut self, status: StatusCode) {
        self.status = status;
        self.reason = None;
    }

    /// Returns the reason phrase: the one that was set, or the usual one, or `Unknown`.
    #[must_use]
    pub fn reason(&self) -> &str {
        let usual = || self.status.canonical_reason().unwrap_or("Unknown");
        self.reason.as_deref().unwrap_or_else(usual)
    }

    /// Tells whether the status line is that of a usual 200.
    #[inline]
    pub(crate) fn is_plain_ok(&self) -> bool {
        self.status == StatusCode::OK && self.reason.is_none()
    }

    /// Sets the reason phrase of the status line.
    ///
    /// # Errors
    ///
    /// [`InvalidReason`] unless it is printable ASCII without `<` and `>` (CVE-2025-67724: a reason
    /// that is echoed must not carry fields or markup).
    pub fn set_reason(&mut self, reason: &str) -> Result<(), InvalidReason> {
        let allowed = |octet: u8| matches!(octet, b' '..=b'~') && !matches!(octet, b'<' | b'>');
        if !reason.bytes().all(allowed) {
            return Err(InvalidReason);
        }
        self.reason = Some(reason.into());
        Ok(())
    }

    /// Returns the fields.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the fields to change them.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// Returns the type of the body that was set by [`set_content_type`](Self::set_content_type) or
    /// as a field.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get("content-type").or(self.content_type)
    }

    /// Sets the type of the body, without an allocation. A field `Content-Type` wins over it.
    pub fn set_content_type(&mut self, value: &'static str) {
        self.content_type = Some(value);
    }

    /// Returns the type to send when no field says another.
    pub(crate) fn default_content_type(&self) -> Option<&'static str> {
        self.content_type
    }

    /// Returns to an empty `200 OK`.
    pub fn clear(&mut self) {
        self.status = StatusCode::OK;
        self.reason = None;
        self.content_type = None;
        self.headers.clear();
    }

    pub(crate) fn shrink(&mut self) {
        self.headers.shrink();
    }
}

impl Default for ResponseHead {
    fn default() -> Self {
        Self::new()
    }
}

/// A reason phrase that is not printable ASCII, or could be taken for markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidReason;

impl fmt::Display for InvalidReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reason phrase is not printable ASCII without angle brackets")
    }
}

impl std::error::Error for InvalidReason {}
