//! Several hubs, as several processes have them, joined by Unix sockets.

use std::os::unix::net::UnixListener;
use std::path::Path;

use waterspout::net::IoLoop;
use waterspout::{RoomHub, UnixMesh};

use crate::support::{Peer, until};
use crate::workers::Worker;

/// A process as far as rooms can tell.
struct Process {
    hub: RoomHub,
    mesh: UnixMesh,
    worker: Worker,
}

impl Process {
    async fn start(directory: &Path) -> Self {
        let mesh = UnixMesh::new(directory);
        let hub = RoomHub::new().backplane(mesh.clone());
        let worker = Worker::start(&hub);
        // The first use of its rooms has it join the others.
        let mut peer = Peer::join(worker.port, "/begin").await;
        peer.close().await;
        Self { hub, mesh, worker }
    }
}

#[test]
fn what_is_said_in_one_process_is_heard_in_all() {
    let directory = tempfile::tempdir().unwrap();
    IoLoop::new().unwrap().run_sync(async {
        let mut processes = Vec::new();
        for _ in 0..4 {
            processes.push(Process::start(directory.path()).await);
        }
        for process in &processes {
            until(|| process.mesh.peers() == 3).await;
        }
        let mut peers = Vec::new();
        for process in &processes {
            peers.push(Peer::join(process.worker.port, "/a").await);
        }
        for process in &processes {
            until(|| process.hub.members("a") == 4).await;
        }
        for number in 0..peers.len() {
            let text = format!("from {number}");
            peers[number].say(&text).await;
            for peer in &mut peers {
                peer.expect_text(&text).await;
            }
        }
    });
}

#[test]
fn a_process_that_is_gone_is_not_counted_and_one_that_comes_late_is_told() {
    let directory = tempfile::tempdir().unwrap();
    // What a killed process leaves behind is in nobody's way.
    drop(UnixListener::bind(directory.path().join("0000000000000001.sock")).unwrap());
    IoLoop::new().unwrap().run_sync(async {
        let first = Process::start(directory.path()).await;
        let _peer = Peer::join(first.worker.port, "/a").await;
        let second = Process::start(directory.path()).await;
        let _other = Peer::join(second.worker.port, "/a").await;
        until(|| first.hub.members("a") == 2 && second.hub.members("a") == 2).await;
        drop(second);
        until(|| first.hub.members("a") == 1 && first.mesh.peers() == 0).await;
        first.hub.send("a", "still here").unwrap();
    });
}

#[test]
fn a_directory_that_cannot_be_used_is_an_error_of_every_message() {
    let file = tempfile::NamedTempFile::new().unwrap();
    IoLoop::new().unwrap().run_sync(async {
        let hub = RoomHub::new().backplane(UnixMesh::new(file.path()));
        let rooms = hub.rooms();
        let room = rooms.room("a").unwrap();
        let mut listener = room.listen().unwrap();
        let error = room.send("x").unwrap_err();
        assert!(error.is_backplane());
        assert!(listener.try_recv().is_some(), "members here have it");
    });
}
