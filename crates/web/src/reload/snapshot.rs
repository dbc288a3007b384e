//! How files stood when they were looked at.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files that are watched at most: a mistaken `/` must not hold the loop for minutes.
const MAX_FILES: usize = 20_000;

/// Files with time and size of their last change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    files: HashMap<PathBuf, (SystemTime, u64)>,
}

impl Snapshot {
    /// Looks at files, and at all below directories. What cannot be read counts as absent.
    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Self {
        let mut snapshot = Self::default();
        for path in paths {
            snapshot.add(path);
        }
        snapshot
    }

    /// Returns one file that differs: changed, new or gone.
    pub(super) fn difference<'s>(&'s self, later: &'s Self) -> Option<&'s Path> {
        let changed = later
            .files
            .iter()
            .find(|(path, stamp)| self.files.get(*path) != Some(stamp));
        let gone = || {
            self.files
                .iter()
                .find(|(path, _)| !later.files.contains_key(*path))
        };
        changed.or_else(gone).map(|(path, _)| path.as_path())
    }

    fn add(&mut self, path: &Path) {
        let Ok(meta) = fs::metadata(path) else {
            return;
        };
        if self.files.len() >= MAX_FILES {
            return;
        }
        if meta.is_dir() {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| counts(&entry.file_name().to_string_lossy())) {
                // A link to a directory may lead in circles.
                if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
                    self.add(&entry.path());
                }
            }
        } else {
            self.files.insert(path.to_owned(), stamp(&meta));
        }
    }
}

fn stamp(meta: &Metadata) -> (SystemTime, u64) {
    (
        meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        meta.len(),
    )
}

fn counts(name: &str) -> bool {
    !name.starts_with('.') && name != "target" && name != "node_modules"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_new_and_removed_files_are_seen_and_hidden_ones_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        fs::create_dir_all(root.join("deep/target")).unwrap();
        fs::write(root.join("deep/a"), "1").unwrap();
        let look = || Snapshot::of([&root]);
        let first = look();
        assert_eq!(first.difference(&look()), None);
        fs::write(root.join("deep/.hidden"), "1").unwrap();
        fs::write(root.join("deep/target/b"), "1").unwrap();
        assert_eq!(first.difference(&look()), None);
        fs::write(root.join("deep/a"), "12").unwrap();
        let second = look();
        assert_eq!(
            first.difference(&second),
            Some(root.join("deep/a").as_path())
        );
        fs::write(root.join("c"), "1").unwrap();
        let third = look();
        assert_eq!(second.difference(&third), Some(root.join("c").as_path()));
        assert_eq!(third.difference(&second), Some(root.join("c").as_path()));
    }

    #[test]
    fn a_link_in_a_circle_ends() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(directory.path(), directory.path().join("again")).unwrap();
        let root = directory.path().to_owned();
        assert_eq!(Snapshot::of([&root]), Snapshot::default());
    }
}
