//! Hashes of the contents of files, for `v` arguments.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use waterspout_http::conditional::TagHasher;

/// Files whose hashes are kept. Deploying makes new files, so those that are gone must not stay for ever.
const MOST: usize = 16 * 1024;

/// Hashes by file, with the size and the time of the last change that they are of.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<HashMap<Identity, Version>>);

/// Device and inode: it is the same by whichever path.
type Identity = (u64, u64);

#[derive(Debug)]
struct Version {
    changed: (i64, i64),
    length: u64,
    hash: String,
}

impl Versions {
    /// The hash of a file, if it was made before and the file is the same since.
    pub(super) fn known(&self, metadata: &Metadata) -> Option<String> {
        let kept = self.lock();
        let known = kept.get(&identity(metadata))?;
        let is_same = known.changed == changed(metadata) && known.length == metadata.len();
        is_same.then(|| known.hash.clone())
    }

    /// The hash of a file, which is read if it is not known.
    pub(super) fn of(&self, file: &File) -> io::Result<String> {
        let metadata = file.metadata()?;
        if let Some(known) = self.known(&metadata) {
            return Ok(known);
        }
        let version = Version {
            changed: changed(&metadata),
            length: metadata.len(),
            hash: hash(file)?,
        };
        let hash = version.hash.clone();
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(identity(&metadata), version);
        Ok(hash)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Identity, Version>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// The time that no program can set, so that a file with the old date is not taken for the old file.
fn changed(metadata: &Metadata) -> (i64, i64) {
    (metadata.ctime(), metadata.ctime_nsec())
}

fn hash(mut file: &File) -> io::Result<String> {
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
