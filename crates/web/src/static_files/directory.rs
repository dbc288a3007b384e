//! The root of static files: finding and opening what lies below it, on the loop or off it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::cached::{Local, Root, open_found};
use super::content_type;
use super::file::{self, Content, Found, SMALL};
use super::path::Relative;
use super::version::Versions;

/// Codings of siblings, in the order of preference among equals.
const SIBLINGS: [(&str, &str); 3] = [("br", "br"), ("zstd", "zst"), ("gzip", "gz")];

/// A directory whose files are served.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(super) root: PathBuf,
    pub(super) default_file: Option<String>,
    pub(super) hidden: bool,
    pub(super) precompressed: bool,
    versions: Versions,
    local: Local,
}

impl Clone for Directory {
    /// Copies the settings.
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
            default_file: self.default_file.clone(),
            hidden: self.hidden,
            precompressed: self.precompressed,
            versions: Versions::default(),
            local: Local::default(),
        }
    }
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

/// A file that lies inside, or a compressed sibling of it in its place.
struct Chosen {
    coding: Option<&'static str>,
    file: File,
    metadata: Metadata,
}

impl Directory {
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            default_file: None,
            hidden: false,
            precompressed: false,
            versions: Versions::default(),
            local: Local::default(),
        }
    }

    /// Finds and opens what can be had without waiting. `None` means no more than that [`open`](Self::open)
    /// is to decide.
    pub(super) fn open_cached(&self, wanted: &Wanted) -> Option<Opened> {
        let root = self.local.open(&self.root)?;
        match self.find_cached(&root, wanted) {
            Ok(opened) => opened,
            Err(error) if is_missing(&error) => Some(Opened::Missing),
            Err(_) => None,
        }
    }

    fn find_cached(&self, root: &Root, wanted: &Wanted) -> io::Result<Option<Opened>> {
        let mut path = wanted.relative.path.clone();
        let (mut file, mut metadata) = root.open(&path)?;
        match &self.default_file {
            Some(name) if metadata.is_dir() && wanted.relative.is_directory => {
                path.push(name);
                (file, metadata) = root.open(&path)?;
            }
            _ if wanted.relative.is_directory => return Ok(None),
            _ => {}
        }
        if !metadata.is_file() {
            return Ok(None);
        }
        let is_immutable = match &wanted.version {
            Some(version) => match self.versions.is_known_as(&metadata, version) {
                Some(is_same) => is_same,
                None => return Ok(None),
            },
            None => false,
        };
        let sibling = self.sibling_cached(root, &path, &wanted.codings)?;
        let chosen = sibling.unwrap_or(Chosen {
            coding: None,
            file,
            metadata,
        });
        let content = Content::File(Arc::new(chosen.file));
        let found = found(
            &path,
            content,
            &chosen.metadata,
            chosen.coding,
            is_immutable,
        )?;
        Ok(Some(Opened::File(found)))
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
        self.local.note(&root)?;
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
        // Before it is opened, which devices and pipes would take notice of.
        if !metadata.is_file() {
            return Ok(Opened::Forbidden);
        }
        self.load(&root, &path, wanted).map(Opened::File)
    }

    /// Opens a file that lies inside, or a compressed sibling of it.
    fn load(&self, root: &Path, path: &Path, wanted: &Wanted) -> io::Result<Box<Found>> {
        let (file, metadata) = open_found(root, path)?;
        let is_immutable = match &wanted.version {
            Some(version) => *version == self.versions.of(&file)?,
            None => false,
        };
        let sibling = self.sibling(root, path, &wanted.codings);
        let chosen = sibling.unwrap_or(Chosen {
            coding: None,
            file,
            metadata,
        });
        let length = chosen.metadata.len();
        let content = if length <= SMALL {
            Content::Small(file::read_at(&chosen.file, 0, length)?)
        } else {
            Content::File(Arc::new(chosen.file))
        };
        found(path, content, &chosen.metadata, chosen.coding, is_immutable)
    }

    /// Opens the first sibling that can be had: one that is gone, or that may not be read, is none.
    fn sibling(&self, root: &Path, path: &Path, codings: &[&'static str]) -> Option<Chosen> {
        self.siblings(path, codings).find_map(|(coding, sibling)| {
            let (sibling, metadata) = inside(root, &sibling).ok()??;
            let (file, metadata) = metadata
                .is_file()
                .then(|| open_found(root, &sibling).ok())??;
            Some(Chosen {
                coding: Some(coding),
                file,
                metadata,
            })
        })
    }

    fn sibling_cached(
        &self,
        root: &Root,
        path: &Path,
        codings: &[&'static str],
    ) -> io::Result<Option<Chosen>> {
        for (coding, sibling) in self.siblings(path, codings) {
            match root.open(&sibling) {
                Ok((file, metadata)) if metadata.is_file() => {
                    let coding = Some(coding);
                    return Ok(Some(Chosen {
                        coding,
                        file,
                        metadata,
                    }));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Where compressed siblings of a file would be, in the order in which the client wants them.
    fn siblings(
        &self,
        path: &Path,
        codings: &[&'static str],
    ) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let codings = if self.precompressed { codings } else { &[] };
        codings.iter().filter_map(|coding| {
            let (_, extension) = SIBLINGS.iter().find(|(known, _)| known == coding)?;
            let mut name = path.as_os_str().to_owned();
            name.push(".");
            name.push(extension);
            Some((*coding, PathBuf::from(name)))
        })
    }

    /// Returns the hash of a file's content for a `v` argument.
    pub(crate) fn version(&self, relative: &str) -> io::Result<String> {
        let parsed = super::path::parse(relative, self.hidden);
        let relative = parsed.map_err(|_| io::ErrorKind::NotFound)?;
        let root = fs::canonicalize(&self.root)?;
        match inside(&root, &relative.path)? {
            Some((path, metadata)) if metadata.is_file() => {
                self.versions.of(&open_found(&root, &path)?.0)
            }
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The codings of siblings.
    pub(super) fn codings() -> impl Iterator<Item = &'static str> {
        SIBLINGS.iter().map(|(coding, _)| *coding)
    }
}

fn found(
    path: &Path,
    content: Content,
    metadata: &Metadata,
    coding: Option<&'static str>,
    is_immutable: bool,
) -> io::Result<Box<Found>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Box::new(Found {
        content,
        length: metadata.len(),
        modified: metadata.modified().unwrap_or(UNIX_EPOCH),
        etag: file::etag(metadata, coding).ok_or(io::ErrorKind::Unsupported)?,
        coding,
        content_type: content_type::of(&name),
        is_immutable,
    }))
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

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::{Duration, Instant};

    use nix::unistd::{Uid, setfsuid};

    use super::super::path;
    use super::*;

    fn wanted(raw: &str) -> Wanted {
        Wanted {
            relative: path::parse(raw, false).unwrap(),
            codings: vec!["gzip"],
            version: None,
        }
    }

    #[test]
    fn what_the_pool_has_found_once_is_opened_on_the_loop() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("dir")).unwrap();
        fs::write(at("dir/a.txt"), "inside").unwrap();
        symlink("a.txt", at("dir/link")).unwrap();
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let mut directory = Directory::new(place.path().to_owned());
        (directory.default_file, directory.precompressed) = (Some("a.txt".into()), true);

        assert!(directory.open_cached(&wanted("dir/a.txt")).is_none());
        for raw in ["dir/a.txt", "dir/", "missing", "dir/link", "pipe", "dir"] {
            directory.open(&wanted(raw)).unwrap();
        }
        for raw in ["dir/a.txt", "dir/"] {
            let opened = directory.open_cached(&wanted(raw));
            let Some(Opened::File(found)) = opened else {
                panic!("{raw}: {opened:?}");
            };
            assert_eq!((found.length, found.content_type), (6, "text/plain"));
            assert!(matches!(found.content, Content::File(_)));
        }
        let missing = directory.open_cached(&wanted("missing"));
        assert!(matches!(missing, Some(Opened::Missing)), "{missing:?}");
        for raw in ["dir/link", "pipe", "dir", ""] {
            assert!(directory.open_cached(&wanted(raw)).is_none(), "{raw}");
        }
    }

    fn opened(directory: &Directory, name: &str) -> io::Result<Box<Found>> {
        let root = fs::canonicalize(&directory.root).unwrap();
        directory.load(&root, &root.join(name), &wanted("a.txt"))
    }

    #[test]
    fn what_changes_between_finding_and_opening_leads_nowhere() {
        let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| place.path().join(name);
        fs::write(at("a.txt"), "inside").unwrap();
        fs::create_dir(at("dir")).unwrap();
        fs::write(outside.path().join("a.txt"), "secret").unwrap();
        symlink(outside.path(), at("away")).unwrap();
        symlink(outside.path().join("a.txt"), at("out")).unwrap();
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let directory = Directory::new(place.path().to_owned());
        assert_eq!(opened(&directory, "a.txt").unwrap().length, 6);
        for name in ["out", "away/a.txt", "pipe", "dir"] {
            let error = opened(&directory, name).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{name}");
        }
    }

    #[test]
    fn a_sibling_that_may_not_be_read_stands_in_nobodys_way() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let open_to = |name: &str, mode: u32| {
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        fs::write(at("a.txt"), "inside").unwrap();
        fs::write(at("a.txt.gz"), "gzipped").unwrap();
        open_to("", 0o755);
        open_to("a.txt", 0o644);
        open_to("a.txt.gz", 0);
        // Of this thread alone; root may read everything.
        let own = setfsuid(Uid::from_raw(65_534));
        let mut directory = Directory::new(place.path().to_owned());
        directory.precompressed = true;
        for _ in 0..2 {
            let Opened::File(found) = directory.open(&wanted("a.txt")).unwrap() else {
                panic!("not served");
            };
            assert_eq!((found.length, found.coding), (6, None));
        }
        setfsuid(own);
    }

    #[test]
    fn a_version_is_known_on_the_loop_once_the_pool_has_made_it() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a.txt"), "inside").unwrap();
        let directory = Directory::new(place.path().to_owned());
        let mut asked = wanted("a.txt");
        directory.open(&asked).unwrap();
        asked.version = Some("x".to_owned());
        assert!(directory.open_cached(&asked).is_none());
        // The file has just been written: its hash is not kept at once.
        let began = Instant::now();
        let found = loop {
            asked.version = Some(directory.version("a.txt").unwrap());
            if let Some(Opened::File(found)) = directory.open_cached(&asked) {
                break found;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "not on the loop");
        };
        assert!(found.is_immutable);
    }
}
