//! The handler of static files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use waterspout_http::coding::accepted_codings;

use super::directory::{Directory, Opened, Wanted};
use super::path::{self, Refused};
use crate::context::Context;
use crate::error::{HttpError, Result};
use crate::handler::RequestHandler;

/// A handler that serves the files of a directory, to GET and HEAD.
///
/// [`Application::static_files`](crate::Application::static_files) puts it below a prefix; under a
/// pattern of one's own it serves what the last `{*name}` captured.
///
/// # What it answers
///
/// Responses have `ETag`, `Last-Modified` and `Accept-Ranges`. Conditional requests and ranges, one or
/// several, are answered by RFC 9110 §13 and §14. A URL whose `v` argument is the hash of the file, as
/// [`Context::static_url`] makes it, may be kept by caches for ever; one with another `v` may not.
///
/// The loop does not wait for a disk. What Linux has in memory is opened by the loop itself, and sent up to 1 MiB (`openat2`
/// with `RESOLVE_CACHED`, `preadv2` with `RWF_NOWAIT`, `sendfile`); the rest, links, and network file systems are left
/// to threads of the pool, and so is reading from overlayfs, the images of containers. Of parts beyond 64 KiB the loop looks at one octet in each 128 KiB: a page that the system
/// has thrown out in between is waited for. Files go out no faster than the client takes them.
///
/// # What it refuses
///
/// A path is decoded once, segment by segment. Segments that are empty, `.` or `..`, that end in a dot or a
/// blank, or that hold a slash, backslash, colon or control character are a 403, as are links that lead out of the
/// directory, and whatever is no regular file. Malformed `%`, names that are not UTF-8, names of
/// devices of Windows, and hidden files are a 404. Directories are never listed.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, StaticFileHandler};
///
/// let files = StaticFileHandler::new("static")
///     .default_file("index.html")
///     .precompressed(true);
/// let app = Application::new(()).static_files("/static", files);
/// # drop(app);
/// ```
#[derive(Debug, Clone)]
pub struct StaticFileHandler {
    directory: Arc<Directory>,
}

impl StaticFileHandler {
    /// Makes a handler for the files below a directory. It need not exist yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            directory: Arc::new(Directory::new(root.into())),
        }
    }

    /// Serves this file of a directory for the directory itself; without the slash at the end of
    /// the path it redirects there. Default: none, a directory is a 403.
    #[must_use]
    pub fn default_file(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.directory).default_file = Some(name.into());
        self
    }

    /// Serves files and directories whose names begin with a dot. `.well-known` is served in any
    /// case. Default: false, they are a 404.
    #[must_use]
    pub fn hidden_files(mut self, on: bool) -> Self {
        Arc::make_mut(&mut self.directory).hidden = on;
        self
    }

    /// Serves `a.css.br`, `a.css.zst` or `a.css.gz` for `a.css` to clients that take that coding.
    /// Who makes them anew with each change of the file takes care of that. Default: false.
    #[must_use]
    pub fn precompressed(mut self, on: bool) -> Self {
        Arc::make_mut(&mut self.directory).precompressed = on;
        self
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory)
    }
}

impl From<&str> for StaticFileHandler {
    fn from(root: &str) -> Self {
        Self::new(root)
    }
}

impl From<String> for StaticFileHandler {
    fn from(root: String) -> Self {
        Self::new(root)
    }
}

impl From<&Path> for StaticFileHandler {
    fn from(root: &Path) -> Self {
        Self::new(root)
    }
}

impl From<PathBuf> for StaticFileHandler {
    fn from(root: PathBuf) -> Self {
        Self::new(root)
    }
}

impl<S: 'static> RequestHandler<S> for StaticFileHandler {
    async fn get(&mut self, cx: &mut Context<S>) -> Result {
        let wanted = self.wanted(cx)?;
        let opened = match self.directory.open_cached(&wanted) {
            Some(opened) => opened,
            None => {
                let directory = self.directory();
                tokio::task::spawn_blocking(move || directory.open(&wanted)).await??
            }
        };
        match opened {
            Opened::File(found) => {
                if self.directory.precompressed {
                    cx.add_header("Vary", "Accept-Encoding")?;
                }
                found.respond(cx).await
            }
            Opened::NeedsSlash => add_slash(cx),
            Opened::Missing => Err(HttpError::NOT_FOUND.into()),
            Opened::Forbidden => Err(HttpError::FORBIDDEN.into()),
        }
    }
}

impl StaticFileHandler {
    fn wanted<S>(&self, cx: &mut Context<S>) -> Result<Wanted> {
        let parsed = path::parse(cx.raw_rest(), self.directory.hidden);
        let relative = parsed.map_err(|refused| match refused {
            Refused::Forbidden => HttpError::FORBIDDEN,
            Refused::Unknown => HttpError::NOT_FOUND,
        })?;
        let codings = if self.directory.precompressed {
            let offered: Vec<_> = Directory::codings().collect();
            accepted_codings(cx.headers(), &offered)
        } else {
            Vec::new()
        };
        let version = match cx.request().query() {
            Some(_) => cx.query_pairs()?.last("v")?,
            None => None,
        };
        Ok(Wanted {
            relative,
            codings,
            version,
        })
    }
}

/// Sends the client to the same path with a slash at its end. The path was checked: it does not
/// begin with two slashes (CVE-2023-28370).
fn add_slash<S>(cx: &mut Context<S>) -> Result {
    let request = cx.request();
    let query = request.query().map(|query| format!("?{query}"));
    let location = format!("{}/{}", request.path(), query.unwrap_or_default());
    cx.redirect_permanent(&location)
}
