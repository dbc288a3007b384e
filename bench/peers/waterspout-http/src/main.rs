//! The HTTP crate of Waterspout by itself: what the framework above it adds is the difference.

use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_http::{Exchange, Service, StatusCode};
use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets, shutdown_signal};

const TEXT: &str = "text/plain; charset=utf-8";

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

struct Routes;

impl Service for Routes {
    async fn call(&self, mut exchange: Exchange) -> Exchange {
        if exchange.rejection().is_none() {
            route(&mut exchange);
        }
        exchange
    }
}

fn route(exchange: &mut Exchange) {
    match exchange.request().path() {
        "/plaintext" => {
            exchange.response_mut().set_content_type(TEXT);
            exchange.set_static_body(b"Hello, World!");
        }
        "/json" => {
            let message = Message {
                message: "Hello, World!",
            };
            let body = serde_json::to_vec(&message).expect("a string serialises");
            exchange.response_mut().set_content_type("application/json");
            exchange.set_body(body.into());
        }
        path => match path.strip_prefix("/user/").map(str::to_owned) {
            Some(id) => {
                exchange.response_mut().set_content_type(TEXT);
                exchange.set_body(id.into());
            }
            None => exchange.response_mut().set_status(StatusCode::NOT_FOUND),
        },
    }
}

fn main() -> std::io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    IoLoop::new()?.run_sync(async {
        let server = HttpServer::new(Rc::new(Routes), &ServerConfig::default());
        for socket in bind_sockets(flags.port, BindOptions::default().address("127.0.0.1"))? {
            let port = socket
                .local_addr()?
                .port()
                .expect("a TCP socket has a port");
            server.serve(Listener::from_bound(socket)?);
            peer_contract::announce((std::net::Ipv4Addr::LOCALHOST, port).into());
        }
        shutdown_signal().await?;
        server.drain(Duration::from_secs(5)).await;
        Ok(())
    })
}
