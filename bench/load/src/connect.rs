//! Connections from as many loopback addresses as their number needs.

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::options::Options;
use crate::websocket;

/// How long the server may stay silent before the run fails.
pub(crate) const STALL: Duration = Duration::from_secs(30);

/// Connections per source address: fewer than the system's range of local ports.
const PER_ADDRESS: u64 = 10_000;

/// Opens connection number `index`; blocking, with a time limit on reads.
///
/// Every [`PER_ADDRESS`] connections the source moves on to another address of 127.0.0.0/8, so that
/// neither open connections nor those in TIME-WAIT use up the ports.
///
/// # Errors
///
/// When the server does not accept it.
pub(crate) fn blocking(target: SocketAddrV4, index: u64) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    if let Some(address) = source(index / PER_ADDRESS) {
        socket.bind(&SocketAddrV4::new(address, 0).into())?;
    }
    socket.connect(&target.into())?;
    socket.set_tcp_nodelay(true)?;
    socket.set_read_timeout(Some(STALL))?;
    Ok(socket.into())
}

/// Opens connection number `index` and, for WebSockets, its handshake.
///
/// # Errors
///
/// When the server does not accept it.
pub(crate) fn ready(options: &Options, index: u64) -> Result<TcpStream> {
    let mut stream = blocking(options.target, index)?;
    if options.websocket.is_some() {
        websocket::open(&mut stream, options)?;
    }
    Ok(stream)
}

/// The first block takes the address the system chooses. The others are this process's own, since a
/// port in TIME-WAIT cannot be bound again and an earlier client may have left thousands.
fn source(block: u64) -> Option<Ipv4Addr> {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let host = u8::try_from(block % 250).expect("less than 250");
    (host > 0).then(|| Ipv4Addr::new(127, high.max(1), low, host))
}
