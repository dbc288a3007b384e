//! Opening files: on the loop, where the system can do so without a disk, and on a thread of the pool.
//!
//! Whatever is not a plain file, reached without a link, that the system has in memory by name, is left to a
//! thread of the pool: so the rules for links and errors stand in one place, `directory`.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2, statfs};
use rustix::io::Errno;

/// The device that a root was on when it was last found on a file system of this machine.
#[derive(Debug, Default)]
pub(super) struct Local(AtomicU64);

/// Names of file systems whose `open` does not ask a server or another process (`f_type` of statfs(2)).
const LOCAL: [u64; 11] = [
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // xfs
    0x9123_683e, // btrfs
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    0x794c_7630, // overlayfs
    0x2fc1_2fc1, // zfs
    0xf2f5_2010, // f2fs
    0xca45_1a4e, // bcachefs
    0xe0f5_e1e2, // erofs
    0x7371_7368, // squashfs
];

impl Local {
    /// Notes what the root stands on. It may wait for a server, so it belongs on a thread of the pool.
    pub(super) fn note(&self, root: &Path) -> io::Result<()> {
        let kind = statfs(root)?.f_type;
        let is_local = u64::try_from(kind).is_ok_and(|kind| LOCAL.contains(&kind));
        let device = if is_local { root.metadata()?.dev() } else { 0 };
        self.0.store(device, Ordering::Relaxed);
        Ok(())
    }

    /// Opens a root whose device is known to be local.
    pub(super) fn open(&self, root: &Path) -> Option<Root> {
        let device = self.0.load(Ordering::Relaxed);
        if device == 0 {
            return None;
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat2(CWD, root, flags, Mode::empty(), ResolveFlags::CACHED).ok()?;
        let root = File::from(opened);
        (root.metadata().ok()?.dev() == device).then_some(Root(root))
    }
}

/// Without `NONBLOCK`, opening a pipe would wait for a writer. One that waits for a reader is woken all the same, and
/// finds nobody: pipes do not belong into a directory of static files.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Opens a file that was found at a canonical path below a canonical root. It may wait for a disk.
///
/// # Errors
///
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied) also if a link is in the way by now, and if there is no
/// regular file any more.
pub(super) fn open_found(root: &Path, path: &Path) -> io::Result<(File, Metadata)> {
    let opened = match open_without_links(root, path, READ) {
        // Somebody has a lease on it, and is told to give it back while this waits (fcntl(2)).
        Err(Errno::AGAIN) => open_without_links(root, path, READ - OFlags::NONBLOCK),
        // A kernel before 5.6, or a filter of system calls.
        Err(Errno::NOSYS | Errno::PERM) => openat(CWD, path, READ, Mode::empty()).map(File::from),
        opened => opened,
    };
    let file = opened.map_err(|error| match error {
        Errno::LOOP | Errno::XDEV => io::ErrorKind::PermissionDenied.into(),
        error => io::Error::from(error),
    })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok((file, metadata))
}

fn open_without_links(root: &Path, path: &Path, flags: OFlags) -> Result<File, Errno> {
    let below = path.strip_prefix(root).map_err(|_| Errno::XDEV)?;
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, root, directory, Mode::empty())?;
    let way = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    openat2(root, below, flags, Mode::empty(), way).map(File::from)
}

/// An open root.
#[derive(Debug)]
pub(super) struct Root(File);

impl Root {
    /// Opens what lies below the root, on the same file system, on a way without links, without waiting.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if the system knows that there is nothing of that name. Of any
    /// other error a thread of the pool finds out the meaning.
    pub(super) fn open(&self, path: &Path) -> io::Result<(File, Metadata)> {
        let way = ResolveFlags::CACHED
            | ResolveFlags::BENEATH
            | ResolveFlags::NO_SYMLINKS
            | ResolveFlags::NO_MAGICLINKS
            | ResolveFlags::NO_XDEV;
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let file = File::from(openat2(&self.0, path, READ, Mode::empty(), way)?);
        let metadata = file.metadata()?;
        Ok((file, metadata))
    }
}
