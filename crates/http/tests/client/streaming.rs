//! Bodies in pieces, both ways.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use waterspout_http::client::{BodyWriter, HttpClient, HttpRequest, ProducerError};
use waterspout_http::{Bytes, Exchange};
use zlib_rs::{Deflate, DeflateFlush};

use crate::peer::{Act, answers, peer_once, send};
use crate::support::{fetch, mirrors, run, serve};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut out = vec![0; plain.len() + 256];
    let mut deflate = Deflate::new(6, true, 31);
    deflate
        .compress(plain, &mut out, DeflateFlush::Finish)
        .unwrap();
    out.truncate(usize::try_from(deflate.total_out()).unwrap());
    out
}

fn zipped(plain: &[u8]) -> Vec<u8> {
    let body = gzip(plain);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

#[test]
fn chunks_come_one_by_one() {
    run(async {
        let peer = answers(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nasdf\r\n4\r\nqwer\r\n0\r\n\r\n",
        )
        .await;
        let client = HttpClient::new();
        let mut response = client.fetch_stream(&peer.url).await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "asdf");
        assert_eq!(response.chunk().await.unwrap().unwrap(), "qwer");
        assert_eq!(response.chunk().await.unwrap(), None);
        assert_eq!(response.chunk().await.unwrap(), None);
    });
}

#[test]
fn callbacks_see_the_last_response_only_and_the_head_first() {
    run(async {
        let (_server, url) = mirrors();
        let seen = Rc::new(RefCell::new(Vec::<u8>::new()));
        let (lines, pieces) = (Rc::clone(&seen), Rc::clone(&seen));
        let request = HttpRequest::get(format!("{url}/?302=/end"))
            .header_callback(move |line| lines.borrow_mut().extend_from_slice(line))
            .streaming_callback(async move |piece: Bytes| {
                tokio::task::yield_now().await;
                pieces.borrow_mut().extend_from_slice(&piece);
            });
        let response = fetch(request).await.unwrap();
        assert!(response.body().is_empty());
        let seen = String::from_utf8(seen.borrow().clone()).unwrap();
        assert!(seen.starts_with("HTTP/1.1 200 OK\r\n"), "{seen}");
        assert_eq!(seen.matches("HTTP/1.1").count(), 1, "{seen}");
        assert!(seen.contains("\r\n\r\nGET /end\n"), "{seen}");
    });
}

#[test]
fn gzip_is_asked_for_and_undone() {
    run(async {
        let peer = answers(zipped(b"hello, hello, hello")).await;
        let response = fetch(&peer.url).await.unwrap();
        assert_eq!(response.body(), "hello, hello, hello");
        assert_eq!(
            response.headers().get("X-Consumed-Content-Encoding"),
            Some("gzip")
        );
        assert!(!response.headers().contains("Content-Encoding"));
        let asked = waterspout_http::coding::DECODABLE.join(", ");
        let asked = format!("Accept-Encoding: {asked}\r\n");
        assert!(peer.heard.borrow()[0].contains(&asked));
        let peer = answers(zipped(b"hello, hello, hello")).await;
        let request = HttpRequest::get(&peer.url).decompress_response(false);
        let response = fetch(request).await.unwrap();
        assert_eq!(response.body(), &gzip(b"hello, hello, hello"));
        assert!(!peer.heard.borrow()[0].contains("Accept-Encoding"));
    });
}

#[test]
fn the_limit_of_a_body_counts_what_it_inflates_to() {
    // CVE-2026-49855.
    run(async {
        let bomb = zipped(&vec![0; 1_000_000]);
        assert!(bomb.len() < 5000);
        let peer = answers(&bomb).await;
        let request = HttpRequest::get(&peer.url).max_body_size(100_000);
        let error = fetch(request).await.unwrap_err();
        assert!(
            error.is_too_large() && error.to_string().contains("max_body_size"),
            "{error}"
        );
        let peer = answers(&bomb).await;
        let request = HttpRequest::get(&peer.url).max_body_size(1_000_000);
        assert_eq!(fetch(request).await.unwrap().body().len(), 1_000_000);
    });
}

