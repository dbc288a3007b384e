//! Forms in parts, read piece by piece.

use std::fmt;

use bytes::{Bytes, BytesMut};
use waterspout_http::multipart::{Decoder, Event, PartHead, boundary};

use super::Context;
use super::form::invalid;
use crate::error::{HttpError, Result};

impl<S> Context<S> {
    /// Reads a `multipart/form-data` body part by part, in little memory, on a route marked
    /// [`stream_body`](crate::Application::stream_body).
    ///
    /// # Errors
    ///
    /// Fails with a 415 if the body is of another type or coded, and with a 400 if its boundary is
    /// missing or malformed.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// async fn count(cx: &mut Context) -> Result<String> {
    ///     let mut octets = 0;
    ///     let mut form = cx.multipart()?;
    ///     while let Some(part) = form.next_part().await? {
    ///         println!("{} {:?}", part.name(), part.file_name());
    ///         while let Some(piece) = form.chunk().await? {
    ///             octets += piece.len();
    ///         }
    ///     }
    ///     Ok(octets.to_string())
    /// }
    ///
    /// let app = Application::new(()).post("/count", count).stream_body();
    /// # drop(app);
    /// ```
    pub fn multipart(&mut self) -> Result<Multipart<'_, S>> {
        let kind = self.request().content_type().unwrap_or_default();
        let boundary = boundary(kind).map_err(invalid)?;
        let boundary = boundary.filter(|_| self.header("Content-Encoding").is_none());
        let boundary = boundary.ok_or_else(|| {
            HttpError::UNSUPPORTED_MEDIA_TYPE.with_message("this takes multipart/form-data")
        })?;
        Ok(Multipart {
            decoder: Decoder::new(&boundary, self.site.multipart),
            cx: self,
            buffer: BytesMut::new(),
            in_part: false,
        })
    }
}

/// A form in parts that is being read: made by [`Context::multipart`].
pub struct Multipart<'c, S = ()> {
    cx: &'c mut Context<S>,
    decoder: Decoder,
    buffer: BytesMut,
    /// The body of a part is not read to its end.
    in_part: bool,
}

impl<S> Multipart<'_, S> {
    /// Goes on to the next part, past what is left of the one before; `None` is the end of the form.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if the form is malformed or breaks a limit, and as
    /// [`Context::chunk`] does.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn next_part(&mut self) -> Result<Option<PartHead>> {
        while self.chunk().await?.is_some() {}
        match self.next_event().await? {
            Some(Found::Part(head)) => {
                self.in_part = true;
                Ok(Some(*head))
            }
            _ => Ok(None),
        }
    }

    /// Reads the next piece of the part; `None` is its end.
    ///
    /// # Errors
    ///
    /// Fails as [`next_part`](Self::next_part) does.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.in_part {
            return Ok(None);
        }
        match self.next_event().await? {
            Some(Found::Data(bytes)) => Ok(Some(bytes)),
            _ => {
                self.in_part = false;
                Ok(None)
            }
        }
    }

    /// The next event that means something to the caller; `None` ends a part or the form.
    async fn next_event(&mut self) -> Result<Option<Found>> {
        loop {
            let step = self.decoder.decode(&self.buffer).map_err(invalid)?;
            let taken = self.buffer.split_to(step.consumed);
            match step.event {
                Event::Part(head) => return Ok(Some(Found::Part(head))),
                Event::Data(range) => return Ok(Some(Found::Data(taken.freeze().slice(range)))),
                Event::PartEnd | Event::End => return Ok(None),
                Event::NeedsMore => match self.cx.chunk().await? {
                    Some(piece) => self.buffer.extend_from_slice(&piece),
                    None => {
                        self.decoder.finish().map_err(invalid)?;
                        return Ok(None);
                    }
                },
            }
        }
    }
}

/// What was found in a form.
enum Found {
    Part(Box<PartHead>),
    Data(Bytes),
}

impl<S> fmt::Debug for Multipart<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart")
            .field("decoder", &self.decoder)
            .finish_non_exhaustive()
    }
}
