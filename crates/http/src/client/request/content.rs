//! Bodies of requests.

use bytes::Bytes;
use serde::Serialize;

use super::HttpRequest;
use crate::client::body::{BodyWriter, ProducerError, RequestBody, encode_form, produce_by};
use crate::client::multipart::MultipartForm;

impl HttpRequest {
    /// Sets the body. Default: none. A POST that has no `Content-Type` is sent as a form.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(RequestBody::Whole(body.into()));
        self
    }

    /// Sets a body of `application/x-www-form-urlencoded` and its `Content-Type`.
    #[must_use]
    pub fn form<'p>(self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let body = encode_form(pairs);
        self.header("Content-Type", "application/x-www-form-urlencoded")
            .with_body(body)
    }

    /// Sets a body of JSON and its `Content-Type`.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self
                .header("Content-Type", "application/json")
                .with_body(body),
            Err(error) => {
                self.note(Err(error));
                self
            }
        }
    }

    /// Sets a body of `multipart/form-data` (RFC 7578) and its `Content-Type`. Its `Content-Length` is
    /// sent when every part knows how long it is; it is chunked otherwise.
    #[must_use]
    pub fn multipart(mut self, form: MultipartForm) -> Self {
        let content_type = form.content_type();
        match form.into_body() {
            Ok(body) => {
                self.body = Some(body);
                self.header("Content-Type", content_type)
            }
            Err(error) => {
                self.note(Err(error));
                self
            }
        }
    }

    /// Has a function write the body, piece by piece, as the connection takes them. It is chunked,
    /// unless the request has a `Content-Length`, which the pieces must then add up to.
    ///
    /// The function is called again for a redirect that keeps the body. It is stopped, where it
    /// waits, when the server answers before the body is whole. Such a request is never replayed.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::client::{BodyWriter, HttpRequest};
    ///
    /// async fn count(mut body: BodyWriter) -> Result<(), Box<dyn std::error::Error>> {
    ///     for number in 0..1000 {
    ///         body.write(format!("{number}\n")).await;
    ///     }
    ///     Ok(())
    /// }
    /// let request = HttpRequest::put("http://localhost:8888/numbers").body_producer(count);
    /// ```
    #[must_use]
    pub fn body_producer<F>(mut self, produce: F) -> Self
    where
        F: AsyncFn(BodyWriter) -> Result<(), ProducerError> + 'static,
    {
        self.body = Some(RequestBody::Produced {
            produce: produce_by(produce),
            length: None,
        });
        self
    }
}