#[test]
fn the_limit_of_a_body_holds_for_every_framing() {
    run(async {
        for (head, body, fits) in [
            ("Content-Length: 4\r\n\r\n", "abcd", true),
            ("Content-Length: 5\r\n\r\n", "abcde", false),
            (
                "Transfer-Encoding: chunked\r\n\r\n",
                "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
                true,
            ),
            (
                "Transfer-Encoding: chunked\r\n\r\n",
                "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                false,
            ),
            ("\r\n", "abcd", true),
            ("\r\n", "abcde", false),
        ] {
            let peer = answers(format!("HTTP/1.1 200 OK\r\n{head}{body}")).await;
            let request = HttpRequest::get(&peer.url).max_body_size(4);
            let outcome = fetch(request).await;
            assert_eq!(outcome.is_ok(), fits, "{head:?} {outcome:?}");
            assert!(fits || outcome.unwrap_err().is_too_large());
        }
    });
}

#[test]
fn a_body_that_failed_is_over_and_its_connection_closed() {
    run(async {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n";
        let large = format!("{head}\r\nabcdefgh");
        let no_gzip = format!("{head}Content-Encoding: gzip\r\n\r\nabcdefgh");
        let silent = format!("{head}\r\n");
        for answer in [large, no_gzip, silent] {
            let peer = peer_once(&[Act::Head, send(&answer), Act::Hold]).await;
            let client = HttpClient::new();
            let request = HttpRequest::get(&peer.url)
                .max_body_size(4)
                .idle_timeout(Duration::from_millis(20));
            let mut response = client.fetch_stream(request).await.unwrap();
            let first = response.chunk().await.unwrap_err();
            assert_eq!(client.gauges().active, 0, "{first}");
            let second = response.chunk().await.unwrap_err();
            assert!(
                second.is_closed() || second.is_too_large(),
                "{first}: {second}"
            );
        }
    });
}

#[test]
fn what_was_compressed_well_does_not_keep_others_waiting() {
    run(async {
        let turns = Rc::new(Cell::new(0));
        let counted = Rc::clone(&turns);
        let others = tokio::task::spawn_local(async move {
            loop {
                counted.set(counted.get() + 1);
                tokio::task::yield_now().await;
            }
        });
        let peer = answers(zipped(&vec![0; 20_000_000])).await;
        let streamed = HttpClient::new().fetch_stream(&peer.url).await.unwrap();
        let before = turns.get();
        assert_eq!(streamed.gather().await.unwrap().body().len(), 20_000_000);
        assert!(turns.get() - before >= 8, "{}", turns.get() - before);
        others.abort();
    });
}

#[test]
fn broken_gzip_is_an_error_and_does_not_hang() {
    run(async {
        let whole = zipped(b"hello, hello, hello");
        let plain = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello";
        let cut = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
        let start = whole
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let cut = [cut.as_bytes(), &whole[start..whole.len() - 9]].concat();
        for answer in [plain.as_bytes(), &cut] {
            let peer = answers(answer).await;
            let error = fetch(&peer.url).await.unwrap_err();
            assert!(
                error.is_malformed() && error.to_string().contains("gzip"),
                "{error}"
            );
        }
    });
}

async fn produce(mut body: BodyWriter) -> Result<(), ProducerError> {
    for piece in ["12", "", "345", "67"] {
        body.write(piece).await;
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[test]
fn a_produced_body_is_chunked_or_as_long_as_it_says() {
    run(async {
        let peer = peer_once(&[Act::Head, Act::Read(27), send(OK)]).await;
        fetch(HttpRequest::put(&peer.url).body_producer(produce))
            .await
            .unwrap();
        assert!(peer.heard.borrow()[0].contains("Transfer-Encoding: chunked\r\n"));
        assert_eq!(
            peer.heard.borrow()[1],
            "2\r\n12\r\n3\r\n345\r\n2\r\n67\r\n0\r\n\r\n"
        );
        let peer = peer_once(&[Act::Head, Act::Read(7), send(OK)]).await;
        let request = HttpRequest::put(&peer.url).header("Content-Length", "7");
        fetch(request.body_producer(produce)).await.unwrap();
        assert!(peer.heard.borrow()[0].contains("Content-Length: 7\r\n"));
        assert_eq!(peer.heard.borrow()[1], "1234567");
        for length in ["6", "8"] {
            let peer = peer_once(&[Act::Head, Act::Hold]).await;
            let request = HttpRequest::put(&peer.url).header("Content-Length", length);
            let error = fetch(request.body_producer(produce)).await.unwrap_err();
            assert!(error.is_request(), "{length}: {error}");
        }
    });
}

#[test]
fn a_producer_that_fails_fails_the_fetch() {
    run(async {
        let peer = peer_once(&[Act::Head, Act::Hold]).await;
        let request = HttpRequest::put(&peer.url).body_producer(async |_body| Err("no".into()));
        let error = fetch(request).await.unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no");
    });
}

#[test]
fn a_large_body_goes_out_and_comes_back() {
    run(async {
        let (_server, url) = mirrors();
        let body = Bytes::from(vec![b'x'; 8 * 1024 * 1024]);
        let response = fetch(HttpRequest::put(&url).with_body(body.clone()))
            .await
            .unwrap();
        assert!(response.body().ends_with(&body));
    });
}

#[test]
fn an_answer_before_the_end_of_the_request_is_taken() {
    run(async {
        let denied = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(denied), Act::Hold]).await;
        let body = vec![0; 64 * 1024 * 1024];
        let client = HttpClient::new();
        let request = HttpRequest::put(&peer.url).with_body(body);
        let error = client.fetch(request).await.unwrap_err();
        assert_eq!(error.code(), 403, "{error}");
        assert_eq!(client.gauges().idle, 0);
    });
}

