//! Requests and responses against our own server.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use http::Method;
use waterspout_http::client::{ClientConfig, HttpClient, HttpRequest};
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_net::{Family, Listener, Resolver, Resolving, bind_unix_socket};

use crate::peer::{Act, answers, peer_once, send};
use crate::support::{fetch, mirrors, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn fetches_a_url_and_says_how_it_went() {
    run(async {
        let (_server, url) = mirrors();
        let response = fetch(format!("{url}/a b?q#f")).await.unwrap();
        assert_eq!((response.code(), response.reason()), (200, "OK"));
        assert!(
            response.text().starts_with("GET /a%20b?q\n"),
            "{}",
            response.text()
        );
        assert_eq!(response.effective_url(), format!("{url}/a%20b?q"));
        assert!(response.request_time() < Duration::from_secs(10));
        assert!(response.start_time() <= SystemTime::now());
    });
}

#[test]
fn sends_the_head_that_tornado_sends_without_closing() {
    run(async {
        let peer = answers(OK).await;
        fetch(&peer.url).await.unwrap();
        let host = peer.url.trim_start_matches("http://").trim_end_matches('/');
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Waterspout/{version}\r\n\
             Accept-Encoding: {}\r\n\r\n",
            waterspout_http::coding::DECODABLE.join(", ")
        );
        assert_eq!(peer.heard.borrow()[0], expected);
    });
}

#[test]
fn a_form_and_json_say_their_types_and_lengths() {
    run(async {
        let (_server, url) = mirrors();
        let form = HttpRequest::post(&url).form([("a", "1 2"), ("b", "é")]);
        let text = fetch(form).await.unwrap().text().into_owned();
        assert!(
            text.contains("Content-Type: application/x-www-form-urlencoded\n"),
            "{text}"
        );
        assert!(text.contains("Content-Length: 14\n"), "{text}");
        assert!(text.ends_with("\n\na=1+2&b=%C3%A9"), "{text}");
        let json = HttpRequest::put(&url).json(&[1, 2]);
        let text = fetch(json).await.unwrap().text().into_owned();
        assert!(text.contains("Content-Type: application/json\n"), "{text}");
        assert!(text.ends_with("\n\n[1,2]"), "{text}");
    });
}

#[test]
fn a_post_without_a_type_is_a_form_and_a_put_has_none() {
    run(async {
        let (_server, url) = mirrors();
        let text = fetch(HttpRequest::post(&url).with_body("x")).await.unwrap();
        assert!(
            text.text()
                .contains("Content-Type: application/x-www-form-urlencoded")
        );
        let text = fetch(HttpRequest::put(&url).with_body("x")).await.unwrap();
        assert!(!text.text().contains("Content-Type"));
        let text = fetch(HttpRequest::post(&url).with_body("")).await.unwrap();
        assert!(text.text().contains("Content-Length: 0\n"));
    });
}

#[test]
fn an_unusual_body_is_framed_all_the_same() {
    // RUSTSEC-2020-0008, CVE-2020-35863: a GET with a body had no framing.
    run(async {
        let (_server, url) = mirrors();
        let request = HttpRequest::get(&url)
            .with_body("abc")
            .allow_nonstandard_methods(true);
        let text = fetch(request).await.unwrap().text().into_owned();
        assert!(
            text.contains("Content-Length: 3\n") && text.ends_with("\n\nabc"),
            "{text}"
        );
        let post = HttpRequest::post(&url).allow_nonstandard_methods(true);
        assert!(
            fetch(post)
                .await
                .unwrap()
                .text()
                .contains("Content-Length: 0\n")
        );
    });
}

