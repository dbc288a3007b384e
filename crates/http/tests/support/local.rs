//! A server and its clients on one loop, for services that are closures.

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_http::{Exchange, Service};
use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets};

struct Closure<F>(F);

impl<F: AsyncFn(Exchange) -> Exchange + 'static> Service for Closure<F> {
    async fn call(&self, exchange: Exchange) -> Exchange {
        (self.0)(exchange).await
    }
}

/// Serves a closure on the loop of this thread.
pub(crate) fn serve<F>(config: &ServerConfig, service: F) -> (HttpServer, SocketAddr)
where
    F: AsyncFn(Exchange) -> Exchange + 'static,
{
    listen(Rc::new(Closure(service)), config)
}

pub(crate) fn listen<S: Service>(
    service: Rc<S>,
    config: &ServerConfig,
) -> (HttpServer, SocketAddr) {
    let options = BindOptions::default().address(Ipv4Addr::LOCALHOST.to_string());
    let socket = bind_sockets(0, options).unwrap().remove(0);
    let port = socket.local_addr().unwrap().port().unwrap();
    let server = HttpServer::new(service, config);
    server.serve(Listener::from_bound(socket).unwrap());
    (server, (Ipv4Addr::LOCALHOST, port).into())
}

/// What the server sent until it closed.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) text: String,
    /// The end was a reset.
    pub(crate) reset: bool,
}

/// A client.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) stream: TcpStream,
}

impl Talk {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until the text ends with `end`.
    pub(crate) async fn hear(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(end.as_bytes()) {
            let octet = self.stream.read_u8().await;
            heard.push(octet.unwrap_or_else(|error| panic!("{error}: {heard:?}")));
        }
        String::from_utf8(heard).unwrap()
    }

    /// Reads until the server closes.
    pub(crate) async fn finish(mut self) -> Heard {
        let mut heard = Vec::new();
        let reset = self.stream.read_to_end(&mut heard).await.is_err();
        Heard {
            text: String::from_utf8_lossy(&heard).into_owned(),
            reset,
        }
    }
}

/// Sends the requests in one segment and gives back what came until the server closed.
pub(crate) fn ask_with<F>(requests: &str, config: ServerConfig, service: F) -> Heard
where
    F: AsyncFn(Exchange) -> Exchange + 'static,
{
    IoLoop::new().unwrap().run_sync(async {
        let (_server, address) = serve(&config, service);
        let mut talk = Talk::connect(address).await;
        talk.send(requests).await;
        talk.finish().await
    })
}

/// As [`ask_with`] with the default configuration; only the text.
pub(crate) fn ask<F>(requests: &str, service: F) -> String
where
    F: AsyncFn(Exchange) -> Exchange + 'static,
{
    ask_with(requests, ServerConfig::default(), service).text
}
