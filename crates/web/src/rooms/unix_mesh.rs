//! The processes of one machine, joined by Unix sockets.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use waterspout_net::{IoStream, Listener, SharedStream, StreamError, bind_unix_socket};

use super::backplane::{Backplane, Inbox};
use super::packet::Packet;
use crate::server::{First, first};

/// Joins the processes of one machine that name the same directory: each has a socket there, and a
/// connection to each other. There is no broker, and a process that dies is missed by nobody else.
///
/// The directory is made if it is not there, for this user alone. Who may write to it may send to all
/// rooms.
///
/// # Examples
///
/// ```no_run
/// use waterspout::{Application, HttpServer, Result, RoomHub, UnixMesh};
///
/// fn main() -> Result {
///     let hub = RoomHub::new().backplane(UnixMesh::new("/run/chat"));
///     HttpServer::new(move || Application::new(hub.rooms()))
///         .processes(0) // one per core, and they share their rooms
///         .listen(8888)?
///         .run()
/// }
/// ```
#[derive(Clone)]
pub struct UnixMesh(Arc<Mesh>);

struct Mesh {
    directory: PathBuf,
    links: Mutex<HashMap<u64, Arc<Link>>>,
    /// Why it does not run, if it was to.
    broken: Mutex<Option<String>>,
}

/// What waits for one other process.
#[derive(Default)]
struct Link {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    packets: Vec<Bytes>,
    octets: usize,
}

/// Octets that may wait for a process that does not read.
const MAX_WAITING: usize = 64 * 1024 * 1024;

/// Octets of a packet that is read: a message of the largest size in use, and its head.
const MAX_PACKET: usize = 64 * 1024 * 1024;

impl UnixMesh {
    /// Makes a mesh of the processes that name this directory. Nothing is opened before the hub is
    /// used.
    #[must_use]
    pub fn new(directory: impl AsRef<Path>) -> Self {
        Self(Arc::new(Mesh {
            directory: directory.as_ref().to_owned(),
            links: Mutex::default(),
            broken: Mutex::default(),
        }))
    }

    /// Returns the number of processes that this one is connected to.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.0.links().len()
    }
}

impl Backplane for UnixMesh {
    fn start(&self, inbox: Inbox) {
        let mesh = Arc::clone(&self.0);
        match mesh.bind(inbox.node()) {
            Ok((listener, socket)) => {
                tokio::task::spawn_local(run(mesh, inbox, listener, socket));
            }
            Err(error) => {
                let text = format!("cannot join {}: {error}", mesh.directory.display());
                tracing::error!(target: "waterspout::application", "{text}");
                *lock(&mesh.broken) = Some(text);
            }
        }
    }

    fn publish(&self, packet: Packet) -> io::Result<()> {
        if let Some(text) = &*lock(&self.0.broken) {
            return Err(io::Error::new(io::ErrorKind::NotConnected, text.clone()));
        }
        let links: Vec<_> = self.0.links().values().cloned().collect();
        let refused = links.iter().filter(|link| !link.push(packet.octets()));
        match refused.count() {
            0 => Ok(()),
            count => {
                let text = format!("{count} processes have {MAX_WAITING} octets to read already");
                Err(io::Error::new(io::ErrorKind::WouldBlock, text))
            }
        }
    }
}

impl Mesh {
    fn bind(&self, node: u64) -> io::Result<(Listener, OwnSocket)> {
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)?;
        let path = self.directory.join(format!("{node:016x}.sock"));
        let socket = bind_unix_socket(&path, 0o600, 1024)?;
        Ok((Listener::from_bound(socket)?, OwnSocket(path)))
    }

    /// The other processes that have a socket in the directory.
    fn others(&self, own: u64) -> io::Result<Vec<u64>> {
        let mut nodes = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".sock"));
            let node = name.and_then(|name| u64::from_str_radix(name, 16).ok());
            nodes.extend(node.filter(|node| *node != own));
        }
        Ok(nodes)
    }

    fn links(&self) -> MutexGuard<'_, HashMap<u64, Arc<Link>>> {
        lock(&self.links)
    }
}

/// The socket of this process, removed with it.
struct OwnSocket(PathBuf);

impl Drop for OwnSocket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::debug!("{} is left behind: {error}", self.0.display());
        }
    }
}