#[test]
fn requests_that_cannot_be_sent_are_refused_before_anything_is() {
    run(async {
        let peer = peer_once(&[Act::Hold]).await;
        let url = || peer.url.clone();
        let requests = [
            HttpRequest::get("ftp://localhost/"),
            HttpRequest::get("localhost"),
            HttpRequest::post(url()),
            HttpRequest::get(url()).with_body("x"),
            HttpRequest::new(Method::CONNECT, url()),
            HttpRequest::new(Method::from_bytes(b"OTHER").unwrap(), url()),
            HttpRequest::get(url()).header("A", "b\r\nC: d"),
            HttpRequest::get(url()).header("A\r\n", "b"),
            HttpRequest::get(url()).header("A", "b\0"),
            HttpRequest::get(url()).header("Transfer-Encoding", "chunked"),
            HttpRequest::put(url())
                .with_body("x")
                .header("Content-Length", "2"),
            HttpRequest::put(url())
                .with_body("x")
                .header("Content-Length", "+1"),
            HttpRequest::get(url())
                .append_header("Host", "a")
                .append_header("Host", "b"),
            HttpRequest::get(format!("{}\r\nX: y", url())),
        ];
        for request in requests {
            let text = format!("{request:?}");
            let error = fetch(request).await.unwrap_err();
            assert!(error.is_request(), "{text}: {error}");
            assert_eq!(error.code(), 599);
        }
        assert_eq!(peer.accepted.get(), 0);
    });
}

#[test]
fn a_status_is_an_error_unless_it_is_said_otherwise() {
    run(async {
        let (_server, url) = mirrors();
        let error = fetch(format!("{url}/?404")).await.unwrap_err();
        assert_eq!(error.to_string(), "HTTP 404: Not Found");
        assert_eq!(error.code(), 404);
        assert!(error.response().unwrap().text().starts_with("GET"));
        let request = HttpRequest::get(format!("{url}/?404")).raise_error(false);
        assert_eq!(fetch(request).await.unwrap().code(), 404);
        let error = fetch(format!("{url}/?304")).await.unwrap_err();
        assert_eq!(error.code(), 304);
    });
}

#[test]
fn raise_error_does_not_hide_what_the_network_does() {
    run(async {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        drop(socket);
        let request = HttpRequest::get(format!("http://{address}/")).raise_error(false);
        let error = fetch(request).await.unwrap_err();
        assert!(error.is_connect(), "{error}");
        assert_eq!(error.to_string(), format!("cannot connect to {address}"));
        assert!(std::error::Error::source(&error).is_some());
    });
}

#[test]
fn head_204_and_304_have_no_body_whatever_they_announce() {
    run(async {
        let seven = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(seven), Act::Hold]).await;
        let response = fetch(HttpRequest::head(&peer.url)).await.unwrap();
        assert_eq!(response.headers().get("Content-Length"), Some("7"));
        assert!(response.body().is_empty());
        let not_modified = "HTTP/1.1 304 N\r\nContent-Length: 42\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(not_modified), Act::Hold]).await;
        let request = HttpRequest::get(&peer.url).raise_error(false);
        assert_eq!(
            fetch(request)
                .await
                .unwrap()
                .headers()
                .get("Content-Length"),
            Some("42")
        );
    });
}

#[test]
fn credentials_come_from_the_request_or_from_the_url_which_wins() {
    run(async {
        let (_server, url) = mirrors();
        let sent = async |request: HttpRequest| {
            let text = fetch(request).await.unwrap().text().into_owned();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("Authorization: "));
            line.map(str::to_owned)
        };
        let request = HttpRequest::get(&url).auth("Aladdin", "open sesame");
        let expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert_eq!(sent(request).await.as_deref(), Some(expected));
        let with_user = url.replace("http://", "http://Aladdin:open%20sesame@");
        let request = HttpRequest::get(with_user).auth("x", "y");
        assert_eq!(sent(request).await.as_deref(), Some(expected));
        assert_eq!(sent(HttpRequest::get(&url)).await, None);
    });
}

#[test]
fn unix_sockets_take_the_place_of_the_host() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let socket = bind_unix_socket(&path, 0o600, 16).unwrap();
        struct Mirror;
        impl waterspout_http::Service for Mirror {
            async fn call(&self, exchange: waterspout_http::Exchange) -> waterspout_http::Exchange {
                crate::support::mirror(exchange).await
            }
        }
        let server = HttpServer::new(Rc::new(Mirror), &ServerConfig::default());
        server.serve(Listener::from_bound(socket).unwrap());
        let request = HttpRequest::get("http://docker/v1").unix_socket(&path);
        let text = fetch(request).await.unwrap().text().into_owned();
        assert!(text.starts_with("GET /v1\nHost: docker\n"), "{text}");
    });
}

