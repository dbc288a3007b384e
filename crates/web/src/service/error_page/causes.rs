//! The chain of causes of an error.

use std::error::Error as StdError;

use crate::error::Error;

/// More causes than these are not shown: a chain may be a circle.
const MAX_CAUSES: usize = 50;

/// The texts of all causes, the outermost first.
pub(super) fn causes(error: &Error) -> Vec<String> {
    chain(error).map(ToString::to_string).collect()
}

/// All causes, the outermost first.
pub(super) fn chain(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.cause(), |&cause| cause.source()).take(MAX_CAUSES)
}