/// Of two processes the one with the higher number connects; the other knocks, and is called back.
/// So there is one connection between them, whoever came first.
async fn run(mesh: Arc<Mesh>, inbox: Inbox, mut listener: Listener, socket: OwnSocket) {
    let own = inbox.node();
    let others = mesh.others(own).unwrap_or_else(|error| {
        tracing::error!(target: "waterspout::application", "cannot see other processes: {error}");
        Vec::new()
    });
    for node in others {
        tokio::task::spawn_local(call(Arc::clone(&mesh), inbox.clone(), node));
    }
    loop {
        let (stream, _) = listener.accept().await;
        tokio::task::spawn_local(answer(Arc::clone(&mesh), inbox.clone(), stream));
        if inbox.is_closed() {
            return drop(socket);
        }
    }
}

/// Connects to another process: for good if this one has the higher number.
async fn call(mesh: Arc<Mesh>, inbox: Inbox, node: u64) {
    let own = inbox.node();
    let path = mesh.directory.join(format!("{node:016x}.sock"));
    match IoStream::connect_unix(&path).await {
        Ok(mut stream) => {
            if stream.write(&own.to_be_bytes()).await.is_ok() && own > node {
                link(mesh, inbox, node, stream).await;
            }
        }
        Err(error) => {
            let error = io::Error::from(error);
            tracing::debug!("{}: {error}", path.display());
            // A process that was killed leaves its socket behind. Any other failure is ours.
            if error.kind() == io::ErrorKind::ConnectionRefused {
                _ = fs::remove_file(path);
            }
        }
    }
}

async fn answer(mesh: Arc<Mesh>, inbox: Inbox, mut stream: IoStream) {
    let Ok(node) = read_number(&mut stream).await else {
        return;
    };
    if node > inbox.node() {
        link(mesh, inbox, node, stream).await;
    } else if !mesh.links().contains_key(&node) {
        drop(stream);
        call(mesh, inbox, node).await;
    }
}

async fn read_number(stream: &mut IoStream) -> Result<u64, StreamError> {
    let mut octets = [0; 8];
    stream.read_into(&mut octets).await?;
    Ok(u64::from_be_bytes(octets))
}

/// Carries packets both ways until the connection ends.
async fn link(mesh: Arc<Mesh>, inbox: Inbox, node: u64, stream: IoStream) {
    let link = Arc::new(Link::default());
    if mesh.links().insert(node, Arc::clone(&link)).is_some() {
        tracing::debug!("process {node:x} has connected again");
    }
    inbox.peer_came();
    let stream = Rc::new(SharedStream::new(stream));
    let ended = first(write_packets(&stream, &link), read_packets(&stream, &inbox)).await;
    let (First::A(error) | First::B(error)) = ended;
    tracing::debug!("process {node:x} is gone: {error}");
    let mut links = mesh.links();
    if links
        .get(&node)
        .is_some_and(|known| Arc::ptr_eq(known, &link))
    {
        links.remove(&node);
        drop(links);
        inbox.peer_gone(node);
    }
}

async fn write_packets(stream: &SharedStream, link: &Link) -> String {
    loop {
        link.news.notified().await;
        let mut octets = Vec::new();
        for packet in link.take() {
            // Longer ones are not made: see `push`.
            let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
            octets.extend_from_slice(&length.to_be_bytes());
            octets.extend_from_slice(&packet);
        }
        if let Err(error) = stream.write(&octets).await {
            return error.to_string();
        }
    }
}

async fn read_packets(stream: &SharedStream, inbox: &Inbox) -> String {
    loop {
        let mut length = [0; 4];
        if let Err(error) = stream.read_into(&mut length).await {
            return error.to_string();
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_PACKET {
            return format!("a packet of {length} octets");
        }
        let packet = match stream.read_bytes(length).await {
            Ok(packet) => packet,
            Err(error) => return error.to_string(),
        };
        if let Err(error) = inbox.receive(&packet) {
            return error.to_string();
        }
    }
}

impl Link {
    /// Adds a packet; false if there is no room.
    fn push(&self, packet: &Bytes) -> bool {
        let mut waiting = lock(&self.waiting);
        let octets = waiting.octets + packet.len();
        if octets > MAX_WAITING {
            return false;
        }
        waiting.octets = octets;
        waiting.packets.push(packet.clone());
        drop(waiting);
        self.news.notify_one();
        true
    }

    fn take(&self) -> Vec<Bytes> {
        let mut waiting = lock(&self.waiting);
        waiting.octets = 0;
        std::mem::take(&mut waiting.packets)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for UnixMesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixMesh")
            .field("directory", &self.0.directory)
            .field("peers", &self.peers())
            .finish_non_exhaustive()
    }
}
