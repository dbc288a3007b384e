//! The clocks: each says that it was the one.

use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use waterspout_http::client::{ClientConfig, FetchError, HttpClient, HttpRequest, Timer};

use waterspout_net::{Family, Resolver, Resolving};

#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
use waterspout_http::client::Proxy;

use crate::peer::{Act, Peer, peer_once, send};
use crate::support::{fetch, run};

const SHORT: Duration = Duration::from_millis(20);

async fn silent() -> Peer {
    peer_once(&[Act::Head, Act::Hold]).await
}

fn says(error: &FetchError, timer: Timer, setting: &str) {
    assert_eq!(error.timer(), Some(timer), "{error}");
    assert!(error.is_timeout() && error.code() == 599);
    let text = error.to_string();
    assert!(
        text.starts_with("timeout ") && text.ends_with(&format!("(limit {setting}, 20ms)")),
        "{text}"
    );
}

#[test]
fn the_queue() {
    run(async {
        let peer = silent().await;
        let client = HttpClient::with_config(ClientConfig::default().max_clients(1));
        let mut holding = pin!(client.fetch(&peer.url));
        assert!(
            holding
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
        let request = HttpRequest::get(&peer.url).queue_timeout(SHORT);
        let error = client.fetch(request).await.unwrap_err();
        says(&error, Timer::Queue, "queue_timeout");
        assert!(
            error.to_string().starts_with("timeout in request queue"),
            "{error}"
        );
        assert_eq!(client.gauges().queued, 0);
    });
}

struct Never;

impl Resolver for Never {
    fn resolve<'a>(&'a self, _: &'a str, _: u16, _: Family) -> Resolving<'a> {
        Box::pin(pending())
    }
}

#[test]
fn connecting_the_resolver_included() {
    run(async {
        let config = ClientConfig::default().resolver(Never);
        let client = HttpClient::with_config(config);
        let request = HttpRequest::get("http://never.test/").connect_timeout(SHORT);
        says(
            &client.fetch(request).await.unwrap_err(),
            Timer::Connect,
            "connect_timeout",
        );
        assert_eq!(client.gauges().active, 0);
    });
}

#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
#[test]
fn connecting_tls_and_proxies_included() {
    run(async {
        for way in ["tls", "connect", "socks"] {
            let silent = peer_once(&[Act::Hold]).await;
            let request = match way {
                "tls" => HttpRequest::get(silent.url.replace("http:", "https:")),
                "connect" => {
                    HttpRequest::get("https://origin.test/").proxy(through(&silent, "http"))
                }
                _ => HttpRequest::get("http://origin.test/").proxy(through(&silent, "socks5h")),
            };
            let client = HttpClient::new();
            let error = client
                .fetch(request.connect_timeout(SHORT))
                .await
                .unwrap_err();
            says(&error, Timer::Connect, "connect_timeout");
            assert_eq!(
                (client.gauges().active, client.gauges().idle),
                (0, 0),
                "{way}"
            );
        }
    });
}

#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
fn through(peer: &Peer, scheme: &str) -> Proxy {
    Proxy::parse(&peer.url.replace("http", scheme)).unwrap()
}

#[test]
fn the_first_octet() {
    run(async {
        let peer = silent().await;
        let request = HttpRequest::get(&peer.url).first_byte_timeout(SHORT);
        says(
            &fetch(request).await.unwrap_err(),
            Timer::FirstByte,
            "first_byte_timeout",
        );
    });
}

#[test]
fn silence_in_the_head_in_the_body_and_while_sending() {
    run(async {
        for answer in [
            "HTTP/1.1 200",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        ] {
            let peer = peer_once(&[Act::Head, send(answer), Act::Hold]).await;
            let request = HttpRequest::get(&peer.url).idle_timeout(SHORT);
            says(
                &fetch(request).await.unwrap_err(),
                Timer::Idle,
                "idle_timeout",
            );
        }
        let peer = silent().await;
        let body = vec![0; 64 * 1024 * 1024];
        let request = HttpRequest::put(&peer.url)
            .with_body(body)
            .idle_timeout(SHORT);
        says(
            &fetch(request).await.unwrap_err(),
            Timer::Idle,
            "idle_timeout",
        );
    });
}

#[test]
fn the_whole_even_if_the_server_drips() {
    run(async {
        let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        endless.resize(1_000_000, b'x');
        let drip = Act::Drip(endless);
        let peer = peer_once(&[Act::Head, drip]).await;
        let request = HttpRequest::get(&peer.url)
            .request_timeout(SHORT)
            .connect_timeout(Duration::ZERO)
            .idle_timeout(Duration::from_secs(5));
        says(
            &fetch(request).await.unwrap_err(),
            Timer::Request,
            "request_timeout",
        );
    });
}

#[test]
fn none_of_zero() {
    run(async {
        let peer = peer_once(&[
            Act::Head,
            send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ])
        .await;
        let request = HttpRequest::get(&peer.url)
            .connect_timeout(Duration::ZERO)
            .request_timeout(Duration::ZERO);
        assert_eq!(fetch(request).await.unwrap().code(), 200);
    });
}
