//! Why a name has no address.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::Family;
use crate::causes;

/// Why a host name could not be resolved. The text says what to do; the source is the system's error.
#[derive(Debug)]
pub struct ResolveError {
    host: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Failed(Arc<io::Error>),
    NoAddress(Family),
}

impl ResolveError {
    /// Makes the error of a look-up that failed; for resolvers of your own.
    #[must_use]
    pub fn failed(host: &str, error: io::Error) -> Self {
        Self {
            host: host.to_owned(),
            kind: Kind::Failed(Arc::new(error)),
        }
    }

    /// Makes the error of a host that has no address of the family that was asked for; for
    /// resolvers of your own.
    #[must_use]
    pub fn no_address(host: &str, family: Family) -> Self {
        Self {
            host: host.to_owned(),
            kind: Kind::NoAddress(family),
        }
    }

    /// Makes the same error for another who asked.
    pub(super) fn again(&self) -> Self {
        Self {
            host: self.host.clone(),
            kind: self.kind.clone(),
        }
    }

    /// Returns the name that was looked up.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl ResolveError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.kind {
            Kind::Failed(_) => write!(
                f,
                "cannot resolve {host:?}: check the spelling, and that this machine reaches a name \
                 server (/etc/resolv.conf)"
            ),
            Kind::NoAddress(Family::V4) => {
                write!(f, "{host:?} has no IPv4 address: allow Family::Any")
            }
            Kind::NoAddress(Family::V6) => {
                write!(f, "{host:?} has no IPv6 address: allow Family::Any")
            }
            Kind::NoAddress(Family::Any) => write!(f, "{host:?} has no address"),
        }
    }
}

impl Error for ResolveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Failed(error) => Some(&**error),
            Kind::NoAddress(_) => None,
        }
    }
}

impl From<ResolveError> for io::Error {
    fn from(error: ResolveError) -> Self {
        Self::new(io::ErrorKind::NotFound, error)
    }
}
