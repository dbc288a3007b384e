//! The PROXY protocol before plain HTTP: header and request in one segment, and apart.

use std::io::Write;
use std::net::Shutdown;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::http::server::{HttpServer, ServerConfig};
use waterspout::net::{BindOptions, Handshakes, IoLoop, Listener, ProxyProtocol, bind_sockets};
use waterspout::{Application, Context};

use super::support::Client;

const HEADER: &str = "PROXY TCP4 192.0.2.7 192.0.2.9 4711 80\r\n";
const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn with_proxies(test: impl AsyncFnOnce(Client)) {
    IoLoop::new().unwrap().run_sync(async {
        let app = Application::new(()).get("/", async |cx: &mut Context| {
            format!("for {}", cx.remote_ip())
        });
        let mut handshakes = Handshakes::default();
        handshakes.push(ProxyProtocol::new(["127.0.0.1".parse().unwrap()]));
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        server.serve_after(Listener::from_bound(socket).unwrap(), &handshakes);
        test(Client::at(port)).await;
    });
}

#[test]
fn a_request_in_the_segment_of_the_header_is_answered() {
    with_proxies(async |client| {
        let answers = client.exchange(format!("{HEADER}{GET}{LAST}")).await;
        assert_eq!(answers.matches("for 192.0.2.7").count(), 2, "{answers}");
    });
}

#[test]
fn a_request_that_begins_in_the_segment_of_the_header_is_answered() {
    with_proxies(async |client| {
        let whole = format!("{HEADER}{LAST}");
        for cut in [1, HEADER.len(), HEADER.len() + 1, whole.len() - 1] {
            let mut stream = client.connect().await;
            stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
            tokio::task::yield_now().await;
            stream.write_all(&whole.as_bytes()[cut..]).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("for 192.0.2.7"), "{cut}: {answer}");
        }
    });
}

#[test]
fn a_client_that_shuts_down_its_side_at_once_is_answered() {
    with_proxies(async |client| {
        // All of it has come before the server looks: nothing is awaited in between.
        let mut early = client.connect_at_once();
        early
            .write_all(format!("{HEADER}{LAST}").as_bytes())
            .unwrap();
        early.shutdown(Shutdown::Write).unwrap();
        early.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(early).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("for 192.0.2.7"), "{answer}");
    });
}
