//! Connections that are used again, and places that are waited for.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use waterspout_http::client::{ClientConfig, HttpClient, HttpRequest};
use waterspout_net::IoLoop;

use crate::peer::{Act, peer, send};
use crate::support::{mirrors, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async fn port(client: &HttpClient, url: &str) -> String {
    let response = client.fetch(url).await.unwrap();
    response.headers().get("X-Port").unwrap().to_owned()
}

#[test]
fn a_connection_is_used_again() {
    run(async {
        let (_server, url) = mirrors();
        let client = HttpClient::new();
        let first = port(&client, &url).await;
        assert_eq!((client.gauges().active, client.gauges().idle), (0, 1));
        assert_eq!(port(&client, &url).await, first);
        let elsewhere = url.replace("127.0.0.1", "localhost");
        let request = HttpRequest::get(elsewhere).allow_ipv6(false);
        let other = client.fetch(request).await.unwrap();
        assert_ne!(other.headers().get("X-Port").unwrap(), first);
        assert_eq!(client.gauges().idle, 2);
        let bound = HttpRequest::get(&url).network_interface([127, 0, 0, 1].into());
        let bound = client.fetch(bound).await.unwrap();
        assert_ne!(bound.headers().get("X-Port").unwrap(), first);
    });
}

#[test]
fn few_connections_wait_and_none_if_so_said() {
    run(async {
        let ((_one, url), (_other, other)) = (mirrors(), mirrors());
        let client = HttpClient::with_config(ClientConfig::default().max_idle_connections(1));
        let first = port(&client, &url).await;
        port(&client, &other).await;
        assert_eq!(client.gauges().idle, 1);
        assert_ne!(port(&client, &url).await, first);
        let config = ClientConfig::default().keep_alive_timeout(Duration::ZERO);
        let client = HttpClient::with_config(config);
        assert_ne!(port(&client, &url).await, port(&client, &url).await);
    });
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_not_used() {
    run(async {
        let peer = peer([&[Act::Head, send(OK)], &[Act::Head, send(OK)]]).await;
        let client = HttpClient::new();
        client.fetch(&peer.url).await.unwrap();
        // A POST must not be replayed: it arrives since the dead connection was seen in time.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let post = HttpRequest::post(&peer.url).with_body("a");
        assert_eq!(client.fetch(post).await.unwrap().body(), "ok");
        assert_eq!(peer.accepted.get(), 2);
    });
}

#[test]
fn a_repeatable_request_is_sent_once_more_when_the_connection_was_stale() {
    run(async {
        let stale = [Act::Head, send(OK), Act::Head];
        let peer = peer([&stale[..], &[Act::Head, send(OK)]]).await;
        let client = HttpClient::new();
        client.fetch(&peer.url).await.unwrap();
        let again = client
            .fetch(HttpRequest::put(&peer.url).with_body("a"))
            .await
            .unwrap();
        assert_eq!(again.body(), "ok");
        assert_eq!((peer.heard.borrow().len(), peer.accepted.get()), (3, 2));
    });
}

#[test]
fn the_replay_is_the_last_attempt() {
    run(async {
        let stale = [Act::Head, send(OK), Act::Head];
        let peer = peer([&stale[..], &[Act::Head], &[Act::Head, send(OK)]]).await;
        let client = HttpClient::new();
        client.fetch(&peer.url).await.unwrap();
        assert!(client.fetch(&peer.url).await.unwrap_err().is_closed());
        assert_eq!(peer.accepted.get(), 2);
    });
}

#[test]
fn a_request_that_may_have_worked_is_not_repeated() {
    run(async {
        let stale = [Act::Head, send(OK), Act::Head];
        let half = [Act::Head, send(OK), Act::Head, send("HTTP/1.1 200")];
        for (acts, request) in [
            (&stale[..], HttpRequest::post("").with_body("a")),
            (
                &stale[..],
                HttpRequest::put("").body_producer(async |mut body| {
                    body.write("a").await;
                    Ok(())
                }),
            ),
            (&half[..], HttpRequest::get("")),
        ] {
            let peer = peer([acts, &[Act::Head, send(OK)]]).await;
            let client = HttpClient::new();
            client.fetch(&peer.url).await.unwrap();
            let text = format!("{request:?}");
            let request = request.with_url(&peer.url);
            let error = client.fetch(request).await.unwrap_err();
            assert!(error.is_closed(), "{text}: {error}");
            assert_eq!(peer.accepted.get(), 1, "{text}");
        }
    });
}

#[test]
fn a_connection_that_says_more_than_its_answer_is_not_used_again() {
    run(async {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            let peer = peer([&[Act::Head, send(answer), Act::Hold]]).await;
            let client = HttpClient::new();
            client.fetch(&peer.url).await.unwrap();
            assert_eq!(client.gauges().idle, 0, "{answer:?}");
        }
    });
}

#[test]
fn what_comes_unasked_ends_a_connection() {
    run(async {
        let poison = send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
        let first = [Act::Head, send(OK), Act::Read(0), poison, Act::Hold];
        let peer = peer([&first[..], &[Act::Head, send(OK), Act::Hold]]).await;
        let client = HttpClient::new();
        client.fetch(&peer.url).await.unwrap();
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert_eq!(client.fetch(&peer.url).await.unwrap().body(), "ok");
    });
}

/// Fetches in order; each response is noted when it is complete.
fn spawn(
    client: &HttpClient,
    url: String,
    name: &'static str,
    done: &Rc<RefCell<Vec<&'static str>>>,
) {
    let (client, done) = (client.clone(), Rc::clone(done));
    IoLoop::current().spawn_callback(async move {
        client.fetch(url).await.unwrap();
        done.borrow_mut().push(name);
    });
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn those_that_wait_come_in_their_order() {
    run(async {
        let (_server, url) = mirrors();
        let client = HttpClient::with_config(ClientConfig::default().max_clients(1));
        let done = Rc::default();
        let peer = peer([&[Act::Head, Act::Hold]]).await;
        let mut holding = Box::pin(client.fetch(&peer.url));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(holding.as_mut().poll(&mut cx).is_pending());
        for name in ["a", "b", "c"] {
            spawn(&client, url.clone(), name, &done);
        }
        until(|| client.gauges().queued == 3).await;
        assert_eq!(client.gauges().active, 1);
        // Dropping a fetch gives its place back.
        drop(holding);
        until(|| done.borrow().len() == 3).await;
        assert_eq!(*done.borrow(), ["a", "b", "c"]);
        assert_eq!((client.gauges().active, client.gauges().queued), (0, 0));
    });
}

#[test]
fn a_host_that_is_full_lets_others_pass() {
    run(async {
        let (_server, url) = mirrors();
        let slow = peer([&[Act::Head, Act::Hold]]).await;
        let config = ClientConfig::default()
            .max_clients(3)
            .max_clients_per_host(1);
        let client = HttpClient::with_config(config);
        let mut holding = pin!(client.fetch(&slow.url));
        let mut second = pin!(client.fetch(&slow.url));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(holding.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        assert_eq!(client.gauges().queued, 1);
        assert_eq!(client.fetch(&url).await.unwrap().code(), 200);
    });
}

#[test]
fn who_leaves_the_queue_takes_no_place() {
    run(async {
        let (_server, url) = mirrors();
        let slow = peer([&[Act::Head, Act::Hold]]).await;
        let client = HttpClient::with_config(ClientConfig::default().max_clients(1));
        let mut cx = Context::from_waker(Waker::noop());
        let mut holding = Box::pin(client.fetch(&slow.url));
        assert!(holding.as_mut().poll(&mut cx).is_pending());
        for _ in 0..200 {
            let mut leaving = pin!(client.fetch(&url));
            assert!(leaving.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(client.gauges().queued, 0);
        drop(holding);
        assert_eq!(client.fetch(&url).await.unwrap().code(), 200);
        assert_eq!(client.gauges().active, 0);
    });
}

#[test]
fn dropping_a_fetch_closes_its_connection_wherever_it_waits() {
    run(async {
        for acts in [
            &[Act::Head, Act::Read(1)][..],
            &[Act::Head, send("HTTP/1.1 200"), Act::Read(1)],
            &[Act::Head, send("HTTP/1.1 200 OK\r\n\r\nhalf"), Act::Read(1)],
        ] {
            let peer = peer([acts]).await;
            let client = HttpClient::new();
            let mut fetch = Box::pin(client.fetch(&peer.url));
            let mut cx = Context::from_waker(Waker::noop());
            while peer.heard.borrow().is_empty() {
                assert!(fetch.as_mut().poll(&mut cx).is_pending());
                tokio::task::yield_now().await;
            }
            assert!(fetch.as_mut().poll(&mut cx).is_pending());
            drop(fetch);
            assert_eq!((client.gauges().active, client.gauges().idle), (0, 0));
        }
    });
}

#[test]
fn a_closed_client_fetches_no_more() {
    run(async {
        let (_server, url) = mirrors();
        let client = HttpClient::new();
        client.fetch(&url).await.unwrap();
        client.close();
        assert_eq!(client.gauges().idle, 0);
        let error = client.fetch(&url).await.unwrap_err();
        assert!(error.to_string().contains("closed HttpClient"), "{error}");
    });
}
