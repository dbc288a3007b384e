//! `add_accept_handler`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::task::yield_now;
use waterspout_net::{AcceptHandler, IoLoop, IoStream, add_accept_handler};

use crate::support::{logged, loopback, run};

async fn connect(port: u16) -> IoStream {
    IoStream::connect_tcp(([127, 0, 0, 1], port).into())
        .await
        .unwrap()
}

#[test]
fn the_callback_gets_each_connection_and_its_peer() {
    run(async {
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let there = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&there);
        let _handler = add_accept_handler(socket, move |stream, peer| {
            seen.borrow_mut().push((stream, peer));
        })
        .unwrap();
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(connect(port).await);
        }
        while there.borrow().len() < 3 {
            yield_now().await;
        }
        for (mut stream, peer) in there.take() {
            assert!(peer.tcp().unwrap().ip().is_loopback());
            stream.write(b"welcome").await.unwrap();
        }
        for client in &mut clients {
            assert_eq!(client.read_bytes(7).await.unwrap(), "welcome");
        }
    });
}

#[test]
fn a_handler_that_removes_itself_is_not_called_for_those_who_wait() {
    run(async {
        let socket = loopback();
        let port = socket.local_addr().unwrap().port().unwrap();
        let kept = socket.try_clone().unwrap();
        let mut clients = Vec::new();
        for _ in 0..5 {
            clients.push(connect(port).await);
        }
        let calls = Rc::new(Cell::new(0));
        let handler = Rc::new(RefCell::new(None::<AcceptHandler>));
        let (count, itself) = (Rc::clone(&calls), Rc::clone(&handler));
        let added = add_accept_handler(socket, move |_stream, _peer| {
            count.set(count.get() + 1);
            itself.borrow().as_ref().unwrap().remove();
        });
        handler.replace(Some(added.unwrap()));
        assert!(clients[0].read_bytes(1).await.unwrap_err().is_closed());
        // Who waited is still there for another handler.
        let (count, again) = (Rc::new(Cell::new(0)), Rc::clone(&calls));
        let seen = Rc::clone(&count);
        let second = add_accept_handler(kept, move |_, _| seen.set(seen.get() + 1)).unwrap();
        while count.get() < 4 {
            yield_now().await;
        }
        assert_eq!(again.get(), 1);
        second.remove();
        second.remove();
        let gone = IoStream::connect_tcp(([127, 0, 0, 1], port).into()).await;
        assert!(gone.is_err());
    });
}

#[test]
fn a_callback_that_panics_is_logged_and_called_again() {
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    let log = logged(|| {
        run(async {
            let socket = loopback();
            let port = socket.local_addr().unwrap().port().unwrap();
            let seen = Rc::clone(&count);
            let _handler = add_accept_handler(socket, move |_stream, _peer| {
                seen.set(seen.get() + 1);
                assert!(seen.get() > 1, "the first is one too many");
            });
            for _ in 0..2 {
                let mut client = connect(port).await;
                assert!(client.read_bytes(1).await.unwrap_err().is_closed());
            }
            assert!(IoLoop::try_current().is_some());
        });
    });
    assert_eq!(calls.get(), 2);
    assert!(
        log.contains("panic in callback: the first is one too many"),
        "{log}"
    );
}
