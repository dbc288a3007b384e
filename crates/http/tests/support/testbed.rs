//! A service with those routes of the testbed that the case files use.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use waterspout_http::server::{BodyError, HttpServer, ServerConfig};
use waterspout_http::{Bytes, Exchange, Method, Service, StatusCode};
use waterspout_net::IoLoop;

use super::local::listen;

/// Answers as the testbed does.
#[derive(Debug)]
pub(crate) struct Testbed;

impl Service for Testbed {
    async fn call(&self, mut exchange: Exchange) -> Exchange {
        if let Some(rejection) = exchange.rejection() {
            let reason = rejection.reason().to_owned();
            exchange.set_body(reason.into());
            return exchange;
        }
        exchange.response_mut().set_content_type("text/plain");
        let path = exchange.request().path().to_owned();
        let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
        let method = exchange.request().method().clone();
        match (first, &method) {
            _ if path == "*" || method == Method::OPTIONS => {}
            ("echo", &Method::POST | &Method::PUT) => echo(&mut exchange).await,
            ("upload", &Method::PUT) => upload(&mut exchange).await,
            (_, &Method::GET | &Method::HEAD) => read(&mut exchange, first, rest).await,
            ("plaintext", _) => fail(&mut exchange, StatusCode::METHOD_NOT_ALLOWED, "not allowed"),
            _ => fail(&mut exchange, StatusCode::NOT_FOUND, "not found"),
        }
        exchange
    }
}

async fn read(exchange: &mut Exchange, first: &str, rest: &str) {
    match (first, rest.parse::<u16>()) {
        ("" | "plaintext", _) if rest.is_empty() => exchange.set_static_body(b"Hello, World!"),
        ("user", _) => exchange.set_body(Bytes::copy_from_slice(rest.as_bytes())),
        ("chunked", _) => chunked(exchange).await,
        ("bytes", _) => bytes(exchange, rest.parse().unwrap_or(0)).await,
        ("slow", _) => {
            let query = exchange.request().query().unwrap_or_default();
            let time = query.trim_start_matches("ms=").parse().unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(time)).await;
            exchange.set_static_body(b"slow");
        }
        ("status", Ok(code)) => {
            exchange
                .response_mut()
                .set_status(StatusCode::from_u16(code).unwrap());
        }
        ("error", _) => fail(exchange, StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        _ => fail(exchange, StatusCode::NOT_FOUND, "not found"),
    }
}

fn fail(exchange: &mut Exchange, status: StatusCode, text: &'static str) {
    exchange.response_mut().set_status(status);
    exchange.set_static_body(text.as_bytes());
}

fn fail_body(exchange: &mut Exchange, error: &BodyError) {
    exchange.response_mut().set_status(error.status());
    exchange.set_body(error.to_string().into());
}

async fn echo(exchange: &mut Exchange) {
    match exchange.read_body().await {
        Ok(body) => exchange.set_body(body),
        Err(error) => fail_body(exchange, &error),
    }
}

async fn upload(exchange: &mut Exchange) {
    exchange.set_max_body_size(u64::MAX);
    let mut count = 0;
    loop {
        match exchange.chunk().await {
            Ok(Some(piece)) => count += piece.len(),
            Ok(None) => return exchange.set_body(format!("{{\"bytes\":{count}}}").into()),
            Err(error) => return fail_body(exchange, &error),
        }
    }
}

async fn chunked(exchange: &mut Exchange) {
    let query = exchange.request().query().unwrap_or_default();
    let count: u32 = query.trim_start_matches("n=").parse().unwrap_or(0);
    for number in 0..count {
        exchange
            .write(format!("chunk {number}\n").as_bytes())
            .unwrap();
        if exchange.flush().await.is_err() {
            return;
        }
    }
}

async fn bytes(exchange: &mut Exchange, count: usize) {
    let length = count.to_string();
    exchange
        .response_mut()
        .headers_mut()
        .insert("Content-Length", length)
        .unwrap();
    let block = [b'x'; 16 * 1024];
    let mut left = count;
    while left > 0 && *exchange.request().method() != Method::HEAD {
        let piece = left.min(block.len());
        left -= piece;
        if exchange.write(&block[..piece]).is_err() || exchange.flush().await.is_err() {
            return;
        }
    }
}

/// Starts the testbed on a thread of its own, for as long as the process lives.
pub(crate) fn start(config: ServerConfig) -> SocketAddr {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        IoLoop::new().unwrap().run_sync(async {
            let (_server, address) = serve(&config);
            send.send(address).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().unwrap()
}

/// Serves the testbed on the loop of this thread.
pub(crate) fn serve(config: &ServerConfig) -> (HttpServer, SocketAddr) {
    listen(Rc::new(Testbed), config)
}
