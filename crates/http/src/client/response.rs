//! Responses, gathered and streamed.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::StatusCode;

use super::HttpRequest;
use super::error::{FetchError, Kind, Timer};
use super::receiving::Receiving;
use super::timers::Timers;
use super::url::Url;
use crate::Headers;
use crate::coding::Decoder;
use crate::h1::response::ReceivedHead;

/// Octets of a body that is gathered, unless the request says otherwise: Tornado's 100 MiB.
const MAX_GATHERED: u64 = 100 * 1024 * 1024;

/// Decoded pieces that are handed on before others on the loop have their turn: what was compressed well may come
/// to much.
const PIECES_A_TURN: u32 = 16;

/// What is known of a response besides its body.
struct Known {
    request: HttpRequest,
    url: Rc<Url>,
    /// The URL as text, for those who ask.
    effective_url: OnceCell<String>,
    head: ReceivedHead,
    start_time: SystemTime,
    started: Instant,
}

impl Known {
    fn effective_url(&self) -> &str {
        self.effective_url.get_or_init(|| self.url.to_string())
    }
}

/// A response with its whole body: Tornado's `HTTPResponse`.
pub struct HttpResponse {
    known: Box<Known>,
    body: Bytes,
    trailers: Option<Headers>,
    request_time: Duration,
}

/// A response whose body is read as it comes, from
/// [`HttpClient::fetch_stream`](super::HttpClient::fetch_stream).
///
/// Dropping it before the end closes the connection.
pub struct StreamedResponse {
    known: Box<Known>,
    receiving: Receiving,
    decoder: Option<Decoder>,
    timers: Timers,
    received: u64,
    inflated: u64,
    /// Pieces that were decoded since others on the loop had their turn.
    pieces: u32,
}

impl HttpResponse {
    /// Returns the request as it was given; after redirects it is still the first.
    #[must_use]
    pub fn request(&self) -> &HttpRequest {
        &self.known.request
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.known.head.status()
    }

    /// Returns the status as a number.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.status().as_u16()
    }

    /// Returns the reason as it was sent.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.known.head.reason()
    }

    pub(super) fn reason_or_standard(&self) -> &str {
        match self.reason() {
            "" => self.status().canonical_reason().unwrap_or("Unknown"),
            reason => reason,
        }
    }

    /// Returns the fields. After a coding was undone, `Content-Encoding` stands under
    /// `X-Consumed-Content-Encoding`, as in Tornado.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.known.head.headers()
    }

    /// Returns the fields that came after a chunked body; `None` if there were none. Nothing says that
    /// they are true of the head (RFC 9110 §6.5.1).
    #[must_use]
    pub fn trailers(&self) -> Option<&Headers> {
        self.trailers.as_ref()
    }

    /// Returns the URL of this response, after redirects, without user and password.
    #[must_use]
    pub fn effective_url(&self) -> &str {
        self.known.effective_url()
    }

    /// Returns the body; empty if there was none or if a streaming callback took it.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as text, in which octets that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// [`FetchError`] (malformed) if it is not JSON of this shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, FetchError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            FetchError::malformed(format!("body is not the JSON it should be: {error}"))
        })
    }

    /// Returns how long the fetch took, queue and redirects included.
    #[must_use]
    pub fn request_time(&self) -> Duration {
        self.request_time
    }

    /// Returns when the fetch began.
    #[must_use]
    pub fn start_time(&self) -> SystemTime {
        self.known.start_time
    }

    /// Makes an error of a status outside 200 to 299, as `raise_error` does.
    ///
    /// # Errors
    ///
    /// [`FetchError`] with this response.
    pub fn rethrow(self) -> Result<Self, FetchError> {
        if self.status().is_success() {
            Ok(self)
        } else {
            Err(FetchError::new(Kind::Status(Box::new(self))))
        }
    }
}

impl StreamedResponse {
    pub(super) fn new(
        request: HttpRequest,
        url: Rc<Url>,
        mut head: ReceivedHead,
        receiving: Receiving,
        timers: Timers,
        (start_time, started): (SystemTime, Instant),
    ) -> Self {
        let decoder = if request.options.decompress_response {
            take_coding_off(head.headers_mut())
        } else {
            None
        };
        Self {
            known: Box::new(Known {
                request,
                url,
                effective_url: OnceCell::new(),
                head,
                start_time,
                started,
            }),
            receiving,
            decoder,
            timers,
            received: 0,
            inflated: 0,
            pieces: 0,
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.known.head.status()
    }

    /// Returns the reason as it was sent.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.known.head.reason()
    }

