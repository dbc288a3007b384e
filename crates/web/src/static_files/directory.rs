//! The root of static files: opening what lies below it, off the loop.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use waterspout_http::conditional::TagHasher;

use super::content_type;
use super::file::{self, Content, Found, SMALL};
use super::path::Relative;

/// Codings of siblings, in the order of preference among equals.
const SIBLINGS: [(&str, &str); 3] = [("br", "br"), ("zstd", "zst"), ("gzip", "gz")];

/// A directory whose files are served.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(super) root: PathBuf,
    pub(super) default_file: Option<String>,
    pub(super) hidden: bool,
    pub(super) precompressed: bool,
    /// Hashes of contents, by path, with the time and size they are of.
    versions: Mutex<HashMap<PathBuf, Version>>,
}

impl Clone for Directory {
    /// Copies the settings.
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
            default_file: self.default_file.clone(),
            hidden: self.hidden,
            precompressed: self.precompressed,
            versions: Mutex::default(),
        }
    }
}

#[derive(Debug, Clone)]
struct Version {
    modified: SystemTime,
    length: u64,
    hash: String,
}

/// What a request wants to have opened.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) relative: Relative,
    /// The codings the client takes, of those that siblings may have.
    pub(super) codings: Vec<&'static str>,
    /// The `v` argument.
    pub(super) version: Option<String>,
}

/// What there is at a path.
#[derive(Debug)]
pub(super) enum Opened {
    File(Box<Found>),
    /// A directory with a default file, named without the slash at its end.
    NeedsSlash,
    Missing,
    /// A directory without a default file, something that is no file, or a way out: 403.
    Forbidden,
}

impl Directory {
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            default_file: None,
            hidden: false,
            precompressed: false,
            versions: Mutex::default(),
        }
    }

    /// Finds and opens. It blocks, so it runs on a thread of the pool.
    pub(super) fn open(&self, wanted: &Wanted) -> io::Result<Opened> {
        match self.find(wanted) {
            Ok(opened) => Ok(opened),
            Err(error) if is_missing(&error) => Ok(Opened::Missing),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Opened::Forbidden),
            Err(error) => Err(error),
        }
    }

    fn find(&self, wanted: &Wanted) -> io::Result<Opened> {
        let root = fs::canonicalize(&self.root)?;
        let Some((mut path, mut metadata)) = inside(&root, &wanted.relative.path)? else {
            return Ok(Opened::Forbidden);
        };
        if metadata.is_dir() {
            let Some(name) = &self.default_file else {
                return Ok(Opened::Forbidden);
            };
            let Some(found) = inside(&root, &path.join(name))? else {
                return Ok(Opened::Forbidden);
            };
            if !wanted.relative.is_directory {
                return Ok(Opened::NeedsSlash);
            }
            (path, metadata) = found;
        } else if wanted.relative.is_directory {
            return Ok(Opened::Missing);
        }
        // Before it is opened: opening a pipe would wait for somebody to write to it.
        if !metadata.is_file() {
            return Ok(Opened::Forbidden);
        }
        self.load(&root, &path, wanted).map(Opened::File)
    }

    /// Opens a file that lies inside, or a compressed sibling of it.
    fn load(&self, root: &Path, path: &Path, wanted: &Wanted) -> io::Result<Box<Found>> {
        let sibling = self.sibling(root, path, &wanted.codings);
        let (coding, opened) = match sibling {
            Some((coding, sibling)) => (Some(coding), File::open(sibling)?),
            None => (None, File::open(path)?),
        };
        let metadata = opened.metadata()?;
        let is_immutable = match &wanted.version {
            Some(version) => *version == self.version_of(path)?,
            None => false,
        };
        let content = if metadata.len() <= SMALL {
            Content::Small(file::read_at(&opened, 0, metadata.len())?)
        } else {
            Content::Large(Arc::new(opened))
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Box::new(Found {
            content,
            length: metadata.len(),
            modified: metadata.modified().unwrap_or(UNIX_EPOCH),
            etag: file::etag(&metadata, coding).ok_or(io::ErrorKind::Unsupported)?,
            coding,
            content_type: content_type::of(&name),
            is_immutable,
        }))
    }

    fn sibling(
        &self,
        root: &Path,
        path: &Path,
        codings: &[&'static str],
    ) -> Option<(&'static str, PathBuf)> {
        if !self.precompressed {
            return None;
        }
        codings.iter().find_map(|coding| {
            let (_, extension) = SIBLINGS.iter().find(|(known, _)| known == coding)?;
            let mut name = path.as_os_str().to_owned();
            name.push(".");
            name.push(extension);
            let (sibling, metadata) = inside(root, Path::new(&name)).ok()??;
            metadata.is_file().then_some((*coding, sibling))
        })
    }

    /// Returns the hash of a file's content for a `v` argument.
    pub(crate) fn version(&self, relative: &str) -> io::Result<String> {
        let parsed = super::path::parse(relative, self.hidden);
        let relative = parsed.map_err(|_| io::ErrorKind::NotFound)?;
        let root = fs::canonicalize(&self.root)?;
        match inside(&root, &relative.path)? {
            Some((path, metadata)) if metadata.is_file() => self.version_of(&path),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn version_of(&self, path: &Path) -> io::Result<String> {
        let metadata = fs::metadata(path)?;
        let (modified, length) = (metadata.modified()?, metadata.len());
        let lock = || self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path)
            && known.modified == modified
            && known.length == length
        {
            return Ok(known.hash.clone());
        }
        let hash = hash(File::open(path)?)?;
        let version = Version {
            modified,
            length,
            hash: hash.clone(),
        };
        lock().insert(path.to_owned(), version);
        Ok(hash)
    }

    /// The codings of siblings.
    pub(super) fn codings() -> impl Iterator<Item = &'static str> {
        SIBLINGS.iter().map(|(coding, _)| *coding)
    }
}

/// Follows links and tells where the path leads, unless that is outside: compared by components,
/// so that a directory whose name begins like the root's is outside.
fn inside(root: &Path, path: &Path) -> io::Result<Option<(PathBuf, Metadata)>> {
    let path = match fs::canonicalize(root.join(path)) {
        Ok(path) => path,
        Err(error) if is_missing(&error) => return Err(error),
        // Links in a circle, directories that may not be searched.
        Err(_) => return Ok(None),
    };
    if !path.starts_with(root) {
        return Ok(None);
    }
    let metadata = fs::metadata(&path)?;
    Ok(Some((path, metadata)))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

fn hash(mut file: File) -> io::Result<String> {
    let mut hasher = TagHasher::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            count => hasher.update(&piece[..count]),
        }
    }
    Ok(hasher.finish().to_string().trim_matches('"').to_owned())
}
