//! Errors and their causes in one line, as logs have them.

use std::error::Error;
use std::fmt;

/// Ends the text of an error: in the alternate form (`{:#}`) what is underneath follows.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    let mut cause = error.source().filter(|_| f.alternate());
    while let Some(error) = cause {
        write!(f, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}
