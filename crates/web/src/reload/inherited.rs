//! Sockets that were open when the program began: the protocol of systemd.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use listenfd::ListenFd;
use waterspout_net::{BoundAddr, BoundSocket};

/// The variables of the protocol, and the first descriptor.
pub(super) const COUNT: &str = "LISTEN_FDS";
pub(super) const OWNER: &str = "LISTEN_PID";
pub(super) const FIRST: i32 = 3;
/// Says that the sockets come from the same program, before it was restarted.
pub(super) const MARK: &str = "WATERSPOUT_RESTARTED";

/// What nobody has taken yet.
static SOCKETS: LazyLock<Mutex<Vec<BoundSocket>>> = LazyLock::new(|| Mutex::new(find()));

/// Takes the listening sockets that a service manager opened for this process, in its order: what
/// systemd calls socket activation, by the variables `LISTEN_FDS` and `LISTEN_PID`.
///
/// They are for [`HttpServer::add_sockets`](crate::HttpServer::add_sockets). The list is empty without a
/// service manager, and at the second call.
///
/// # Examples
///
/// ```no_run
/// use waterspout::{Application, HttpServer, Result, inherited_sockets};
///
/// fn main() -> Result<()> {
///     let server = HttpServer::new(|| Application::new(()));
///     let sockets = inherited_sockets();
///     if sockets.is_empty() {
///         server.listen(8888)?.run()
///     } else {
///         server.add_sockets(sockets).run()
///     }
/// }
/// ```
#[must_use]
pub fn inherited_sockets() -> Vec<BoundSocket> {
    std::mem::take(&mut *SOCKETS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Takes the sockets of the program before its restart that are bound to one of the addresses. Port 0
/// is any port.
pub(crate) fn take_matching(wanted: &Wanted<'_>) -> Vec<BoundSocket> {
    if env::var_os(MARK).is_none() {
        return Vec::new();
    }
    let mut sockets = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    let matching =
        |socket: &mut BoundSocket| socket.local_addr().is_ok_and(|bound| wanted.is(&bound));
    sockets.extract_if(.., matching).collect()
}

/// Closes what the program listened on before its restart and does not listen on any more: clients would
/// wait there for ever.
pub(crate) fn close_unmatched() {
    if env::var_os(MARK).is_some() {
        drop(inherited_sockets());
    }
}

/// What a server is about to bind.
#[derive(Debug)]
pub(crate) enum Wanted<'w> {
    Tcp(&'w [SocketAddr]),
    Unix(&'w Path),
}

impl Wanted<'_> {
    fn is(&self, bound: &BoundAddr) -> bool {
        match (self, bound) {
            (Self::Tcp(wanted), BoundAddr::Tcp(bound)) => wanted.iter().any(|wanted| {
                wanted.ip() == bound.ip() && (wanted.port() == 0 || wanted.port() == bound.port())
            }),
            (Self::Unix(wanted), BoundAddr::Unix(bound)) => *wanted == bound.as_path(),
            _ => false,
        }
    }
}

fn find() -> Vec<BoundSocket> {
    let mut found = ListenFd::from_env();
    let mut sockets = Vec::with_capacity(found.len());
    for index in 0..found.len() {
        if let Ok(Some(socket)) = found.take_tcp_listener(index) {
            sockets.push(BoundSocket::Tcp(socket));
        } else if let Ok(Some(socket)) = found.take_unix_listener(index) {
            sockets.push(BoundSocket::Unix(socket));
        } else {
            tracing::warn!(
                target: "waterspout::general",
                "descriptor {} that was handed over is no listening socket", FIRST as usize + index
            );
        }
    }
    sockets
}
