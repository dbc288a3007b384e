//! What an application does to every response.

/// What an application does to every response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transforms {
    pub(crate) etag: bool,
}

impl Transforms {
    /// Tells whether there is anything to do.
    pub(crate) fn any(&self) -> bool {
        self.etag
    }
}
