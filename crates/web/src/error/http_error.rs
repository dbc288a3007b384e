use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

/// A failure with a status, and what the client may know about it.
///
/// The associated constants cover the statuses in daily use, so that
/// `option.ok_or(HttpError::NOT_FOUND)?` reads as it answers.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, HttpError, Result};
///
/// async fn story(cx: &mut Context) -> Result<String> {
///     let id: u64 = cx.path("id")?;
///     let title = (id == 1).then_some("The only story").ok_or(HttpError::NOT_FOUND)?;
///     Ok(title.to_owned())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    status: StatusCode,
    message: Option<Cow<'static, str>>,
    log_message: Option<Cow<'static, str>>,
    headers: Vec<(Cow<'static, str>, String)>,
}

impl HttpError {
    /// 400: the request cannot be understood.
    pub const BAD_REQUEST: Self = Self::new(StatusCode::BAD_REQUEST);
    /// 401: who is asking is not known.
    pub const UNAUTHORIZED: Self = Self::new(StatusCode::UNAUTHORIZED);
    /// 403: who is asking may not have it.
    pub const FORBIDDEN: Self = Self::new(StatusCode::FORBIDDEN);
    /// 404: there is no such thing.
    pub const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND);
    /// 405: the resource does not have this method.
    pub const METHOD_NOT_ALLOWED: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED);
    /// 409: the request does not fit the state of the resource.
    pub const CONFLICT: Self = Self::new(StatusCode::CONFLICT);
    /// 410: there was such a thing, and it will not come back.
    pub const GONE: Self = Self::new(StatusCode::GONE);
    /// 413: the body is larger than the server reads.
    pub const PAYLOAD_TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE);
    /// 415: the body is in a format the resource does not read.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    /// 422: the body is well formed and makes no sense.
    pub const UNPROCESSABLE_ENTITY: Self = Self::new(StatusCode::UNPROCESSABLE_ENTITY);
    /// 429: the client asks too often.
    pub const TOO_MANY_REQUESTS: Self = Self::new(StatusCode::TOO_MANY_REQUESTS);
    /// 500: the server failed.
    pub const INTERNAL_SERVER_ERROR: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR);
    /// 501: the server knows nothing of this method.
    pub const NOT_IMPLEMENTED: Self = Self::new(StatusCode::NOT_IMPLEMENTED);
    /// 503: the server cannot answer now.
    pub const SERVICE_UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE);

    /// Creates an error with the status and without a message.
    #[must_use]
    pub const fn new(status: StatusCode) -> Self {
        Self {
            status,
            message: None,
            log_message: None,
            headers: Vec::new(),
        }
    }

    /// Creates a 400 with a message for the client.
    #[must_use]
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::BAD_REQUEST.with_message(message)
    }

    /// Creates a 403 with a message for the client.
    #[must_use]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::FORBIDDEN.with_message(message)
    }

    /// Creates a 404 with a message for the client.
    #[must_use]
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::NOT_FOUND.with_message(message)
    }

    /// Replaces the message. The client sees it, so it names no secret.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Has log lines say something else than the message, which they repeat otherwise: for a message that
    /// repeats what the client sent, and that may be a password.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::HttpError;
    ///
    /// let sent = "correct horse";
    /// let error = HttpError::bad_request(format!("{sent:?} is no number")).with_log_message("no number");
    /// assert_eq!(error.log_message(), Some("no number"));
    /// ```
    #[must_use]
    pub fn with_log_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.log_message = Some(message.into());
        self
    }

    /// Adds a header field to the error response, such as `Retry-After` or `WWW-Authenticate`.
    #[must_use]
    pub fn with_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the message for the client, if there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns what log lines say: the message, unless [`with_log_message`](Self::with_log_message) was called.
    #[must_use]
    pub fn log_message(&self) -> Option<&str> {
        self.log_message.as_deref().or_else(|| self.message())
    }

    /// Returns the header fields of the error response.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl From<StatusCode> for HttpError {
    fn from(status: StatusCode) -> Self {
        Self::new(status)
    }
}

/// Writes `HTTP 404: Not Found (message)`, as Tornado does.
impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}: {}", self.status.as_u16(), reason(self.status))?;
        match &self.message {
            Some(message) => write!(f, " ({message})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for HttpError {}

/// The reason phrase of a status; Tornado's `Unknown` where there is none.
pub(crate) fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_tornados() {
        assert_eq!(HttpError::NOT_FOUND.to_string(), "HTTP 404: Not Found");
        let unknown = StatusCode::from_u16(435).unwrap();
        let error = HttpError::new(unknown).with_message("why");
        assert_eq!(error.to_string(), "HTTP 435: Unknown (why)");
    }
}