/// Resolves every name to this machine, and every port to one.
struct To(u16);

impl Resolver for To {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, _family: Family) -> Resolving<'a> {
        assert_eq!((host, port), ("other.test", 1234));
        Box::pin(async { Ok(vec![([127, 0, 0, 1], self.0).into()]) })
    }
}

#[test]
fn names_are_mapped_and_resolved_as_told() {
    run(async {
        let (_server, url) = mirrors();
        let address = url.trim_start_matches("http://").to_owned();
        let config = ClientConfig::default().map_hostname("example.com", &address);
        let client = HttpClient::with_config(config);
        let text = client.fetch("http://Example.com/").await.unwrap();
        assert!(text.text().contains("Host: example.com\n"));
        let port: u16 = address.rsplit_once(':').unwrap().1.parse().unwrap();
        let config = ClientConfig::default().resolver(To(port));
        let client = HttpClient::with_config(config);
        assert_eq!(
            client
                .fetch("http://other.test:1234/")
                .await
                .unwrap()
                .code(),
            200
        );
    });
}

#[test]
fn connects_from_the_interface_that_is_named() {
    run(async {
        let (_server, url) = mirrors();
        let request = HttpRequest::get(&url).network_interface([127, 0, 0, 1].into());
        assert_eq!(fetch(request).await.unwrap().code(), 200);
        let request = HttpRequest::get(&url).network_interface([192, 0, 2, 1].into());
        let error = fetch(request).await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("192.0.2.1"), "{source}");
    });
}

#[test]
fn defaults_are_for_requests_that_are_made_of_a_url() {
    run(async {
        let (_server, url) = mirrors();
        let defaults = HttpRequest::get("").user_agent("Mine").raise_error(false);
        let client = HttpClient::with_config(ClientConfig::default().defaults(defaults));
        let response = client.fetch(format!("{url}/?404")).await.unwrap();
        assert!(response.text().contains("User-Agent: Mine\n"));
        let response = client.fetch(HttpRequest::get(&url)).await.unwrap();
        assert!(response.text().contains("User-Agent: Waterspout/"));
    });
}

#[test]
fn if_modified_since_is_a_date() {
    run(async {
        let (_server, url) = mirrors();
        let request = HttpRequest::get(&url).if_modified_since(SystemTime::UNIX_EPOCH);
        let text = fetch(request).await.unwrap().text().into_owned();
        assert!(
            text.contains("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\n"),
            "{text}"
        );
    });
}

#[test]
fn blocks_a_thread_without_a_loop_only() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        run(async {
            let (_server, url) = mirrors();
            sender.send(url).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let url = receiver.recv().unwrap();
    assert_eq!(HttpClient::fetch_blocking(&url).unwrap().code(), 200);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let place = url.clone();
    let on_the_pool = move || HttpClient::fetch_blocking(place).unwrap().code();
    let code = runtime.block_on(async { tokio::task::spawn_blocking(on_the_pool).await });
    assert_eq!(code.unwrap(), 200);
    let error = run(async { HttpClient::fetch_blocking(&url) }).unwrap_err();
    assert!(
        error.is_request() && error.to_string().contains("await fetch"),
        "{error}"
    );
}

#[cfg(not(feature = "tls"))]
#[test]
fn https_without_tls_says_which_feature_is_missing() {
    run(async {
        let peer = peer_once(&[Act::Hold]).await;
        let url = peer.url.replace("http://", "https://");
        let error = fetch(url).await.unwrap_err();
        assert!(
            error.is_request() && error.to_string().contains("tls-ring"),
            "{error}"
        );
        assert_eq!(peer.accepted.get(), 0);
    });
}
