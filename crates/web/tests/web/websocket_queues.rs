//! What waits for a slow peer, and what other threads send.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use waterspout::http::Bytes;
use waterspout::{
    Application, CloseCode, RemoteSender, SendError, Sender, SlowConsumer, WebSocket,
    WebSocketConfig,
};

use crate::support::{Client, with_server};
use crate::websockets::Peer;

/// An application whose sockets hand their senders out.
pub(crate) fn handing_out(config: WebSocketConfig) -> (Application, Rc<RefCell<Vec<Sender>>>) {
    let senders: Rc<RefCell<Vec<Sender>>> = Rc::default();
    let given = Rc::clone(&senders);
    let app =
        Application::new(()).websocket_with("/ws", config, async move |ws: &mut WebSocket| {
            given.borrow_mut().push(ws.sender());
            while ws.recv().await?.is_some() {}
            Ok(())
        });
    (app, senders)
}

pub(crate) async fn first(senders: &RefCell<Vec<Sender>>) -> Sender {
    loop {
        if let Some(sender) = senders.borrow().first() {
            return sender.clone();
        }
        tokio::task::yield_now().await;
    }
}

/// Sends until the queue acts, to a peer that reads nothing.
pub(crate) async fn flood(client: Client, senders: &RefCell<Vec<Sender>>) -> (Peer, Sender, usize) {
    let peer = Peer::open(client, "/ws", "").await;
    let sender = first(senders).await;
    let mut sent = 0;
    while sent < 4000 && sender.dropped() == 0 && sender.try_send(vec![7; 8000]).is_ok() {
        sent += 1;
        // The task writes what the system takes.
        tokio::task::yield_now().await;
    }
    (peer, sender, sent)
}

pub(crate) fn queue(policy: SlowConsumer) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_queue_size(100_000)
        .slow_consumer(policy)
}

#[test]
fn a_slow_peer_is_bounded_by_each_policy() {
    for policy in [
        SlowConsumer::Wait,
        SlowConsumer::DropOldest,
        SlowConsumer::Coalesce,
        SlowConsumer::Close,
    ] {
        let (app, senders) = handing_out(queue(policy));
        with_server(app, async |client| {
            let (_peer, sender, sent) = flood(client, &senders).await;
            assert!(sent < 4000, "{policy:?}");
            assert!(
                sender.buffered() < 200_000,
                "{policy:?}: {}",
                sender.buffered()
            );
            assert_eq!(sender.is_closed(), policy == SlowConsumer::Close);
            let drops = matches!(policy, SlowConsumer::DropOldest | SlowConsumer::Coalesce);
            assert_eq!(sender.dropped() > 0, drops, "{policy:?}");
        });
    }
}

#[test]
fn a_send_that_waits_goes_on_when_the_peer_reads() {
    let (app, senders) = handing_out(queue(SlowConsumer::Wait));
    with_server(app, async |client| {
        let (mut peer, sender, sent) = flood(client, &senders).await;
        let waiting = async {
            sender.send("last").await.unwrap();
        };
        let reading = async {
            let mut octets = vec![0; sent * 8004];
            peer.stream.read_exact(&mut octets).await.unwrap();
            peer.expect(b"\x81\x04last").await;
        };
        tokio::join!(waiting, reading);
    });
}

#[test]
fn what_threads_send_to_a_slow_peer_waits_and_is_not_lost() {
    let (app, senders) = handing_out(queue(SlowConsumer::Wait));
    with_server(app, async |client| {
        let (mut peer, sender, sent) = flood(client, &senders).await;
        let remote = sender.remote();
        // Until the loop has fetched nothing for long, and what may wait is there.
        let (mut taken, mut refused) = (0, 0);
        while refused < 1000 {
            match remote.send(vec![7; 8000]) {
                Ok(()) => (taken, refused) = (taken + 1, 0),
                Err(error) => {
                    assert_eq!(error, SendError::Full);
                    refused += 1;
                }
            }
            assert!(taken < 4000, "nothing bounds what threads send");
            tokio::task::yield_now().await;
        }
        assert_eq!(sender.queue_counts().refused, 1);
        let mut octets = vec![0; (sent + taken) * 8004];
        let reading = peer.stream.read_exact(&mut octets);
        let limit = Duration::from_secs(20);
        let read = tokio::time::timeout(limit, reading).await;
        read.expect("messages are missing").unwrap();
        remote.send("last").unwrap();
        peer.expect(b"\x81\x04last").await;
    });
}

/// Octets that have the next of their kind sent when they are dropped: a thread that is as fast as the loop.
struct Again {
    octets: &'static [u8],
    remote: RemoteSender,
    sent: Arc<AtomicUsize>,
    /// It is being sent, or was refused.
    over: Arc<AtomicBool>,
}

/// So many are sent at the most, so that a failure is no hang.
const WITHOUT_END: usize = 10_000;

impl Again {
    fn send(octets: &'static [u8], remote: &RemoteSender, sent: &Arc<AtomicUsize>) {
        let (remote, sent, over) = (remote.clone(), Arc::clone(sent), Arc::default());
        drop(Self {
            octets,
            remote,
            sent,
            over,
        });
    }
}

impl AsRef<[u8]> for Again {
    fn as_ref(&self) -> &[u8] {
        self.octets
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        let goes_on = self.sent.fetch_add(1, Ordering::Relaxed) < WITHOUT_END;
        if goes_on && !self.over.swap(true, Ordering::Relaxed) {
            let next = Self {
                octets: self.octets,
                remote: self.remote.clone(),
                sent: Arc::clone(&self.sent),
                over: Arc::clone(&self.over),
            };
            let sent = self.remote.send(Bytes::from_owner(next));
            self.over.store(sent.is_err(), Ordering::Relaxed);
        }
    }
}

#[test]
fn threads_that_send_without_end_let_others_on_the_loop_run() {
    let (app, senders) = handing_out(queue(SlowConsumer::DropOldest));
    with_server(app, async |client| {
        let (_peer, sender, _) = flood(client, &senders).await;
        let (remote, sent) = (sender.remote(), Arc::default());
        // Each takes the place of the one before, which is dropped.
        for _ in 0..2 {
            Again::send(&[7; 90_000], &remote, &sent);
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let sent = sent.load(Ordering::Relaxed);
        assert!((10..WITHOUT_END).contains(&sent), "{sent}");
    });
}

#[test]
fn threads_that_send_without_end_do_not_keep_a_socket_from_its_close() {
    let (app, senders) = handing_out(WebSocketConfig::default());
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        let sender = first(&senders).await;
        let (remote, sent) = (sender.remote(), Arc::default());
        Again::send(b"more", &remote, &sent);
        sender.close(CloseCode::NORMAL, "");
        peer.expect(b"\x82\x04more\x88\x02\x03\xe8").await;
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < 10, "{sent}");
    });
}
