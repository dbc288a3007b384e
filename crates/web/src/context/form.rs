//! Forms in the body: their fields, and the files that came with them.

use bytes::Bytes;
use memchr::memchr;
use waterspout_http::multipart::{Decoder, Event, Limits, MultipartError, boundary};

use super::Context;
use crate::arguments::Arguments;
use crate::error::{Error, HttpError, Result};

/// A file that was sent with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    name: String,
    file_name: String,
    content_type: String,
    body: Bytes,
}

impl UploadedFile {
    /// Returns the name of the form's field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the file as the client gave it. It may be any text, with slashes and dots:
    /// it is nothing to open a file by.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Returns the type that the client gave; `application/unknown` if it gave none, as in Tornado.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the content. A copy costs nothing, the bytes are shared.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }
}

impl<S> Context<S> {
    /// Returns the files of a `multipart/form-data` body, in order; none for another body.
    ///
    /// Its fields that are no files are [arguments](Self::body_argument). The whole body is in memory,
    /// up to `max_body_size`; [`multipart`](Self::multipart) reads a form piece by piece.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the form is malformed or breaks a limit: see
    /// [`Application::multipart_limits`](crate::Application::multipart_limits).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result};
    ///
    /// async fn upload(cx: &mut Context) -> Result<String> {
    ///     let title = cx.body_argument("title")?;
    ///     let sizes: Vec<_> = cx.files()?.iter().map(|file| file.body().len()).collect();
    ///     Ok(format!("{}: {sizes:?}", title.len()))
    /// }
    /// ```
    pub fn files(&mut self) -> Result<&[UploadedFile]> {
        self.body_pairs()?;
        Ok(&self.more().files)
    }

    /// Tells whether the content type is that of a form, of either kind.
    pub(super) fn has_form(&self) -> bool {
        let kind = self.request().content_type();
        kind.is_some_and(|kind| {
            is_form(kind) || essence(kind).eq_ignore_ascii_case("multipart/form-data")
        })
    }

    /// Parses the form in the body, of either kind.
    pub(super) fn parse_form(&self) -> Result<(Arguments, Vec<UploadedFile>)> {
        let Some(kind) = self.request().content_type() else {
            return Ok(Default::default());
        };
        let is_plain = is_form(kind);
        let boundary = match is_plain {
            true => None,
            false => boundary(kind).map_err(invalid)?,
        };
        if !is_plain && boundary.is_none() {
            return Ok(Default::default());
        }
        if self.header("Content-Encoding").is_some() {
            return Err(HttpError::UNSUPPORTED_MEDIA_TYPE
                .with_message("Unsupported Content-Encoding")
                .into());
        }
        let body = self.body();
        match boundary {
            Some(boundary) => parse_parts(&body, &boundary, self.site.multipart).map_err(invalid),
            None => Ok((Arguments::parse(&body)?, Vec::new())),
        }
    }
}

fn parse_parts(
    body: &Bytes,
    boundary: &str,
    limits: Limits,
) -> Result<(Arguments, Vec<UploadedFile>), MultipartError> {
    let mut decoder = Decoder::new(boundary, limits);
    let (mut arguments, mut files) = (Arguments::default(), Vec::new());
    let (mut at, mut head, mut content) = (0, None, 0..0);
    loop {
        let step = decoder.decode(&body[at..])?;
        match step.event {
            Event::Part(part) => {
                content = at + step.consumed..at + step.consumed;
                head = Some(part);
            }
            Event::Data(range) => content.end = at + range.end,
            Event::PartEnd => {
                if let Some(part) = head.take() {
                    let value = body.slice(content.clone());
                    match part.file_name().filter(|name| !name.is_empty()) {
                        Some(file_name) => files.push(UploadedFile {
                            name: part.name().to_owned(),
                            file_name: file_name.to_owned(),
                            content_type: part
                                .content_type()
                                .unwrap_or("application/unknown")
                                .to_owned(),
                            body: value,
                        }),
                        None => arguments.push(part.name(), &value),
                    }
                }
            }
            Event::NeedsMore | Event::End => break,
        }
        at += step.consumed;
    }
    decoder.finish()?;
    Ok((arguments, files))
}

pub(super) fn invalid(error: MultipartError) -> Error {
    HttpError::bad_request(format!("Invalid body: {error}")).into()
}

fn is_form(content_type: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A content type without its parameters.
pub(super) fn essence(content_type: &str) -> &str {
    let end = memchr(b';', content_type.as_bytes()).unwrap_or(content_type.len());
    content_type[..end].trim_ascii()
}
