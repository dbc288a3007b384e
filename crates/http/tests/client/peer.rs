//! A server that does as it is told, connection by connection.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::io;
use std::rc::Rc;

use tokio::net::TcpListener;
use waterspout_net::{IoLoop, IoStream, StreamError};

/// What the peer does next on a connection. At the end of its acts it closes.
#[derive(Clone)]
pub(crate) enum Act {
    /// Reads the head of a request.
    Head,
    /// Reads so many octets.
    Read(usize),
    Send(Vec<u8>),
    /// Sends one octet at a time.
    Drip(Vec<u8>),
    /// Waits for ever.
    Hold,
}

pub(crate) fn send(text: impl AsRef<[u8]>) -> Act {
    Act::Send(text.as_ref().to_vec())
}

/// A running peer.
pub(crate) struct Peer {
    pub(crate) url: String,
    /// What each connection read, in the order in which it came.
    pub(crate) heard: Rc<RefCell<Vec<String>>>,
    pub(crate) accepted: Rc<Cell<usize>>,
}

/// Starts a peer; each connection takes the next list of acts, and there are no more after the last.
pub(crate) async fn peer<const N: usize>(connections: [&[Act]; N]) -> Peer {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let peer = Peer {
        url: format!("http://{}/", listener.local_addr().unwrap()),
        heard: Rc::default(),
        accepted: Rc::default(),
    };
    let scripts: Vec<Vec<Act>> = connections.into_iter().map(<[Act]>::to_vec).collect();
    let (heard, accepted) = (Rc::clone(&peer.heard), Rc::clone(&peer.accepted));
    IoLoop::current().spawn_callback(async move {
        for script in scripts {
            let (socket, _) = listener.accept().await?;
            accepted.set(accepted.get() + 1);
            let heard = Rc::clone(&heard);
            IoLoop::current().spawn_callback(async move {
                // A client that leaves is not the peer's failure.
                _ = act(IoStream::from_tcp(socket), script, &heard).await;
            });
        }
        Ok::<(), io::Error>(())
    });
    peer
}

/// One connection only.
pub(crate) async fn peer_once(acts: &[Act]) -> Peer {
    peer([acts]).await
}

/// One connection that reads a request, sends this and closes.
pub(crate) async fn answers(text: impl AsRef<[u8]>) -> Peer {
    peer_once(&[Act::Head, send(text)]).await
}

async fn act(
    mut stream: IoStream,
    script: Vec<Act>,
    heard: &RefCell<Vec<String>>,
) -> Result<(), StreamError> {
    for act in script {
        match act {
            Act::Head => {
                let head = stream.read_until(b"\r\n\r\n", 65_536).await?;
                heard
                    .borrow_mut()
                    .push(String::from_utf8_lossy(&head).into_owned());
            }
            Act::Read(count) => {
                let body = stream.read_bytes(count).await?;
                heard
                    .borrow_mut()
                    .push(String::from_utf8_lossy(&body).into_owned());
            }
            Act::Send(octets) => stream.write(&octets).await?,
            Act::Drip(octets) => {
                for octet in octets {
                    stream.write(&[octet]).await?;
                    tokio::task::yield_now().await;
                }
            }
            Act::Hold => pending().await,
        }
    }
    Ok(())
}
