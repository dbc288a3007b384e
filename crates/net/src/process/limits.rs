//! What the system lets this process have.

use nix::sys::resource::{Resource, getrlimit};

/// Returns how many files this process may have open; the customary 1024 if the system does not
/// say.
#[must_use]
pub fn open_files_limit() -> usize {
    const CUSTOMARY: usize = 1024;
    getrlimit(Resource::RLIMIT_NOFILE).map_or(CUSTOMARY, |(soft, _)| {
        usize::try_from(soft).unwrap_or(usize::MAX)
    })
}