/// Sends each piece back as soon as it has come.
async fn echo(mut exchange: Exchange) -> Exchange {
    exchange.set_max_body_size(u64::MAX);
    while let Some(piece) = exchange.chunk().await.unwrap() {
        exchange.write(&piece).unwrap();
        exchange.flush().await.unwrap();
    }
    exchange
}

#[test]
fn a_server_that_answers_while_it_reads_gets_all_of_the_request() {
    run(async {
        let (_server, address) = serve(echo);
        let url = format!("http://{address}/");
        let body = Bytes::from(vec![b'x'; 8 * 1024 * 1024]);
        let client = HttpClient::new();
        let whole = HttpRequest::put(&url).with_body(body.clone());
        let again = body.clone();
        let produced = HttpRequest::put(&url).body_producer(async move |mut writer: BodyWriter| {
            for piece in again.chunks(100_000) {
                writer.write(again.slice_ref(piece)).await;
            }
            Ok(())
        });
        for request in [whole, produced] {
            let response = client.fetch(request).await.unwrap();
            assert!(response.body() == &body);
            assert_eq!(client.gauges().idle, 1);
        }
        let begun = Rc::new(Notify::new());
        let told = Rc::clone(&begun);
        let fails = HttpRequest::put(&url).body_producer(async move |mut writer: BodyWriter| {
            writer.write("abc").await;
            told.notified().await;
            Err("no".into())
        });
        let streamed = client.fetch_stream(fails).await.unwrap();
        begun.notify_one();
        let error = streamed.gather().await.unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no");
    });
}

#[test]
fn a_request_that_is_not_sent_whole_when_its_answer_ends_costs_the_connection() {
    run(async {
        for answer in [OK, "HTTP/1.1 204 No Content\r\n\r\n"] {
            let peer = peer_once(&[Act::Head, send(answer), Act::Hold]).await;
            let client = HttpClient::new();
            let request = HttpRequest::put(&peer.url).with_body(vec![0; 64 * 1024 * 1024]);
            client.fetch(request).await.unwrap();
            assert_eq!(client.gauges().idle, 0, "{answer:?}");
        }
    });
}

#[test]
fn a_body_waits_for_100_continue() {
    run(async {
        let go_on = send("HTTP/1.1 100 CONTINUE\r\n\r\n");
        let peer = peer_once(&[Act::Head, go_on, Act::Read(3), send(OK)]).await;
        let request = HttpRequest::put(&peer.url)
            .with_body("abc")
            .expect_100_continue(true);
        assert_eq!(fetch(request).await.unwrap().code(), 200);
        assert!(peer.heard.borrow()[0].contains("Expect: 100-continue\r\n"));
        assert_eq!(peer.heard.borrow()[1], "abc");
    });
}

#[test]
fn a_body_that_is_refused_is_not_made() {
    run(async {
        let denied = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(denied), Act::Hold]).await;
        let request = HttpRequest::put(&peer.url)
            .body_producer(async |_body| panic!("nobody asked for it"))
            .expect_100_continue(true);
        assert_eq!(fetch(request).await.unwrap_err().code(), 403);
    });
}

#[test]
fn a_body_does_not_wait_for_ever() {
    run(async {
        let peer = peer_once(&[Act::Head, Act::Read(3), send(OK)]).await;
        let request = HttpRequest::put(&peer.url)
            .with_body("abc")
            .expect_100_continue(true);
        assert_eq!(fetch(request).await.unwrap().code(), 200);
    });
}
