//! The echo server that introductions to asyncio show: a task for each client, and a map of the
//! clients that are there. `cargo run --example asyncio_echo -- 8007`, then `nc 127.0.0.1 8007`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io;
use std::rc::Rc;

use tokio::task::{AbortHandle, Id, JoinError, spawn_local};
use waterspout::net::{
    BindOptions, BoundAddr, IoLoop, IoStream, Listener, PeerAddr, StreamError, WatchedSignal,
    bind_sockets,
};

/// Octets that a line may have.
const LONGEST: usize = 64 * 1024;

struct Client {
    peer: PeerAddr,
    task: AbortHandle,
}

/// All clients, by their tasks. One thread, so no lock.
#[derive(Clone, Default)]
struct Clients(Rc<RefCell<HashMap<Id, Client>>>);

impl Clients {
    /// Makes a task for a client, and forgets it when the task is done.
    fn accept(&self, stream: IoStream, peer: PeerAddr) {
        println!("{peer} is here");
        let task = spawn_local(handle_client(stream));
        let (id, abort) = (task.id(), task.abort_handle());
        self.0.borrow_mut().insert(id, Client { peer, task: abort });
        let clients = self.clone();
        IoLoop::current().add_future(task, move |outcome| clients.done(id, outcome));
    }

    fn done(&self, id: Id, outcome: Result<Result<(), StreamError>, JoinError>) {
        let Some(client) = self.0.borrow_mut().remove(&id) else {
            return;
        };
        match outcome {
            Ok(Ok(())) => println!("{} has gone", client.peer),
            Ok(Err(error)) => println!("{}: {error}", client.peer),
            Err(error) => println!("{}: {error}", client.peer),
        }
    }

    /// Ends the task of each client, which closes its connection.
    fn close(&self) {
        for client in self.0.borrow().values() {
            client.task.abort();
        }
    }

    fn count(&self) -> usize {
        self.0.borrow().len()
    }
}

/// Answers each line with `echo: ` and itself; `bye` is the last.
async fn handle_client(mut stream: IoStream) -> Result<(), StreamError> {
    loop {
        let line = match stream.read_until(b"\n", LONGEST).await {
            Err(StreamError::Closed(None)) => return Ok(()),
            read => read?,
        };
        stream.write(&[b"echo: ", &line[..]].concat()).await?;
        if line.trim_ascii() == b"bye" {
            stream.close().await;
            return Ok(());
        }
    }
}

/// Listens on `port`, 0 for any free one, and accepts as long as the loop lives.
fn serve(port: u16, clients: Clients) -> io::Result<BoundAddr> {
    let socket = bind_sockets(port, BindOptions::default().address("127.0.0.1"))?.remove(0);
    let address = socket.local_addr()?;
    let mut listener = Listener::from_bound(socket)?;
    IoLoop::current().spawn_callback(async move {
        loop {
            let (stream, peer) = listener.accept().await;
            clients.accept(stream, peer);
        }
    });
    Ok(address)
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).map_or(Ok(8007), |text| text.parse())?;
    let io_loop = IoLoop::new()?;
    let clients = Clients::default();
    let address = io_loop.run_sync(async { serve(port, clients.clone()) })?;
    println!("listening on {address}");
    io_loop.add_signal_handler(WatchedSignal::INTERRUPT, || IoLoop::current().stop())?;
    io_loop.run_forever();
    println!("{} clients are still there", clients.count());
    clients.close();
    io_loop.close()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connect(address: &BoundAddr) -> IoStream {
        let port = address.port().unwrap();
        let connection = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
        IoStream::from_tcp(connection.unwrap())
    }

    async fn until_there_are(clients: &Clients, count: usize) {
        while clients.count() != count {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn each_client_has_an_echo_and_a_place_in_the_map() {
        IoLoop::new().unwrap().run_until_complete(async {
            let clients = Clients::default();
            let address = serve(0, clients.clone()).unwrap();
            let (mut ann, mut bob) = (connect(&address).await, connect(&address).await);
            ann.write(b"hello\n").await.unwrap();
            assert_eq!(
                ann.read_until(b"\n", LONGEST).await.unwrap(),
                "echo: hello\n"
            );
            until_there_are(&clients, 2).await;
            bob.write(b"bye\n").await.unwrap();
            assert_eq!(bob.read_until_close().await.unwrap(), "echo: bye\n");
            until_there_are(&clients, 1).await;
            drop(ann);
            until_there_are(&clients, 0).await;
        });
    }

    #[test]
    fn closing_ends_every_client() {
        IoLoop::new().unwrap().run_until_complete(async {
            let clients = Clients::default();
            let address = serve(0, clients.clone()).unwrap();
            let mut ann = connect(&address).await;
            until_there_are(&clients, 1).await;
            clients.close();
            assert_eq!(ann.read_until_close().await.unwrap(), "");
            until_there_are(&clients, 0).await;
        });
    }
}
