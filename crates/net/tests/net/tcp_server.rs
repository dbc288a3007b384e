//! `TcpServer` in one process.

use std::cell::{OnceCell, RefCell};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::thread::{self, JoinHandle};

use crate::support::{logged, loopback, run};
use waterspout_net::{
    BindOptions, IoLoop, IoStream, PeerAddr, StreamError, TcpServer, bind_unix_socket,
};

async fn echo(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        let line = stream.read_until(b"\n", 1000).await?;
        stream.write(&line).await?;
    }
}

/// Sends a line on another thread and returns the line that comes back.
fn ask(port: u16, line: &'static str) -> JoinHandle<io::Result<String>> {
    thread::spawn(move || {
        let mut client = TcpStream::connect(("127.0.0.1", port))?;
        client.write_all(line.as_bytes())?;
        let mut answer = vec![0; line.len()];
        client.read_exact(&mut answer)?;
        Ok(String::from_utf8(answer).unwrap())
    })
}

/// Waits for another thread without blocking the loop.
async fn join<T: Send + 'static>(thread: JoinHandle<T>) -> T {
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap()
}

fn port_of<H>(server: &TcpServer<H>) -> u16 {
    server.local_addrs()[0].port().unwrap()
}

fn local<H, R>(handler: H) -> TcpServer<H>
where
    H: AsyncFn(IoStream, PeerAddr) -> R + 'static,
    R: waterspout_net::Outcome + 'static,
{
    TcpServer::new(handler).bind_options(BindOptions::default().address("127.0.0.1"))
}

#[test]
fn listen_serves_on_the_running_loop() {
    run(async {
        let server = local(echo);
        server.listen(0).unwrap();
        let clients: Vec<_> = (0..10).map(|_| ask(port_of(&server), "hello\n")).collect();
        for client in clients {
            assert_eq!(join(client).await.unwrap(), "hello\n");
        }
    });
}

#[test]
fn bind_and_start_with_one_process_give_the_loop_to_run() {
    let server = local(async |mut stream: IoStream, _peer| {
        stream.write(b"bye\n").await?;
        IoLoop::current().stop();
        Ok::<(), StreamError>(())
    });
    server.bind(0).unwrap();
    let io_loop = server.start(1).unwrap().unwrap();
    let client = ask(port_of(&server), "bye\n");
    io_loop.start();
    assert_eq!(client.join().unwrap().unwrap(), "bye\n");
}

#[test]
fn sockets_of_all_kinds_can_be_added() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.sock");
    let unix = bind_unix_socket(&path, 0o600, 16).unwrap();
    run(async {
        let server = TcpServer::new(echo);
        server.add_sockets([loopback(), unix]).unwrap();
        assert_eq!(join(ask(port_of(&server), "tcp\n")).await.unwrap(), "tcp\n");
        let socket = tokio::net::UnixStream::connect(&path).await.unwrap();
        let mut client = IoStream::from_unix(socket);
        client.write(b"unix\n").await.unwrap();
        assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "unix\n");
    });
}

#[test]
fn the_handler_may_share_local_state() {
    run(async {
        let peers: Rc<RefCell<Vec<PeerAddr>>> = Rc::default();
        let seen = Rc::clone(&peers);
        let server = local(async move |stream, peer| {
            seen.borrow_mut().push(peer);
            echo(stream, peer).await
        });
        server.listen(0).unwrap();
        for _ in 0..3 {
            join(ask(port_of(&server), "x\n")).await.unwrap();
        }
        assert_eq!(peers.borrow().len(), 3);
    });
}

#[test]
fn a_handler_that_fails_or_panics_is_logged_and_the_server_lives() {
    let log = logged(|| {
        run(async {
            let server = local(async |mut stream: IoStream, _peer| {
                match &*stream.read_until(b"\n", 100).await.unwrap() {
                    b"fail\n" => Err("asked to fail"),
                    b"panic\n" => panic!("asked to panic"),
                    line => {
                        stream.write(line).await.unwrap();
                        Ok(())
                    }
                }
            });
            server.listen(0).unwrap();
            assert!(join(ask(port_of(&server), "fail\n")).await.is_err());
            assert!(join(ask(port_of(&server), "panic\n")).await.is_err());
            assert_eq!(
                join(ask(port_of(&server), "live\n")).await.unwrap(),
                "live\n"
            );
        });
    });
    assert!(
        log.contains("exception in callback: asked to fail"),
        "{log}"
    );
    assert!(log.contains("panic in callback: asked to panic"), "{log}");
}

#[test]
fn stop_closes_the_port_at_once_and_leaves_connections_open() {
    run(async {
        let server = local(echo);
        server.listen(0).unwrap();
        let port = port_of(&server);
        let socket = tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .unwrap();
        let mut client = IoStream::from_tcp(socket);
        client.write(b"one\n").await.unwrap();
        assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "one\n");

        server.stop();
        server.stop();
        let refused = TcpStream::connect(("127.0.0.1", port)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert!(server.local_addrs().is_empty());

        client.write(b"two\n").await.unwrap();
        assert_eq!(client.read_until(b"\n", 100).await.unwrap(), "two\n");
        server.listen(port).unwrap();
        assert_eq!(join(ask(port, "three\n")).await.unwrap(), "three\n");
    });
}

#[test]
fn a_handler_may_stop_its_server_while_many_connect() {
    let log = logged(|| {
        run(async {
            let server: Rc<OnceCell<Box<dyn Fn()>>> = Rc::default();
            let stop = Rc::clone(&server);
            let listening = local(async move |_stream: IoStream, _peer| {
                stop.get().unwrap()();
            });
            listening.listen(0).unwrap();
            let port = port_of(&listening);
            _ = server.set(Box::new(move || listening.stop()));
            let clients: Vec<_> = (0..40).map(|_| ask(port, "x\n")).collect();
            for client in clients {
                _ = join(client).await;
            }
        });
    });
    assert_eq!(log, "");
}