    /// Returns the fields, as [`HttpResponse::headers`].
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.known.head.headers()
    }

    /// Returns the URL of this response, after redirects, without user and password.
    #[must_use]
    pub fn effective_url(&self) -> &str {
        self.known.effective_url()
    }

    /// Returns the fields that came after a chunked body, once [`chunk`](Self::chunk) has returned
    /// `None`; `None` if there were none.
    #[must_use]
    pub fn trailers(&self) -> Option<&Headers> {
        self.receiving.trailers()
    }

    /// Returns how many octets [`chunk`](Self::chunk) will return, if that is known: the head says
    /// so, and nothing was read or is compressed.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.receiving
            .announced()
            .filter(|_| self.decoder.is_none())
    }

    /// Returns the next piece of the body, `None` at its end.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if a clock runs out, the connection ends, the body is malformed or larger
    /// than `max_body_size`. The connection is closed then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no piece is lost.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        let next = self.next_chunk().await;
        if next.is_err() {
            self.receiving.abort();
        }
        next
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            if self.pieces >= PIECES_A_TURN {
                self.pieces = 0;
                tokio::task::yield_now().await;
            }
            if let Some(decoder) = &mut self.decoder
                && let Some(piece) = decoder.next_piece()?
            {
                self.pieces += 1;
                self.inflated += piece.len() as u64;
                self.check(self.inflated)?;
                return Ok(Some(piece));
            }
            let limit = self.known.request.options.idle_timeout;
            let next = self.receiving.piece();
            let piece = self.timers.within(Timer::Idle, limit, next).await?;
            let Some(piece) = piece else {
                self.decoder.as_ref().map_or(Ok(()), Decoder::finish)?;
                return Ok(None);
            };
            if piece.is_empty() {
                continue;
            }
            self.received += piece.len() as u64;
            self.check(self.received)?;
            match &mut self.decoder {
                None => return Ok(Some(piece)),
                Some(decoder) => decoder.feed(piece),
            }
        }
    }

    fn check(&self, octets: u64) -> Result<(), FetchError> {
        match self.known.request.options.max_body_size {
            Some(limit) if octets > limit => Err(FetchError::too_large(limit)),
            _ => Ok(()),
        }
    }

    /// Reads the rest of the body.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk); `max_body_size` is 100 MiB here unless the request says otherwise.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection: the response is lost.
    pub async fn gather(mut self) -> Result<HttpResponse, FetchError> {
        let limit = self.known.request.options.max_body_size;
        self.known.request.options.max_body_size = limit.or(Some(MAX_GATHERED));
        if let (Some(limit), Some(announced)) = (
            self.known.request.options.max_body_size,
            self.receiving.announced(),
        ) && announced > limit
        {
            return Err(FetchError::too_large(limit));
        }
        let first = self.chunk().await?.unwrap_or_default();
        let body = match self.chunk().await? {
            None => first,
            Some(second) => {
                let mut all = Vec::from(first);
                all.extend_from_slice(&second);
                while let Some(piece) = self.chunk().await? {
                    all.extend_from_slice(&piece);
                }
                all.into()
            }
        };
        self.known.request.options.max_body_size = limit;
        Ok(self.finish(body))
    }

    /// Calls the request's callbacks with the response.
    pub(super) async fn call_back(mut self) -> Result<HttpResponse, FetchError> {
        let Some(callback) = self.known.request.streaming_callback.clone() else {
            return self.gather().await;
        };
        while let Some(piece) = self.chunk().await? {
            callback.call(piece).await;
        }
        Ok(self.finish(Bytes::new()))
    }

    /// Hands the head to the request's `header_callback`.
    pub(super) fn announce(&self) {
        let Some(callback) = &self.known.request.header_callback else {
            return;
        };
        let head = &self.known.head;
        let version = if head.version() == http::Version::HTTP_10 {
            "HTTP/1.0"
        } else {
            "HTTP/1.1"
        };
        callback(format!("{version} {} {}\r\n", head.status().as_u16(), head.reason()).as_bytes());
        for (name, value) in head.headers().iter_bytes() {
            callback(&[name, b": ", value, b"\r\n"].concat());
        }
        callback(b"\r\n");
    }

    fn finish(self, body: Bytes) -> HttpResponse {
        HttpResponse {
            request_time: self.known.started.elapsed(),
            trailers: self.receiving.trailers().cloned(),
            known: self.known,
            body,
        }
    }
}

/// Begins to undo the coding of the body if that can be done, and says so in the fields as Tornado
/// does. A response of several codings is left as it is.
fn take_coding_off(headers: &mut Headers) -> Option<Decoder> {
    let coding = headers.get("Content-Encoding")?;
    if headers.get_all("Content-Encoding").count() > 1 {
        return None;
    }
    let decoder = Decoder::new(coding)?;
    let coding = coding.to_owned();
    headers.remove("Content-Encoding");
    // What was read as a field can stand in one.
    _ = headers.append("X-Consumed-Content-Encoding", coding);
    Some(decoder)
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("code", &self.code())
            .field("effective_url", &self.known.url)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StreamedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamedResponse")
            .field("status", &self.status())
            .field("effective_url", &self.known.url)
            .finish_non_exhaustive()
    }
}
