//! Single calls on sockets of the standard library, as asyncio's `loop.sock_*`.
//!
//! For code that has a plain socket and wants one operation on it. Each call tries at once; only if
//! it would block is the socket watched, and for that call only. For a conversation an
//! [`IoStream`](crate::IoStream) is quicker.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};

use bytes::Bytes;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use socket2::{Domain, SockRef, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The largest datagram there can be.
const LARGEST: usize = 64 * 1024;

/// Accepts a connection, which is made non-blocking.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`] if `listener` is blocking, else the error of the system.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: no connection is lost.
///
/// # Examples
///
/// ```
/// use std::net::TcpListener;
/// use waterspout_net::{IoLoop, sock_accept, sock_connect, sock_recv, sock_sendall};
///
/// IoLoop::new()?.run_sync(async {
///     let listener = TcpListener::bind("127.0.0.1:0")?;
///     listener.set_nonblocking(true)?;
///     let client = sock_connect(listener.local_addr()?).await?;
///     let (server, _address) = sock_accept(&listener).await?;
///     sock_sendall(&client, b"hello").await?;
///     assert_eq!(sock_recv(&server, 100).await?, "hello");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn sock_accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, address) = when(listener, Interest::READABLE, || listener.accept()).await?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

/// Makes a non-blocking TCP socket that is connected to `address`.
///
/// # Errors
///
/// The error of the system, such as a refused connection.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: the attempt ends.
pub async fn sock_connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32) => {
            writable(&socket).await?;
            if let Some(error) = socket.take_error()? {
                return Err(error);
            }
        }
        Err(error) => return Err(error),
    }
    Ok(socket.into())
}

/// Receives at least one and at most `max` octets, or nothing at the end of the stream.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`] if `socket` is blocking, else the error of the system.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: nothing is lost.
pub async fn sock_recv(socket: &impl AsFd, max: usize) -> io::Result<Bytes> {
    let mut buffer = vec![0; max];
    let count = sock_recv_into(socket, &mut buffer).await?;
    buffer.truncate(count);
    Ok(buffer.into())
}

/// Receives into `buffer` and returns how many octets came; 0 at the end of the stream.
///
/// # Errors
///
/// As [`sock_recv`].
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: nothing is lost.
pub async fn sock_recv_into(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<usize> {
    when(socket, Interest::READABLE, || {
        (&*SockRef::from(socket)).read(buffer)
    })
    .await
}

/// Sends all of `bytes`.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`] if `socket` is blocking, else the error of the system; how much of
/// `bytes` was sent before is unknown then.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Not cancel safe: a part may have been sent.
pub async fn sock_sendall(socket: &impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let send = || (&*SockRef::from(socket)).write(bytes);
        let count = when(socket, Interest::WRITABLE, send).await?;
        bytes = &bytes[count..];
    }
    Ok(())
}

/// Receives a datagram, and who sent it.
///
/// # Errors
///
/// As [`sock_recv`].
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: no datagram is lost.
pub async fn sock_recv_from(socket: &UdpSocket) -> io::Result<(Bytes, SocketAddr)> {
    let mut buffer = vec![0; LARGEST];
    let receive = || socket.recv_from(&mut buffer);
    let (count, from) = when(socket, Interest::READABLE, receive).await?;
    Ok((Bytes::copy_from_slice(&buffer[..count]), from))
}

/// Sends a datagram to `remote` and returns its length.
///
/// # Errors
///
/// As [`sock_recv`].
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Cancel safety
///
/// Cancel safe: dropped, nothing was sent.
pub async fn sock_send_to(
    socket: &UdpSocket,
    datagram: &[u8],
    remote: SocketAddr,
) -> io::Result<usize> {
    let send = || socket.send_to(datagram, remote);
    when(socket, Interest::WRITABLE, send).await
}

/// Tries an operation, and again whenever the socket is ready for it.
async fn when<T>(
    socket: &impl AsFd,
    interest: Interest,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    refuse_blocking(socket)?;
    // A task whose peer never lets it wait yields to the others.
    tokio::task::coop::consume_budget().await;
    match attempt() {
        Err(error) if is_not_yet(&error) => {}
        done => return done,
    }
    let watch = watch(socket, interest)?;
    loop {
        let mut ready = watch.ready(interest).await?;
        match ready.try_io(|_watch| attempt()) {
            Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
            Ok(done) => return done,
            Err(_would_block) => {}
        }
    }
}

async fn writable(socket: &impl AsFd) -> io::Result<()> {
    watch(socket, Interest::WRITABLE)?
        .writable()
        .await
        .map(drop)
}

/// Watches a duplicate: the loop watches a descriptor once only, and a read and a write of the same
/// socket may wait side by side.
#[expect(
    deprecated,
    reason = "an OwnedFd stays open as long as the watch does, which the newer name, being unsafe, \
              would have us promise"
)]
fn watch(socket: &impl AsFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(socket.as_fd().try_clone_to_owned()?, interest)
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn refuse_blocking(socket: &impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(socket.as_fd(), FcntlArg::F_GETFL)?);
    if flags.contains(OFlag::O_NONBLOCK) {
        return Ok(());
    }
    Err(io::Error::new(
        ErrorKind::InvalidInput,
        "the socket would block the loop: call set_nonblocking(true) on it first",
    ))
}
