//! Running a client and our server on one loop.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use waterspout_http::client::{FetchError, HttpClient, HttpResponse, IntoRequest};
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_http::{Exchange, Service, StatusCode};
use waterspout_net::{BindOptions, IoLoop, Listener, bind_sockets};

struct Closure<F>(F);

impl<F: AsyncFn(Exchange) -> Exchange + 'static> Service for Closure<F> {
    async fn call(&self, exchange: Exchange) -> Exchange {
        (self.0)(exchange).await
    }
}

/// Serves a closure on the loop of this thread.
pub(crate) fn serve<F>(service: F) -> (HttpServer, SocketAddr)
where
    F: AsyncFn(Exchange) -> Exchange + 'static,
{
    let options = BindOptions::default().address(Ipv4Addr::LOCALHOST.to_string());
    let socket = bind_sockets(0, options).unwrap().remove(0);
    let port = socket.local_addr().unwrap().port().unwrap();
    let server = HttpServer::new(Rc::new(Closure(service)), &ServerConfig::default());
    server.serve(Listener::from_bound(socket).unwrap());
    (server, (Ipv4Addr::LOCALHOST, port).into())
}

/// Serves [`mirror`] and returns the URL of its root, without a slash at the end.
pub(crate) fn mirrors() -> (HttpServer, String) {
    let (server, address) = serve(mirror);
    (server, format!("http://{address}"))
}

/// Answers with the request as text: its first line, fields, an empty line, its body. With
/// `?STATUS=LOCATION` as the query it redirects, with `?STATUS` it answers this status.
pub(crate) async fn mirror(mut exchange: Exchange) -> Exchange {
    let body = exchange.read_body().await.unwrap();
    let request = exchange.request();
    let mut text = format!("{} {}\n", request.method(), request.target());
    for (name, value) in request.headers().iter() {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    let port = request.remote_addr().map_or(0, |address| address.port());
    let query = request.query().unwrap_or_default().to_owned();
    let (status, location) = query.split_once('=').unwrap_or((&query, ""));
    let response = exchange.response_mut();
    response
        .headers_mut()
        .insert("X-Port", port.to_string())
        .unwrap();
    if let Ok(status) = status.parse() {
        response.set_status(StatusCode::from_u16(status).unwrap());
    }
    if !location.is_empty() {
        response.headers_mut().insert("Location", location).unwrap();
    }
    exchange.set_body([text.as_bytes(), b"\n", &body].concat().into());
    exchange
}

/// Runs on a loop of its own.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    IoLoop::new().unwrap().run_sync(future)
}

/// Fetches with a client of its own.
pub(crate) async fn fetch(request: impl IntoRequest) -> Result<HttpResponse, FetchError> {
    HttpClient::new().fetch(request).await
}
