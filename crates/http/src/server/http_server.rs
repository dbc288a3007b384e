//! The server of one loop.

use std::any::type_name;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::AbortHandle;
use waterspout_net::{Aging, Handshakes, IoStream, Listener, LoopState, PeerAddr, spawn_named};

use super::config::ServerConfig;
use super::conn::Conn;
use super::connection::{Connection, drivers};
use super::drain::Drained;
use super::handshake::{Counted, shake};
use super::shared::{Shared, Stage};
use crate::Service;

/// Serves HTTP on the loop that runs on this thread.
///
/// Cloning gives another handle of the same server.
#[derive(Clone)]
pub struct HttpServer {
    shared: Rc<Shared>,
    connect: Connect,
    accepting: Rc<RefCell<Vec<AbortHandle>>>,
}

/// Serves a connection in a task of its own.
pub(super) type Connect = Rc<dyn Fn(IoStream, PeerAddr)>;

impl HttpServer {
    /// Makes a server that has `service` answer its requests.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    #[must_use]
    pub fn new<S: Service>(service: Rc<S>, config: &ServerConfig) -> Self {
        let shared = Rc::new(Shared::new(config));
        let drivers = Rc::new(drivers(service));
        age_regularly(&shared.loop_state, &shared);
        age_regularly(&shared.loop_state, &drivers);
        let server = Rc::clone(&shared);
        let connect = move |stream, peer: PeerAddr| {
            let conn = Conn::new(stream, peer.tcp(), Rc::clone(&server));
            spawn_named(type_name::<S>(), Connection::new(conn, Rc::clone(&drivers)));
        };
        Self {
            shared,
            connect: Rc::new(connect),
            accepting: Rc::default(),
        }
    }

    /// Accepts connections from `listener` until the server is drained. It pauses while
    /// `max_connections` are open.
    pub fn serve(&self, mut listener: Listener) {
        let (shared, connect) = (Rc::clone(&self.shared), Rc::clone(&self.connect));
        let task = spawn_named("accepting HTTP connections", async move {
            loop {
                poll_fn(|cx| shared.poll_room(cx)).await;
                let (stream, peer) = listener.accept().await;
                connect(stream, peer);
            }
        });
        self.accepting.borrow_mut().push(task.abort_handle());
    }

    /// Accepts connections from `listener` as [`serve`](Self::serve) does, and has each go through
    /// `handshakes` first, such as that of TLS. They may take `handshake_timeout`, and connections
    /// in them count as open.
    pub fn serve_after(&self, mut listener: Listener, handshakes: &Handshakes) {
        if handshakes.is_empty() {
            return self.serve(listener);
        }
        let mut accepting = self.accepting.borrow_mut();
        for watcher in handshakes.watchers() {
            accepting.push(spawn_named("a watcher of certificates", watcher).abort_handle());
        }
        let (shared, connect) = (Rc::clone(&self.shared), Rc::clone(&self.connect));
        let handshakes = Rc::new(handshakes.clone());
        let task = spawn_named("accepting HTTP connections", async move {
            loop {
                poll_fn(|cx| shared.poll_room(cx)).await;
                let (stream, peer) = listener.accept().await;
                let (connect, handshakes) = (Rc::clone(&connect), Rc::clone(&handshakes));
                let complete = async move { handshakes.complete(stream, peer).await };
                let shaking = shake(Counted::new(Rc::clone(&shared)), complete, peer, connect);
                spawn_named("a handshake before HTTP", shaking);
            }
        });
        accepting.push(task.abort_handle());
    }

    /// Serves one connection that was accepted elsewhere.
    pub fn connection(&self, stream: IoStream, peer: PeerAddr) {
        (self.connect)(stream, peer);
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.live()
    }

    /// Stops accepting, closes idle connections, lets the others finish their requests with
    /// `Connection: close`, and cuts off what is still busy after `deadline`.
    ///
    /// Before that it looks once more at its sockets, unless `deadline` is zero: who has connected is accepted, and a
    /// request that has come is answered.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the server stays in the stage it has come to; call it again to wait on.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        if !deadline.is_zero() && self.shared.stage() == Stage::Serving {
            look_round().await;
        }
        self.accepting.take().iter().for_each(AbortHandle::abort);
        self.shared.enter(Stage::Draining);
        let empty = || poll_fn(|cx| self.shared.poll_empty(cx));
        if tokio::time::timeout(deadline, empty()).await.is_ok() {
            return Drained { aborted: 0 };
        }
        let aborted = self.shared.live();
        self.shared.enter(Stage::Aborting);
        empty().await;
        Drained { aborted }
    }
}

/// Turns of the loop from a connection in the backlog to its request: the socket is seen, it is accepted, the
/// connection's own socket is seen, it is read. Twice that, for a backlog that takes more than one turn.
const TURNS: usize = 8;

/// Has the loop look at its sockets, and all tasks work on what it has seen.
async fn look_round() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

fn age_regularly<T: Aging + 'static>(loop_state: &LoopState, keeper: &Rc<T>) {
    let keeper: Rc<dyn Aging> = Rc::clone(keeper) as _;
    loop_state.age_regularly(Rc::downgrade(&keeper));
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("connections", &self.connections())
            .field("stage", &self.shared.stage())
            .finish_non_exhaustive()
    }
}
