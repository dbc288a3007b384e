//! Compiles every code block of the guide as a test, and runs those that end by themselves.
//!
//! The functions are what the hidden lines of these blocks call: a server to talk to, and requests to
//! the applications that a chapter builds.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;

use tokio::net::TcpStream;
use waterspout::http::server::HttpServer;
use waterspout::net::{
    BindOptions, BoundAddr, IoLoop, IoStream, Listener, PeerAddr, StreamError, TcpServer,
    bind_sockets,
};
use waterspout::{Application, Context, ServerConfig};

/// Starts a server on a thread of its own that answers each line `NAME` with `hello NAME`.
///
/// # Panics
///
/// Panics if the server cannot be started.
#[must_use]
pub fn greeter() -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let io_loop = IoLoop::new()?;
        let server = TcpServer::new(greet).bind_options(local());
        io_loop.run_sync(async { server.listen(0) })?;
        _ = sender.send(server.local_addrs().remove(0));
        io_loop.start();
        Ok::<(), io::Error>(())
    });
    let address = receiver.recv().expect("the server listens");
    tcp(&address)
}

async fn greet(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        let name = stream.read_until(b"\n", 1024).await?;
        stream.write(&[b"hello ", &name[..]].concat()).await?;
    }
}

/// Starts a server on a thread of its own that answers each request to its root with method, path and
/// body. Returns its URL.
///
/// # Panics
///
/// Panics if the server cannot be started.
#[must_use]
pub fn site() -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let io_loop = IoLoop::new()?;
        let app = Application::new(()).get("/", show).post("/", show);
        io_loop.run_sync(async {
            let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
            let socket = bind_sockets(0, local())?.remove(0);
            _ = sender.send(socket.local_addr()?);
            server.serve(Listener::from_bound(socket)?);
            std::future::pending::<()>().await;
            Ok::<(), io::Error>(())
        })
    });
    let address = receiver.recv().expect("the server listens");
    format!("http://{}/", tcp(&address))
}

async fn show(cx: &mut Context) -> String {
    let (body, path) = (cx.body(), cx.request().path().to_owned());
    let text = format!("{} {path} {}", cx.method(), String::from_utf8_lossy(&body));
    text.trim_end().to_owned()
}

/// Asks `app` for `target` and returns the whole response.
///
/// # Panics
///
/// Panics if the request cannot be sent or the response is not read to its end.
pub fn get<S: 'static>(app: Application<S>, target: &str) -> String {
    let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    exchange(app, &head)
}

/// Sends `request` to `app` and returns what comes until the connection is closed.
///
/// # Panics
///
/// Panics if the request cannot be sent or the response is not read to its end.
pub fn exchange<S: 'static>(app: Application<S>, request: &str) -> String {
    let answer = IoLoop::new().and_then(|io_loop| io_loop.run_sync(answer(app, request)));
    answer.expect("the application answers")
}

async fn answer<S: 'static>(app: Application<S>, request: &str) -> io::Result<String> {
    let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
    let socket = bind_sockets(0, local())?.remove(0);
    let address = tcp(&socket.local_addr()?);
    server.serve(Listener::from_bound(socket)?);
    let mut client = IoStream::from_tcp(TcpStream::connect(address).await?);
    client.write(request.as_bytes()).await?;
    let response = client.read_until_close().await?;
    String::from_utf8(response.to_vec()).map_err(io::Error::other)
}

fn local() -> BindOptions {
    BindOptions::default().address("127.0.0.1")
}

fn tcp(address: &BoundAddr) -> SocketAddr {
    match address {
        BoundAddr::Tcp(address) => *address,
        other => panic!("{other} is no address of TCP"),
    }
}

/// The chapters, and the pages of the repository that show code.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../SECURITY.md")]
    mod security {}
    #[doc = include_str!("src/introduction.md")]
    mod introduction {}
    #[doc = include_str!("src/blocking.md")]
    mod blocking {}
    #[doc = include_str!("src/io_loop.md")]
    mod io_loop {}
    #[doc = include_str!("src/coroutine_tools.md")]
    mod coroutine_tools {}
    #[doc = include_str!("src/streams.md")]
    mod streams {}
    #[doc = include_str!("src/protocols.md")]
    mod protocols {}
    #[doc = include_str!("src/asyncio.md")]
    mod asyncio {}
    #[doc = include_str!("src/clients.md")]
    mod clients {}
    #[doc = include_str!("src/tls.md")]
    mod tls {}
    #[doc = include_str!("src/http_client.md")]
    mod http_client {}
    #[doc = include_str!("src/application.md")]
    mod application {}
    #[doc = include_str!("src/handlers.md")]
    mod handlers {}
    #[doc = include_str!("src/routing.md")]
    mod routing {}
    #[doc = include_str!("src/requests.md")]
    mod requests {}
    #[doc = include_str!("src/responses.md")]
    mod responses {}
    #[doc = include_str!("src/delivery.md")]
    mod delivery {}
    #[doc = include_str!("src/security.md")]
    mod cookies_and_security {}
    #[doc = include_str!("src/authentication.md")]
    mod authentication {}
    #[doc = include_str!("src/templates.md")]
    mod templates {}
    #[doc = include_str!("src/locales.md")]
    mod locales {}
    #[doc = include_str!("src/escaping.md")]
    mod escaping {}
    #[doc = include_str!("src/errors.md")]
    mod errors {}
    #[doc = include_str!("src/middleware.md")]
    mod middleware {}
    #[doc = include_str!("src/websockets.md")]
    mod websockets {}
    #[doc = include_str!("src/push.md")]
    mod push {}
    #[doc = include_str!("src/running.md")]
    mod running {}
    #[doc = include_str!("src/options.md")]
    mod options {}
    #[doc = include_str!("src/testing.md")]
    mod testing {}
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A chapter that nobody compiles would rot.
    #[test]
    fn every_chapter_with_code_is_compiled() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let included = fs::read_to_string(here.join("lib.rs")).expect("this file is there");
        for entry in fs::read_dir(here.join("src")).expect("there are chapters") {
            let path = entry.expect("a chapter has a name").path();
            let text = fs::read_to_string(&path).expect("a chapter is text");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_included = included.contains(&format!("include_str!(\"src/{name}\")"));
            assert!(
                is_included || !text.contains("```rust"),
                "{name} is not in lib.rs"
            );
        }
    }
}
