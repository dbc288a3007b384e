//! What an application does to every response.

use super::Compression;

/// What an application does to every response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transforms {
    pub(crate) etag: bool,
    pub(crate) compression: Option<Compression>,
}

impl Transforms {
    /// Tells whether there is anything to do.
    pub(crate) fn any(&self) -> bool {
        self.etag || self.compression.is_some()
    }
}
