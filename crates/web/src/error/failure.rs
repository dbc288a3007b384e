use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use waterspout_http::coding::DECODABLE;
use waterspout_http::ws::SendError;
use waterspout_http::{BodyError, WriteError};

use crate::error::HttpError;
use crate::rooms::RoomError;

/// Any failure on its way to the client: a status, a public message and the cause for the log.
///
/// `?` makes one of every error. [`HttpError`] keeps its status and message, an error of the
/// request's body keeps the status the connection chose (408, 413, 400), and every other error is
/// a 500 that tells the client nothing.
pub struct Error(Box<Failure>);

struct Failure {
    answer: HttpError,
    cause: Option<Box<dyn StdError>>,
    client: Client,
}

/// Whether there is somebody to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Waiting,
    /// Reading or writing failed: it went away.
    Gone,
    /// It went away while the handler waited, and the handler was dropped.
    Abandoned,
}

impl Error {
    /// Creates an error with a status and a message for the client.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::answered(HttpError::new(status).with_message(message))
    }

    /// Creates a 500 with a cause for the log, which the client does not get to see: of a text, or of what
    /// is no error in the eyes of Rust, `Box<dyn std::error::Error>` or `anyhow::Error`. For all else `?` does
    /// the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Error, Result};
    ///
    /// fn read() -> std::result::Result<u8, Box<dyn std::error::Error>> {
    ///     Ok("7".parse()?)
    /// }
    ///
    /// async fn show(_cx: &mut Context) -> Result<String> {
    ///     let number = read().map_err(Error::other)?;
    ///     let next = number.checked_add(1).ok_or_else(|| Error::other("there is no next"))?;
    ///     Ok(next.to_string())
    /// }
    /// # let app = waterspout::Application::new(()).get("/", show);
    /// # drop(app);
    /// ```
    #[must_use]
    pub fn other(cause: impl Into<Box<dyn StdError>>) -> Self {
        Self::caused(cause.into())
    }

    /// Adds the cause that is written to the log.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn StdError>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Replaces what the client gets to see, and keeps the cause.
    #[must_use]
    pub fn with_answer(mut self, answer: HttpError) -> Self {
        self.0.answer = answer;
        self
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.answer.status()
    }

    /// Returns the message for the client, if there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.answer.message()
    }

    /// Returns what the client gets to see.
    #[must_use]
    pub fn answer(&self) -> &HttpError {
        &self.0.answer
    }

    /// Returns the error that caused this one, which the client does not get to see.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref()
    }

    /// Tells whether the client went away, so that there is nobody to answer.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        self.0.client != Client::Waiting
    }

    /// Tells whether the handler was dropped because the client went away.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.client == Client::Abandoned
    }

    /// Takes the error apart, to make another one of it.
    #[cfg(feature = "templates")]
    pub(crate) fn into_parts(self) -> (HttpError, Option<Box<dyn StdError>>) {
        (self.0.answer, self.0.cause)
    }

    pub(crate) fn answered(answer: HttpError) -> Self {
        Self(Box::new(Failure {
            answer,
            cause: None,
            client: Client::Waiting,
        }))
    }

    #[cold]
    pub(crate) fn abandoned() -> Self {
        let mut error = Self::answered(HttpError::BAD_REQUEST);
        error.0.client = Client::Abandoned;
        error
    }

    /// Nobody is to be answered any more: what has begun ends without a word in the log.
    #[cold]
    pub(crate) fn gone() -> Self {
        let mut error = Self::answered(HttpError::SERVICE_UNAVAILABLE);
        error.0.client = Client::Gone;
        error
    }

    fn caused(cause: Box<dyn StdError>) -> Self {
        let cause = match cause.downcast::<HttpError>() {
            Ok(answer) => return Self::answered(*answer),
            Err(other) => other,
        };
        let mut error = match cause.downcast_ref::<BodyError>() {
            Some(body) => Self::of_body(body),
            None => Self::answered(HttpError::INTERNAL_SERVER_ERROR),
        };
        if let Some(room) = cause.downcast_ref::<RoomError>() {
            error = Self::of_room(room);
        }
        let write = cause.downcast_ref::<WriteError>();
        if write.is_some_and(WriteError::is_disconnected) {
            error.0.client = Client::Gone;
        }
        let send = cause.downcast_ref::<SendError>();
        if send.is_some_and(SendError::is_closed) {
            error.0.client = Client::Gone;
        }
        error.0.cause = Some(cause);
        error
    }

    fn of_room(room: &RoomError) -> Self {
        let status = room.status();
        let mut answer = HttpError::new(status);
        if status != StatusCode::INTERNAL_SERVER_ERROR {
            answer = answer.with_message(room.to_string());
        }
        let mut error = Self::answered(answer);
        if room.is_closed() {
            error.0.client = Client::Gone;
        }
        error
    }

    fn of_body(body: &BodyError) -> Self {
        let mut answer = HttpError::new(body.status()).with_message(body.to_string());
        if body.is_unsupported_coding() {
            answer = answer.with_header("Accept-Encoding", DECODABLE.join(", "));
        }
        let mut error = Self::answered(answer);
        if body.is_disconnected() {
            error.0.client = Client::Gone;
        }
        error
    }
}

impl<E: StdError + 'static> From<E> for Error {
    #[inline(never)]
    fn from(error: E) -> Self {
        Self::caused(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.answer.fmt(f)
    }
}

/// Writes the whole chain of causes: it is what a failing `main` shows.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(cause) = self.cause() else {
            return fmt::Display::fmt(self, f);
        };
        fmt::Display::fmt(cause, f)?;
        let mut source = cause.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> crate::Result<u8> {
        Ok(None.ok_or(HttpError::NOT_FOUND)?)
    }

    fn unreadable() -> crate::Result<u64> {
        Ok("x".parse::<u64>()?)
    }

    #[test]
    fn http_error_keeps_its_status() {
        assert_eq!(missing().unwrap_err().status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn what_is_no_error_by_itself_may_be_one() {
        let boxed: Box<dyn StdError> = Box::new(HttpError::NOT_FOUND);
        assert_eq!(Error::other(boxed).status(), StatusCode::NOT_FOUND);
        let error = Error::other("why");
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!((error.message(), &*format!("{error:?}")), (None, "why"));
    }

    #[test]
    fn other_errors_are_a_500_that_keeps_the_cause_to_itself() {
        let error = unreadable().unwrap_err();
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(error.message(), None);
        assert_eq!(format!("{error:?}"), "invalid digit found in string");
    }
}
