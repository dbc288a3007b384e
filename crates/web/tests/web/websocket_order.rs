//! What a WebSocket handler is given, and when: one thing at a time, and no more than it takes.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{self, Poll, Wake, Waker};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use waterspout::{
    Application, CloseCode, CompressionOptions, Context, Message, Result, WebSocket,
    WebSocketConfig, WebSocketHandler,
};

use crate::support::with_server;
use crate::websockets::{Peer, echo, frame};

#[test]
fn nothing_is_read_while_a_handler_is_busy() {
    let gate = Rc::new(Semaphore::new(0));
    let seen = Rc::new(Cell::new(0));
    let (waits, counts) = (Rc::clone(&gate), Rc::clone(&seen));
    let app = Application::new(()).websocket("/ws", async move |ws: &mut WebSocket| {
        while let Some(message) = ws.recv().await? {
            counts.set(counts.get() + message.len());
            waits.acquire().await?.forget();
        }
        Ok(())
    });
    with_server(app, async |client| {
        let peer = Peer::open(client, "/ws", "").await;
        let message = frame(0x82, &[7; 119]);
        let messages = message.repeat(1000);
        let (mut sent, mut refused) = (0, 0);
        // Until the buffers of the system are full, and stay so.
        while refused < 10_000 {
            assert!(sent < 64 << 20, "the server goes on reading");
            match peer.stream.try_write(&messages[sent % message.len()..]) {
                Ok(count) => (sent, refused) = (sent + count, 0),
                Err(_) => refused += 1,
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(seen.get(), 119);
        gate.add_permits(Semaphore::MAX_PERMITS / 2);
        while seen.get() < sent / message.len() * 119 {
            tokio::task::yield_now().await;
        }
    });
}

/// Notes what happens, and waits at its gate in `open` and in `on_message`.
#[derive(Clone)]
struct Slow {
    notes: Rc<RefCell<Vec<String>>>,
    gate: Rc<Semaphore>,
    fails: bool,
}

impl Slow {
    fn new(fails: bool) -> Self {
        Self {
            notes: Rc::default(),
            gate: Rc::new(Semaphore::new(0)),
            fails,
        }
    }

    async fn wait(&self, what: &str) -> Result {
        self.notes.borrow_mut().push(format!("{what} begins"));
        self.gate.acquire().await?.forget();
        self.notes.borrow_mut().push(format!("{what} ends"));
        Ok(())
    }
}

impl WebSocketHandler for Slow {
    async fn open(&mut self, _ws: &mut WebSocket) -> Result {
        self.wait("open").await?;
        if self.fails {
            return Err("failed".parse::<u8>().unwrap_err().into());
        }
        Ok(())
    }

    async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
        self.wait(&message.to_string()).await?;
        ws.send(message).await
    }

    async fn on_close(&mut self, _ws: &mut WebSocket, code: CloseCode, reason: &str) {
        self.notes.borrow_mut().push(format!("{code} {reason}"));
    }
}

#[test]
fn messages_wait_for_open_and_come_one_at_a_time() {
    let slow = Slow::new(false);
    let (notes, gate) = (Rc::clone(&slow.notes), Rc::clone(&slow.gate));
    let app = Application::new(()).websocket_handler("/ws", slow);
    with_server(app, async |client| {
        let early = [
            frame(0x81, b"a"),
            frame(0x81, b"b"),
            frame(0x88, b"\x03\xe8bye"),
        ]
        .concat();
        let mut peer = Peer::open_with(client, "/ws", "", &early).await;
        for wanted in [1, 3, 5] {
            while notes.borrow().len() < wanted {
                tokio::task::yield_now().await;
            }
            assert_eq!(notes.borrow().len(), wanted);
            gate.add_permits(1);
        }
        peer.expect(b"\x81\x01a\x81\x01b\x88\x02\x03\xe8").await;
        assert_eq!(peer.rest().await, b"");
    });
    let wanted = [
        "open begins",
        "open ends",
        "a begins",
        "a ends",
        "b begins",
        "b ends",
        "1000 bye",
    ];
    assert_eq!(*notes.borrow(), wanted);
}

#[test]
fn an_open_that_fails_closes_with_1011_and_sees_no_message() {
    let slow = Slow::new(true);
    let (notes, gate) = (Rc::clone(&slow.notes), Rc::clone(&slow.gate));
    gate.add_permits(9);
    let app = Application::new(()).websocket_handler("/ws", slow);
    with_server(app, async |client| {
        let mut peer = Peer::open_with(client, "/ws", "", &frame(0x81, b"a")).await;
        peer.expect(b"\x88\x02\x03\xf3").await;
        peer.send(0x88, b"\x03\xf3").await;
        assert_eq!(peer.rest().await, b"");
    });
    assert_eq!(*notes.borrow(), ["open begins", "open ends", "1011 "]);
}

/// Holds something for the time of the request.
#[derive(Clone, Default)]
struct Forgetful {
    held: Rc<RefCell<Weak<()>>>,
}

impl WebSocketHandler for Forgetful {
    async fn prepare(&mut self, cx: &mut Context) -> Result {
        let value = Rc::new(());
        *self.held.borrow_mut() = Rc::downgrade(&value);
        cx.set_current_user(Some(value));
        Ok(())
    }

    async fn on_message(&mut self, ws: &mut WebSocket, _message: Message) -> Result {
        let gone = self.held.borrow().strong_count() == 0;
        ws.send(gone.to_string()).await
    }
}

#[test]
fn nothing_of_the_exchange_stays_after_the_upgrade() {
    let app = Application::new(()).websocket_handler("/ws", Forgetful::default());
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        peer.send(0x81, b"?").await;
        peer.expect(b"\x81\x04true").await;
    });
}

