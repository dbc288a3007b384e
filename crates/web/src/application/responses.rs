//! What is said once for all requests and responses of the application.

use waterspout_http::multipart::Limits;

use super::Application;
use crate::service::Compression;

impl<S: 'static> Application<S> {
    /// Gives every buffered answer to GET and HEAD an `ETag` made of its body, and answers 304 to a
    /// client that has it, and 412 to one that counts on another: RFC 9110 §13. Default: off.
    ///
    /// Responses that are flushed piece by piece, that have an `ETag` already, or whose status is
    /// not 200 are left as they are. The handler runs in any case; one that can tell sooner calls
    /// [`is_not_modified`](crate::Context::is_not_modified).
    ///
    /// The tag is a hash that is the same on all workers and machines
    /// ([`EntityTag::of`](waterspout_http::EntityTag::of)). Tornado does this by default, with SHA-1.
    pub fn automatic_etag(mut self, on: bool) -> Self {
        self.transforms.etag = on;
        self
    }

    /// Compresses responses for clients that take it, by their `Accept-Encoding`: with gzip, and with
    /// brotli and zstd if those features are on. Default: off.
    ///
    /// Only responses of some types and of some length are compressed, no parts of files, and nothing
    /// that has a `Content-Encoding` or forbids it by `Cache-Control: no-transform`. They get
    /// `Vary: Accept-Encoding`, compressed or not, and an `ETag` becomes a weak one. What is flushed can be
    /// decoded at once.
    ///
    /// A page that shows a secret beside what the client sent tells its length (BREACH): leave such
    /// pages out by `no-transform`.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Compression};
    ///
    /// let app = Application::new(()).compress_response(Compression::default().min_size(500));
    /// # drop(app);
    /// ```
    pub fn compress_response(mut self, compression: Compression) -> Self {
        self.transforms.compression = Some(compression);
        self
    }

    /// Limits forms in parts, `multipart/form-data`: how many parts, and how large their heads. Default:
    /// 100 parts with heads of 10,240 octets, as in Tornado.
    pub fn multipart_limits(mut self, limits: Limits) -> Self {
        self.multipart = limits;
        self
    }
}
