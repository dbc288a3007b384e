//! The form: its parts, and the body they make.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use bytes::Bytes;
use waterspout_net::IoLoop;

use super::encode;
use super::part::{Content, Part};
use crate::client::auth::random_hex;
use crate::client::body::{BodyWriter, ProducerError, RequestBody};

/// Octets of a file that are read at a time.
const PIECE: usize = 64 * 1024;

/// A form in parts, with files: the body of
/// [`HttpRequest::multipart`](crate::client::HttpRequest::multipart).
///
/// # Examples
///
/// ```no_run
/// use waterspout_http::client::{HttpClient, HttpRequest, MultipartForm, Part};
///
/// # waterspout_net::IoLoop::new()?.run_sync(async {
/// let form = MultipartForm::new()
///     .text("title", "Storm")
///     .part("picture", Part::file("storm.png").await?.content_type("image/png"));
/// let request = HttpRequest::post("http://localhost:8888/pictures").multipart(form);
/// let response = HttpClient::new().fetch(request).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MultipartForm {
    boundary: Result<String, String>,
    parts: Vec<(String, Part)>,
}

impl Default for MultipartForm {
    fn default() -> Self {
        Self::new()
    }
}

impl MultipartForm {
    /// Makes a form without parts.
    #[must_use]
    pub fn new() -> Self {
        let random = random_hex::<16>();
        Self {
            boundary: random.map_err(|error| format!("no random number for a boundary: {error}")),
            parts: Vec::new(),
        }
    }

    /// Adds a field of text.
    #[must_use]
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.part(name, Part::bytes(value.into()))
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, name: impl Into<String>, part: Part) -> Self {
        self.parts.push((name.into(), part));
        self
    }

    pub(in crate::client) fn content_type(&self) -> String {
        let boundary = self.boundary.as_deref().unwrap_or_default();
        format!("multipart/form-data; boundary={boundary}")
    }

    /// Makes the body: whole if all of it is there, and of a known length if all parts know theirs.
    pub(in crate::client) fn into_body(self) -> Result<RequestBody, String> {
        let boundary = self.boundary?;
        let mut parts = Vec::with_capacity(self.parts.len());
        for (name, part) in self.parts {
            let head = encode::head(&boundary, &name, &part)?;
            parts.push((Bytes::from(head), part));
        }
        let end = Bytes::from(encode::end(&boundary));
        if let Some(whole) = whole(&parts, &end) {
            return Ok(RequestBody::Whole(whole));
        }
        let length = length(&parts, &end);
        let parts = Rc::new(parts);
        Ok(RequestBody::Produced {
            produce: Rc::new(move |writer| {
                let (parts, end) = (Rc::clone(&parts), end.clone());
                Box::pin(async move { write_all(&parts, end, writer).await })
            }),
            length,
        })
    }
}

type Parts = [(Bytes, Part)];

fn whole(parts: &Parts, end: &Bytes) -> Option<Bytes> {
    let mut out = Vec::new();
    for (head, part) in parts {
        let Content::Bytes(octets) = &part.content else {
            return None;
        };
        out.extend_from_slice(head);
        out.extend_from_slice(octets);
        out.extend_from_slice(encode::AFTER_PART.as_bytes());
    }
    out.extend_from_slice(end);
    Some(out.into())
}

fn length(parts: &Parts, end: &Bytes) -> Option<u64> {
    let mut length = end.len() as u64;
    for (head, part) in parts {
        let around = head.len() + encode::AFTER_PART.len();
        length = length
            .checked_add(around as u64)?
            .checked_add(part.length()?)?;
    }
    Some(length)
}

async fn write_all(parts: &Parts, end: Bytes, mut writer: BodyWriter) -> Result<(), ProducerError> {
    for (head, part) in parts {
        writer.write(head.clone()).await;
        let before = writer.written();
        write_content(part, &mut writer).await?;
        let written = writer.written() - before;
        if part.length().is_some_and(|length| length != written) {
            let expected = part.length().unwrap_or_default();
            let why = format!("a part of the form has {written} octets instead of {expected}");
            return Err(why.into());
        }
        writer.write(encode::AFTER_PART).await;
    }
    writer.write(end).await;
    Ok(())
}

async fn write_content(part: &Part, writer: &mut BodyWriter) -> Result<(), ProducerError> {
    match &part.content {
        Content::Bytes(octets) => writer.write(octets.clone()).await,
        Content::Produced { produce, .. } => produce(writer.another()).await?,
        Content::File { path, length } => write_file(path, *length, writer)
            .await
            .map_err(|error| format!("{}: {error}", path.display()))?,
    }
    Ok(())
}

/// Reads a file off the loop, no further than it was long when the part was made.
async fn write_file(path: &Path, length: u64, writer: &mut BodyWriter) -> io::Result<()> {
    let io_loop = IoLoop::current();
    let path = path.to_owned();
    let opened =
        io_loop.run_in_executor(None, move || File::open(path).map(|file| file.take(length)));
    let mut file = opened.await.map_err(io::Error::other)??;
    loop {
        let reading = io_loop.run_in_executor(None, move || {
            let mut piece = Vec::with_capacity(PIECE);
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece);
            read.map(|_| (file, piece))
        });
        let (next, piece) = reading.await.map_err(io::Error::other)??;
        if piece.is_empty() {
            return Ok(());
        }
        file = next;
        writer.write(piece).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_a_whole_body_that_our_own_reader_reads() {
        let form = MultipartForm::new()
            .text("a", "1")
            .part("b", Part::bytes("2").file_name("f"));
        let content_type = form.content_type();
        let boundary = crate::multipart::boundary(&content_type).unwrap().unwrap();
        let Ok(RequestBody::Whole(body)) = form.into_body() else {
            panic!("it is there");
        };
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"b\"; filename=\"f\"\r\n\r\n2\r\n\
             --{boundary}--\r\n"
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn no_two_forms_have_the_same_boundary() {
        let (one, two) = (MultipartForm::new(), MultipartForm::new());
        assert_ne!(one.content_type(), two.content_type());
    }
}
