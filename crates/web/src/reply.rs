//! Replies: what a handler may return.

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, HttpError, Result};

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const HTML: &str = "text/html; charset=UTF-8";
const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";

/// A value that a handler returns, written to the response after all the handler wrote itself.
///
/// Each kind brings its `Content-Type`, which a `set_header("Content-Type", …)` overrides:
///
/// | returned | written | type |
/// |---|---|---|
/// | `()` | nothing more | – |
/// | `&'static str`, `String` | the text | `text/plain; charset=utf-8` |
/// | `Html(text)` | the text | `text/html; charset=UTF-8` |
/// | `Bytes`, `Vec<u8>` | the bytes | `application/octet-stream` |
/// | `Json(value)` | the value, serialised | `application/json` |
/// | `StatusCode` | nothing, with this status | – |
/// | `(StatusCode, reply)` | the reply, with this status | of the reply |
/// | `Option<reply>` | the reply; `None` is a 404 | of the reply |
/// | `Result<reply, error>` | the reply, or the error page | of the reply |
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "is not a `Reply`",
    note = "a handler returns text, bytes, `Json(value)`, `Html(text)`, a `StatusCode`, `(StatusCode, reply)`, `()`, or a `Result` of one of them"
)]
pub trait Reply<S> {
    /// Writes the reply to the response.
    ///
    /// # Errors
    ///
    /// Fails if the response is finished, or if the value cannot be serialised.
    fn reply(self, cx: &mut Context<S>) -> Result;
}

/// A reply that is serialised as JSON.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, Json};
///
/// async fn numbers(_cx: &mut Context) -> Json<[u8; 3]> {
///     Json([1, 2, 3])
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// A reply of HTML. Whatever it was made of is not escaped here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Html<T>(pub T);

impl<S> Reply<S> for () {
    #[inline]
    fn reply(self, _cx: &mut Context<S>) -> Result {
        Ok(())
    }
}

impl<S> Reply<S> for &'static str {
    #[inline]
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_static(TEXT, self.as_bytes())
    }
}

impl<S> Reply<S> for String {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_bytes(TEXT, self)
    }
}

impl<S> Reply<S> for Bytes {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_bytes(OCTETS, self)
    }
}

impl<S> Reply<S> for Vec<u8> {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_bytes(OCTETS, self)
    }
}

impl<S, T: AsRef<[u8]> + Into<Bytes>> Reply<S> for Html<T> {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_bytes(HTML, self.0)
    }
}

impl<S, T: Serialize> Reply<S> for Json<T> {
    #[inline]
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.reply_json(JSON, &self.0)
    }
}

impl<S> Reply<S> for StatusCode {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.set_status(self);
        Ok(())
    }
}

impl<S, R: Reply<S>> Reply<S> for (StatusCode, R) {
    fn reply(self, cx: &mut Context<S>) -> Result {
        cx.set_status(self.0);
        self.1.reply(cx)
    }
}

impl<S, R: Reply<S>> Reply<S> for Option<R> {
    fn reply(self, cx: &mut Context<S>) -> Result {
        self.ok_or(HttpError::NOT_FOUND)?.reply(cx)
    }
}

impl<S, R: Reply<S>, E: Into<Error>> Reply<S> for Result<R, E> {
    #[inline]
    fn reply(self, cx: &mut Context<S>) -> Result {
        match self {
            Ok(reply) => reply.reply(cx),
            Err(error) => Err(error.into()),
        }
    }
}
