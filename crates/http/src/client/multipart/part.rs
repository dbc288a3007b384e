//! One part of a form.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bytes::Bytes;
use waterspout_net::IoLoop;

use crate::client::body::{BodyWriter, Produce, ProducerError, produce_by};

/// One part of a [`MultipartForm`](super::MultipartForm): octets, a file, or what a function writes.
///
/// # Examples
///
/// ```
/// use waterspout_http::client::{MultipartForm, Part};
///
/// let picture = Part::bytes(&b"\x89PNG"[..]).file_name("a.png").content_type("image/png");
/// let form = MultipartForm::new().text("title", "Storm").part("picture", picture);
/// ```
#[derive(Clone)]
pub struct Part {
    pub(super) content: Content,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
}

#[derive(Clone)]
pub(super) enum Content {
    Bytes(Bytes),
    File {
        path: Rc<PathBuf>,
        length: u64,
    },
    Produced {
        produce: Produce,
        length: Option<u64>,
    },
}

impl Part {
    /// A part of these octets. Default: neither file name nor type, as a field of a form.
    #[must_use]
    pub fn bytes(octets: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes(octets.into()))
    }

    /// A part that is a file, read piece by piece, off the loop, when it is sent. Its name is the
    /// file's, its type `application/octet-stream`, unless they are set.
    ///
    /// # Errors
    ///
    /// The error of the system if there is no such file.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it only looks at the file.
    pub async fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let looked = path.clone();
        let looking = IoLoop::current().run_in_executor(None, move || std::fs::metadata(looked));
        let metadata = looking.await.map_err(io::Error::other)??;
        let mut part = Self::of(Content::File {
            path: Rc::new(path),
            length: metadata.len(),
        });
        part.file_name = name;
        Ok(part.content_type("application/octet-stream"))
    }

    /// A part that a function writes, of any length: the body of the request is chunked then.
    #[must_use]
    pub fn stream<F>(produce: F) -> Self
    where
        F: AsyncFn(BodyWriter) -> Result<(), ProducerError> + 'static,
    {
        let produce = produce_by(produce);
        Self::of(Content::Produced {
            produce,
            length: None,
        })
    }

    /// A part of so many octets that a function writes. Others are an error of the fetch.
    #[must_use]
    pub fn sized_stream<F>(octets: u64, produce: F) -> Self
    where
        F: AsyncFn(BodyWriter) -> Result<(), ProducerError> + 'static,
    {
        let produce = produce_by(produce);
        Self::of(Content::Produced {
            produce,
            length: Some(octets),
        })
    }

    /// Sets the name of the file, which makes the part one. Default: that of [`Part::file`].
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets `Content-Type`. Default: none; with a file `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            file_name: None,
            content_type: None,
        }
    }

    pub(super) fn length(&self) -> Option<u64> {
        match &self.content {
            Content::Bytes(octets) => Some(octets.len() as u64),
            Content::File { length, .. } => Some(*length),
            Content::Produced { length, .. } => *length,
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("length", &self.length())
            .finish()
    }
}
