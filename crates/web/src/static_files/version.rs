//! Hashes of the contents of files, for `v` arguments.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use waterspout_http::conditional::TagHasher;

/// Files whose hashes are kept. Deploying makes new files, so those that are gone must not stay for ever.
const MOST: usize = 16 * 1024;

/// A file that changes twice in so short a time may have the same time of change both times: the clock of Linux's file
/// systems moved once in 1 to 10 ms before kernel 6.13, and still does on some of them.
const TICK: Duration = Duration::from_millis(20);

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
    /// Tells whether a file has this hash, if its own was made before and the file is the same since.
    pub(super) fn is_known_as(&self, metadata: &Metadata, hash: &str) -> Option<bool> {
        self.with_known(metadata, |known| known == hash)
    }

    fn with_known<R>(&self, metadata: &Metadata, look: impl FnOnce(&str) -> R) -> Option<R> {
        let kept = self.lock();
        let known = kept.get(&identity(metadata))?;
        let is_same = known.changed == changed(metadata) && known.length == metadata.len();
        is_same.then(|| look(&known.hash))
    }

    /// The hash of a file, which is read if it is not known.
    pub(super) fn of(&self, file: &File) -> io::Result<String> {
        let metadata = file.metadata()?;
        if let Some(known) = self.with_known(&metadata, str::to_owned) {
            return Ok(known);
        }
        let changed = changed(&metadata);
        let is_settled = is_settled(changed, SystemTime::now());
        let hash = hash(file)?;
        if !is_settled {
            return Ok(hash);
        }
        let version = Version {
            changed,
            length: metadata.len(),
            hash: hash.clone(),
        };
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

/// Tells whether a change after `now` has another time than this one.
fn is_settled((seconds, nanos): (i64, i64), now: SystemTime) -> bool {
    let (Ok(seconds), Ok(nanos)) = (u64::try_from(seconds), u32::try_from(nanos)) else {
        return true;
    };
    let changed = UNIX_EPOCH.checked_add(Duration::new(seconds, nanos));
    changed.is_none_or(|changed| match now.duration_since(changed) {
        Ok(since) => since >= TICK,
        // By a clock that was ahead of ours, such as a file server's.
        Err(ahead) => ahead.duration() >= TICK,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_settled_when_another_would_have_another_time() {
        let now = UNIX_EPOCH + Duration::new(1000, 5_000_000);
        for (changed, settled) in [
            ((1000, 5_000_000), false),
            ((1000, 1_000_000), false),
            ((1000, 6_000_000), false),
            ((999, 990_000_000), false),
            ((999, 985_000_000), true),
            ((0, 0), true),
            ((-1, 0), true),
            ((1001, 0), true),
            ((i64::MAX, 0), true),
        ] {
            assert_eq!(is_settled(changed, now), settled, "{changed:?}");
        }
    }

    #[test]
    fn a_file_that_has_just_changed_is_read_again() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let versions = Versions::default();
        for round in 0..200 {
            std::fs::write(&path, format!("{round:03}")).unwrap();
            let file = File::open(&path).unwrap();
            let wanted = hash(&File::open(&path).unwrap()).unwrap();
            assert_eq!(versions.of(&file).unwrap(), wanted, "{round}");
        }
    }
}
