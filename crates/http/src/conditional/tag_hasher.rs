use std::fmt;

use twox_hash::XxHash3_128;

use super::{EntityTag, SEED};

/// Makes the tag of a body that comes in pieces: the same that [`EntityTag::of`] makes of the whole.
///
/// # Examples
///
/// ```
/// use waterspout_http::EntityTag;
/// use waterspout_http::conditional::TagHasher;
///
/// let mut hasher = TagHasher::new();
/// hasher.update(b"hel");
/// hasher.update(b"lo");
/// assert_eq!(hasher.finish(), EntityTag::of(b"hello"));
/// ```
pub struct TagHasher(XxHash3_128);

impl TagHasher {
    /// Begins a body.
    #[must_use]
    pub fn new() -> Self {
        Self(XxHash3_128::with_seed(SEED))
    }

    /// Adds a piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.write(piece);
    }

    /// Returns the tag.
    #[must_use]
    pub fn finish(&self) -> EntityTag {
        EntityTag::of_hash(self.0.finish_128())
    }
}

impl Default for TagHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TagHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TagHasher").finish_non_exhaustive()
    }
}
