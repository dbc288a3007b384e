//! Why a connection could not be opened.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::causes;
use crate::resolver::ResolveError;

/// Why a connection could not be opened. The text names the stage; the source is the error
/// underneath.
#[derive(Debug)]
pub struct ConnectError {
    pub(crate) stage: Stage,
    pub(crate) why: Why,
}

/// How far a connection has come.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// The name is looked up.
    Resolving(String),
    /// These addresses are tried.
    Connecting(String, Vec<SocketAddr>),
    /// TLS is being agreed with this host.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    Handshake(String),
}

#[derive(Debug)]
pub(crate) enum Why {
    TimedOut,
    Resolve(ResolveError),
    Source(SocketAddr, io::Error),
    /// No address is of the family of the source address.
    SourceFamily(SocketAddr),
    System(io::Error),
}

impl ConnectError {
    /// Tells whether the time was over.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.why, Why::TimedOut)
    }

    /// Tells whether the host name could not be resolved.
    #[must_use]
    pub fn is_resolve(&self) -> bool {
        matches!(self.why, Why::Resolve(_))
    }

    /// Tells whether TLS could not be agreed.
    #[must_use]
    pub fn is_handshake(&self) -> bool {
        matches!(self.stage, Stage::Handshake(_))
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)?;
        causes::show(f, self)
    }
}

impl ConnectError {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_timeout() {
            return match &self.stage {
                Stage::Resolving(host) => write!(f, "timeout while resolving {host}"),
                Stage::Connecting(host, tried) => {
                    write!(f, "timeout while connecting to {host}")?;
                    show(f, tried)
                }
                Stage::Handshake(host) => write!(f, "timeout during TLS handshake with {host}"),
            };
        }
        match &self.why {
            Why::Resolve(error) => return write!(f, "{error}"),
            Why::Source(source, _) => {
                return write!(
                    f,
                    "cannot connect from {source}: it must be an address of this machine, and the \
                     port must be free and allowed"
                );
            }
            Why::SourceFamily(source) => {
                return write!(
                    f,
                    "cannot connect from {source}: the host has no address of that family"
                );
            }
            _ => {}
        }
        match &self.stage {
            Stage::Resolving(host) => write!(f, "cannot resolve {host}"),
            Stage::Connecting(host, tried) => {
                write!(f, "cannot connect to {host}")?;
                show(f, tried)?;
                f.write_str(match self.why {
                    Why::System(ref error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                        ": nothing listens there"
                    }
                    _ => "",
                })
            }
            Stage::Handshake(host) => write!(f, "cannot agree on TLS with {host}"),
        }
    }
}

fn show(f: &mut fmt::Formatter<'_>, tried: &[SocketAddr]) -> fmt::Result {
    for (index, address) in tried.iter().enumerate() {
        write!(f, "{}{address}", if index == 0 { " at " } else { ", " })?;
    }
    Ok(())
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Why::TimedOut | Why::SourceFamily(_) => None,
            // Its text is this error's, so its source comes next.
            Why::Resolve(error) => error.source(),
            Why::Source(_, error) => Some(error),
            Why::System(error) => match error.get_ref() {
                Some(inner) => Some(inner),
                None => Some(error),
            },
        }
    }
}

impl From<ConnectError> for io::Error {
    fn from(error: ConnectError) -> Self {
        let kind = match &error.why {
            Why::TimedOut => io::ErrorKind::TimedOut,
            Why::Resolve(_) => io::ErrorKind::NotFound,
            Why::SourceFamily(_) => io::ErrorKind::AddrNotAvailable,
            Why::Source(_, inner) | Why::System(inner) => inner.kind(),
        };
        Self::new(kind, error)
    }
}
