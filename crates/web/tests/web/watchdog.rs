//! A handler that blocks the loop is named.

use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use waterspout::http::server::{HttpServer, ServerConfig};
use waterspout::net::{BindOptions, IoLoop, Listener, StallHistogram, bind_sockets};
use waterspout::{Application, Context, Error, RequestHandler, WebSocket};

use super::support::Client;

const THRESHOLD: Duration = Duration::from_millis(5);

thread_local! {
    /// How long a handler blocks next: longer each time, since the longest stall tells whom it
    /// blames, and a busy machine may hold up something else.
    static BLOCKED_FOR: Cell<Duration> = const { Cell::new(Duration::from_millis(20)) };
}

/// Blocks this thread for several thresholds.
fn block() {
    let start = Instant::now();
    let length = BLOCKED_FOR.get();
    BLOCKED_FOR.set(2 * length);
    while start.elapsed() < length {
        thread::yield_now();
    }
}

async fn careless(_cx: &mut Context) -> &'static str {
    tokio::task::yield_now().await;
    block();
    "done"
}

#[derive(Clone)]
struct Careless;

impl RequestHandler for Careless {
    async fn get(&mut self, cx: &mut Context) -> Result<(), Error> {
        block();
        cx.write("done")
    }
}

async fn careless_socket(socket: &mut WebSocket) -> Result<(), Error> {
    block();
    socket.recv().await?;
    Ok(())
}

/// Whom the watchdog of a server blames for the stall that a request causes.
fn blamed(target: &str, fields: &str) -> &'static str {
    let io_loop = IoLoop::new().unwrap();
    let watchdog = io_loop.watch_stalls(THRESHOLD).unwrap();
    let stalls = watchdog.stalls();
    let app = Application::new(())
        .get("/function", careless)
        .route("/class", Careless)
        .websocket("/socket", careless_socket);
    io_loop.run_sync(async {
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        ask(Client::at(port), target, fields, &stalls).await
    })
}

/// Asks until a stall was counted; a machine that is busy may hide one.
async fn ask(client: Client, target: &str, fields: &str, stalls: &StallHistogram) -> &'static str {
    for _ in 0..8 {
        let mut stream = client.connect().await;
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .unwrap();
        tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap();
        let end = Instant::now() + 20 * THRESHOLD;
        while Instant::now() < end {
            if let Some((_, name)) = stalls.longest()
                && name.contains("areless")
            {
                return name;
            }
            tokio::task::yield_now().await;
        }
    }
    panic!("blamed is {:?}", stalls.longest());
}

#[test]
fn a_function_that_blocks_the_loop_is_named() {
    let name = blamed("/function", "");
    assert!(name.ends_with("watchdog::careless"), "{name}");
}

#[test]
fn a_class_that_blocks_the_loop_is_named() {
    let name = blamed("/class", "");
    assert!(name.ends_with("watchdog::Careless"), "{name}");
}

#[test]
fn a_websocket_that_blocks_the_loop_is_named() {
    let fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let name = blamed("/socket", fields);
    assert!(name.ends_with("watchdog::careless_socket"), "{name}");
}
