//! What of a file lies in the system's memory, so that taking it does not wait for a disk.

use std::fs::File;
use std::io;

/// How far two looks into a file lie apart: what Linux reads ahead at a time unless it is told otherwise, so
/// such a stretch comes into memory as one.
const STRETCH: u64 = 128 * 1024;

/// Reads a part of a file if it is in memory, and never waits for a disk (preadv2(2) with `RWF_NOWAIT`).
/// Returns how many octets there were: fewer than `into` takes at the end of the file, and where what is in
/// memory ends.
///
/// # Errors
///
/// [`WouldBlock`](io::ErrorKind::WouldBlock) if the first octet is not in memory, and
/// [`Unsupported`](io::ErrorKind::Unsupported) on file systems that cannot say (overlayfs, on which the
/// images of containers run, is one), and on other systems than Linux. Read on a thread of the pool then.
///
/// # Examples
///
/// ```
/// use std::fs::File;
/// use waterspout_net::{IoLoop, read_cached};
///
/// # let path = std::env::current_exe()?;
/// IoLoop::new()?.run_sync(async {
///     let (file, mut octets) = (File::open(path)?, [0; 4]);
///     if read_cached(&file, 0, &mut octets).is_err() {
///         use std::os::unix::fs::FileExt;
///         let read = move || file.read_exact_at(&mut octets, 0).map(|()| octets);
///         octets = tokio::task::spawn_blocking(read).await??;
///     }
///     assert_ne!(octets, [0; 4]);
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(target_os = "linux")]
pub fn read_cached(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};

    let into = &mut [io::IoSliceMut::new(into)];
    Ok(preadv2(file, into, at, ReadWriteFlags::NOWAIT)?)
}

/// Reads a part of a file if it is in memory, which this system does not tell.
///
/// # Errors
///
/// [`Unsupported`](io::ErrorKind::Unsupported).
#[cfg(not(target_os = "linux"))]
pub fn read_cached(_: &File, _: u64, _: &mut [u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns how many of `count` octets from `at` are in memory, in one piece. It looks at one octet in each
/// stretch of 128 KiB: a single page that was thrown out in between is not seen.
pub(crate) fn cached_length(file: &File, at: u64, count: u64) -> u64 {
    let Some(last) = at.checked_add(count).and_then(|end| end.checked_sub(1)) else {
        return 0;
    };
    let first = std::iter::once(at);
    let borders = (at / STRETCH + 1..=last / STRETCH).map(|number| number * STRETCH);
    let missing = first.chain(borders).find(|look| !is_cached(file, *look));
    missing.map_or(count, |missing| missing - at).min(count)
}

fn is_cached(file: &File, at: u64) -> bool {
    matches!(read_cached(file, at, &mut [0]), Ok(1))
}
