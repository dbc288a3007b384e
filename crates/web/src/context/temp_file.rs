//! Parts of a form that go to temporary files.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use tokio::task::spawn_blocking;

use super::Multipart;
use crate::error::{Error, HttpError, Result};

/// Octets that are gathered before a thread of the pool writes them.
const BLOCK: usize = 256 * 1024;

/// A part of a form in a temporary file, made by [`Multipart::save_to_temp`]; the file is removed when
/// this is dropped.
pub struct TempFile {
    path: TempPath,
    size: u64,
}

impl TempFile {
    /// Returns where the file is. Only the user that runs the server can read it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the size in octets.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Moves the file to where it is to stay, in place of what is there. It is renamed, on a thread of the
    /// pool, so both places must lie on the same file system: see [`Multipart::save_to_temp_in`].
    ///
    /// # Errors
    ///
    /// Fails if it cannot be renamed; the file is removed then.
    pub async fn persist(self, to: impl Into<PathBuf>) -> io::Result<()> {
        let (path, to) = (self.path, to.into());
        let moved = spawn_blocking(move || path.persist(to).map_err(|failed| failed.error));
        moved.await.map_err(io::Error::other)?
    }
}

impl fmt::Debug for TempFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TempFile")
            .field("path", &self.path())
            .field("size", &self.size)
            .finish()
    }
}

impl<S> Multipart<'_, S> {
    /// Writes what is left of the part to a new file in the system's directory for temporary files
    /// (`TMPDIR`), as it comes and on threads of the pool.
    ///
    /// # Errors
    ///
    /// Fails with a 413 if the part is longer than `limit` octets, as [`chunk`](Self::chunk) does, and with a
    /// 500 if the file cannot be written. Nothing is left of the file then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the file is removed, and what was read of the part is gone with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// async fn upload(cx: &mut Context) -> Result<String> {
    ///     let (mut form, mut text) = (cx.multipart()?, String::new());
    ///     while let Some(part) = form.next_part().await? {
    ///         if part.file_name().is_some() {
    ///             let file = form.save_to_temp(1 << 30).await?;
    ///             text += &format!("{} octets in {:?}", file.size(), file.path());
    ///         }
    ///     }
    ///     Ok(text)
    /// }
    ///
    /// let app = Application::new(()).post("/upload", upload).stream_body();
    /// # drop(app);
    /// ```
    pub async fn save_to_temp(&mut self, limit: u64) -> Result<TempFile> {
        self.save_to_temp_in(std::env::temp_dir(), limit).await
    }

    /// Writes what is left of the part to a new file in `directory`, as
    /// [`save_to_temp`](Self::save_to_temp) does.
    ///
    /// # Errors
    ///
    /// Fails as [`save_to_temp`](Self::save_to_temp) does.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the file is removed, and what was read of the part is gone with it.
    pub async fn save_to_temp_in(
        &mut self,
        directory: impl Into<PathBuf>,
        limit: u64,
    ) -> Result<TempFile> {
        let directory = directory.into();
        let mut file = spawn_blocking(move || NamedTempFile::new_in(directory)).await??;
        let (mut size, mut block) = (0, Vec::new());
        while let Some(piece) = self.chunk().await? {
            size += piece.len() as u64;
            if size > limit {
                return Err(too_long(limit));
            }
            block.extend_from_slice(&piece);
            if block.len() >= BLOCK {
                (file, block) = append(file, block).await?;
            }
        }
        let (file, _) = append(file, block).await?;
        Ok(TempFile {
            path: file.into_temp_path(),
            size,
        })
    }
}

/// Writes a block at the end of the file, and gives its memory back.
async fn append(mut file: NamedTempFile, mut block: Vec<u8>) -> Result<(NamedTempFile, Vec<u8>)> {
    let written = spawn_blocking(move || {
        file.write_all(&block)?;
        block.clear();
        Ok::<_, io::Error>((file, block))
    });
    Ok(written.await??)
}

fn too_long(limit: u64) -> Error {
    let message = format!("part of the form exceeds {limit} octets (limit of save_to_temp)");
    HttpError::PAYLOAD_TOO_LARGE.with_message(message).into()
}
