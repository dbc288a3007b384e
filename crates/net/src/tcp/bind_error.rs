//! Errors of binding that say where and what to do.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};

use crate::causes;

/// Wraps the system's error so that it names the address. The kind stays, and the system's error is
/// the source.
pub(crate) fn at(place: &dyn Display, error: io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        BindError {
            place: place.to_string(),
            error,
        },
    )
}

#[derive(Debug)]
struct BindError {
    place: String,
    error: io::Error,
}

impl Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl BindError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}", self.place)?;
        f.write_str(match self.error.kind() {
            ErrorKind::AddrInUse => {
                ": something else listens there; stop it, or choose another place"
            }
            ErrorKind::AddrNotAvailable => ": no interface of this machine has that address",
            ErrorKind::PermissionDenied => {
                ": not allowed; ports below 1024 and others' directories need privileges"
            }
            _ => "",
        })
    }
}

impl Error for BindError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
