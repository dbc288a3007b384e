//! Listening Unix sockets.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::bind_error::at;
use super::{BoundAddr, BoundSocket};

/// Binds a listening Unix socket to `path`, with the permissions `mode`, such as `0o600`.
///
/// A socket that a server left behind is removed first; one that a server still answers on is not.
/// The permissions hold before the first client can connect. On Linux a path that begins with a NUL
/// is a name in the abstract namespace, which needs no file and knows no permissions.
///
/// # Errors
///
/// The error of the system, naming the path; [`ErrorKind::AddrInUse`] if a server listens there, and
/// [`ErrorKind::AlreadyExists`] if the path is a file of another kind.
///
/// # Examples
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("chat.sock");
/// let socket = waterspout_net::bind_unix_socket(&path, 0o600, 1024)?;
/// println!("listening on {}", socket.local_addr()?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn bind_unix_socket(
    path: impl AsRef<Path>,
    mode: u32,
    backlog: u32,
) -> io::Result<BoundSocket> {
    let path = path.as_ref();
    bind(path, mode, backlog).map_err(|error| at(&BoundAddr::Unix(path.into()), error))
}

fn bind(path: &Path, mode: u32, backlog: u32) -> io::Result<BoundSocket> {
    let address = SockAddr::unix(path)?;
    let is_abstract = path.as_os_str().as_bytes().first() == Some(&0);
    if !is_abstract {
        remove_stale(path, &address)?;
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address)?;
    if !is_abstract {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(BoundSocket::Unix(socket.into()))
}

/// Removes a socket that nobody listens on.
fn remove_stale(path: &Path, address: &SockAddr) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(
            ErrorKind::AlreadyExists,
            "a file that is not a socket is there",
        ));
    }
    let probe = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    probe.set_nonblocking(true)?;
    match probe.connect(address) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        // Connected, or its queue is full: somebody listens.
        Ok(()) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::AddrInUse.into()),
        Err(error) => Err(error),
    }
}