#[test]
fn only_what_both_sides_want_is_compressed() {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let deflate =
        WebSocketConfig::default().compression_options(Some(CompressionOptions::default()));
    let app = Application::new(())
        .websocket("/plain", echo)
        .websocket_with("/deflate", deflate, echo);
    with_server(app, async |client| {
        let text = [b'a'; 100];
        for (path, fields, compressed) in [
            ("/plain", "", false),
            ("/plain", offer, false),
            ("/deflate", "", false),
            ("/deflate", offer, true),
        ] {
            let mut peer = Peer::open(client, path, fields).await;
            assert_eq!(peer.head.contains("permessage-deflate"), compressed);
            peer.send(0x81, &text).await;
            if compressed {
                peer.expect(b"\xc1\x06\x4a\x4c\xa4\x3d\x00\x00").await;
            } else {
                peer.expect(&[b"\x81\x64", &text[..]].concat()).await;
            }
        }
    });
}

#[test]
fn requests_that_came_together_are_all_answered_however_long_the_answers_are() {
    // While the answer to one waits to be written, the next are not looked at.
    const ANSWER: usize = 70_000;
    let app = Application::new(()).websocket("/ws", async |ws: &mut WebSocket| {
        while ws.recv().await?.is_some() {
            ws.send(vec![7; ANSWER]).await?;
        }
        Ok(())
    });
    with_server(app, async |client| {
        let mut peer = Peer::open_with(client, "/ws", "", &frame(0x81, b"a").repeat(8)).await;
        let reading = async {
            let mut answers = vec![0; 8 * (10 + ANSWER)];
            peer.stream.read_exact(&mut answers).await.unwrap();
        };
        let limit = Duration::from_secs(20);
        tokio::time::timeout(limit, reading)
            .await
            .expect("an answer is missing");
    });
}

#[test]
fn what_a_thread_sent_before_a_handler_returned_goes_out() {
    let app = Application::new(()).websocket("/ws", async |ws: &mut WebSocket| {
        let remote = ws.sender().remote();
        let work = std::thread::spawn(move || remote.send("result"));
        work.join().unwrap()?;
        Ok(())
    });
    with_server(app, async |client| {
        let mut peer = Peer::open(client, "/ws", "").await;
        peer.expect(b"\x81\x06result\x88\x02\x03\xe8").await;
    });
}

/// Notes that it was called, and wakes the task.
struct Called {
    is: AtomicBool,
    task: Waker,
}

impl Wake for Called {
    fn wake(self: Arc<Self>) {
        self.is.store(true, Ordering::SeqCst);
        self.task.wake_by_ref();
    }
}

/// Polls a future with a waker of its own, and only after that was called: as those do that wait for many.
async fn by_its_own_waker<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut called: Option<Arc<Called>> = None;
    poll_fn(|cx| {
        let due = |known: &Arc<Called>| known.is.swap(false, Ordering::SeqCst);
        if called.as_ref().is_some_and(|known| !due(known)) {
            return Poll::Pending;
        }
        let known = called.get_or_insert_with(|| {
            let task = cx.waker().clone();
            let is = AtomicBool::new(false);
            Arc::new(Called { is, task })
        });
        let waker = Waker::from(Arc::clone(known));
        future.as_mut().poll(&mut task::Context::from_waker(&waker))
    })
    .await
}

#[test]
fn a_recv_with_a_waker_of_its_own_goes_on_when_a_slow_peer_has_read() {
    const ANSWER: usize = 4 << 20;
    let app = Application::new(()).websocket("/ws", async |ws: &mut WebSocket| {
        while by_its_own_waker(ws.recv()).await?.is_some() {
            ws.send(vec![7; ANSWER]).await?;
        }
        Ok(())
    });
    with_server(app, async |client| {
        let mut peer = Peer::open_with(client, "/ws", "", &frame(0x81, b"a").repeat(4)).await;
        // The first answer does not fit the buffers of the system, so the server waits.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let reading = async {
            let mut answers = vec![0; 4 * (10 + ANSWER)];
            peer.stream.read_exact(&mut answers).await.unwrap();
        };
        let limit = Duration::from_secs(20);
        tokio::time::timeout(limit, reading)
            .await
            .expect("an answer is missing");
    });
}
