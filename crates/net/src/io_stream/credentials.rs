//! Who is at the other end of a Unix socket.

use std::io;

use super::IoStream;
use super::transport::Transport;

/// The process at the other end of a Unix socket, as the kernel noted it when they connected.
///
/// # Examples
///
/// A server that talks to its own user only:
///
/// ```
/// use waterspout_net::{IoLoop, IoStream};
///
/// IoLoop::new()?.run_sync(async {
///     let (one, _other) = tokio::net::UnixStream::pair()?;
///     let peer = IoStream::from_unix(one).peer_credentials()?;
///     if peer.uid != nix::unistd::geteuid().as_raw() {
///         return Err(std::io::ErrorKind::PermissionDenied.into());
///     }
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PeerCredentials {
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
    /// Its process, where the system tells. The number may since belong to another process.
    pub pid: Option<i32>,
}

impl IoStream {
    /// Returns the credentials of the process at the other end of a Unix socket.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] on a stream that is no Unix socket.
    pub fn peer_credentials(&self) -> io::Result<PeerCredentials> {
        let Transport::Unix(socket) = &self.transport else {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "only Unix sockets know the process at the other end: listen on one with \
                 bind_unix_socket",
            ));
        };
        let found = socket.peer_cred()?;
        Ok(PeerCredentials {
            uid: found.uid(),
            gid: found.gid(),
            pid: found.pid(),
        })
    }
}
