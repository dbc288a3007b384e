//! hyper alone, one connection a task, on tokio's current-thread runtime.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NAME: HeaderValue = HeaderValue::from_static("hyper");

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

fn reply(content_type: HeaderValue, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(SERVER, NAME);
    response
}

fn route(path: &str) -> Response<Full<Bytes>> {
    match path {
        "/plaintext" => reply(TEXT, Bytes::from_static(b"Hello, World!")),
        "/json" => {
            let message = Message {
                message: "Hello, World!",
            };
            let body = serde_json::to_vec(&message).expect("a string serialises");
            reply(JSON, Bytes::from(body))
        }
        _ => match path.strip_prefix("/user/") {
            Some(id) => reply(TEXT, Bytes::copy_from_slice(id.as_bytes())),
            None => {
                let mut response = reply(TEXT, Bytes::new());
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        },
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(route(request.uri().path()))
}

async fn serve(listener: std::net::TcpListener) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut http = http1::Builder::new();
    http.pipeline_flush(true);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http.serve_connection(TokioIo::new(stream), service_fn(answer));
        // An error is the client's leave-taking; there is nobody to tell.
        tokio::spawn(async move { drop(connection.await) });
    }
}

fn main() -> std::io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    peer_contract::announce(listener.local_addr()?);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(listener))
}
