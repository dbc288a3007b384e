//! What a service can do with an exchange, and what the client sees of it.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use waterspout_http::server::ServerConfig;
use waterspout_http::{Exchange, StatusCode};
use waterspout_net::IoLoop;

use support::local::{Talk, ask, ask_with, serve};

#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const GET_10: &str = "GET / HTTP/1.0\r\n\r\n";

#[test]
fn an_exchange_that_is_not_finished_is_finished_by_the_driver() {
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange.write(b"one ").unwrap();
        exchange.write(b"two").unwrap();
        assert_eq!(exchange.buffered(), 7);
        exchange
    });
    assert!(
        answer.ends_with("Content-Length: 7\r\nConnection: close\r\n\r\none two"),
        "{answer}"
    );
}

#[test]
fn nothing_can_be_written_after_the_end() {
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange.write(b"body").unwrap();
        exchange.finish().unwrap();
        assert!(exchange.is_finished() && exchange.head_sent());
        assert!(exchange.write(b"more").unwrap_err().is_finished());
        assert!(exchange.flush().await.unwrap_err().is_finished());
        assert!(exchange.finish().unwrap_err().is_finished());
        assert_eq!(exchange.body_sent(), 4);
        exchange
    });
    assert!(answer.ends_with("\r\n\r\nbody"), "{answer}");
}

/// Lets a service wait until the test has heard something, and no longer than the test may take.
async fn heard_before(text: &str, requests: &str, finishes: bool) -> String {
    let heard = Rc::new(Notify::new());
    let released = Rc::clone(&heard);
    let config = ServerConfig::default();
    let (_server, address) = serve(&config, async move |mut exchange: Exchange| {
        let path = exchange.request().path().to_owned();
        exchange.write(path.as_bytes()).unwrap();
        if finishes {
            exchange.finish().unwrap();
        }
        if path == "/waits" {
            released.notified().await;
        }
        exchange
    });
    let mut talk = Talk::connect(address).await;
    talk.send(requests).await;
    let limit = Duration::from_secs(10);
    let first = tokio::time::timeout(limit, talk.hear(text)).await;
    heard.notify_one();
    first.expect("it comes while the service waits") + &talk.finish().await.text
}

#[test]
fn an_answer_does_not_wait_for_the_next_one() {
    let answers = IoLoop::new().unwrap().run_sync(async {
        let two = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n\
                   GET /waits HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        heard_before("\r\n\r\n/first", two, false).await
    });
    assert!(answers.ends_with("\r\n\r\n/waits"), "{answers}");
}

#[test]
fn a_finished_answer_goes_out_while_its_service_goes_on() {
    let answers = IoLoop::new().unwrap().run_sync(async {
        let one = "GET /waits HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        heard_before("\r\n\r\n/waits", one, true).await
    });
    assert!(answers.ends_with("\r\n\r\n/waits"), "{answers}");
}

#[test]
fn what_a_flush_that_was_given_up_left_goes_out_while_the_service_goes_on() {
    // More than the buffers of the system take.
    const BODY: usize = 32 << 20;
    IoLoop::new().unwrap().run_sync(async {
        let (finished, heard) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        let (tells, waits) = (Rc::clone(&finished), Rc::clone(&heard));
        let config = ServerConfig::default();
        let (_server, address) = serve(&config, async move |mut exchange: Exchange| {
            exchange.write(&vec![b'x'; BODY]).unwrap();
            assert!(is_pending_once(exchange.flush()).await);
            exchange.finish().unwrap();
            tells.notify_one();
            waits.notified().await;
            exchange
        });
        let mut talk = Talk::connect(address).await;
        talk.send(GET).await;
        finished.notified().await;
        talk.hear("\r\n\r\n").await;
        let mut body = vec![0; BODY];
        let reading = talk.stream.read_exact(&mut body);
        let read = tokio::time::timeout(Duration::from_secs(10), reading).await;
        heard.notify_one();
        read.expect("it comes while the service waits").unwrap();
    });
}

/// Polls a future once, and drops it; true if it was not done.
async fn is_pending_once(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[test]
fn a_flush_sends_the_head_and_chunks() {
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange.flush().await.unwrap();
        assert!(exchange.head_sent());
        exchange.write(b"abc").unwrap();
        exchange.flush().await.unwrap();
        exchange.flush().await.unwrap();
        exchange.write(b"rest").unwrap();
        exchange
    });
    let body = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\nrest\r\n0\r\n\r\n";
    assert!(answer.ends_with(body), "{answer}");
}

#[test]
fn an_answer_to_head_has_no_length_but_that_of_get() {
    let requests = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3) + GET;
    let number = Rc::new(RefCell::new(0));
    let answers = ask(&requests, async move |mut exchange: Exchange| {
        let number = number.replace_with(|number| *number + 1);
        match number {
            0 => exchange.write(b"as GET").unwrap(),
            1 => {
                let fields = exchange.response_mut().headers_mut();
                fields.insert("Content-Length", "123").unwrap();
            }
            // RFC 9110 §8.6: none is right where nobody knows it.
            _ => {}
        }
        exchange
    });
    let lengths: Vec<_> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| {
            answer
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
        })
        .collect();
    assert_eq!(
        lengths,
        [Some("6"), Some("123"), None, Some("0")],
        "{answers}"
    );
}

#[test]
fn a_stream_of_a_declared_length_has_no_chunks() {
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange
            .response_mut()
            .headers_mut()
            .insert("Content-Length", "6")
            .unwrap();
        for piece in [b"abc", b"def"] {
            exchange.write(piece).unwrap();
            exchange.flush().await.unwrap();
        }
        exchange
    });
    assert!(
        answer.ends_with("Content-Length: 6\r\nConnection: close\r\n\r\nabcdef"),
        "{answer}"
    );
}

#[test]
fn a_body_longer_than_its_declared_length_is_never_sent_as_such() {
    // RFC 9112 §6.3: what is too much would be read as the next answer.
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange
            .response_mut()
            .headers_mut()
            .insert("Content-Length", "3")
            .unwrap();
        exchange.write(b"abc").unwrap();
        exchange.flush().await.unwrap();
        exchange.write(b"d").unwrap();
        assert!(exchange.flush().await.is_err());
        exchange
    });
    assert!(answer.ends_with("\r\n\r\nabc"), "{answer}");
}

#[test]
fn a_body_shorter_than_its_declared_length_ends_the_connection() {
    let two = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    let answer = ask(&two, async |mut exchange: Exchange| {
        exchange
            .response_mut()
            .headers_mut()
            .insert("Content-Length", "9")
            .unwrap();
        exchange.write(b"abc").unwrap();
        exchange.flush().await.unwrap();
        assert!(exchange.finish().is_err());
        exchange
    });
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(answer.ends_with("Content-Length: 9\r\n\r\nabc"), "{answer}");
}

#[test]
fn an_aborted_stream_never_looks_whole() {
    let answer = ask(GET, async |mut exchange: Exchange| {
        exchange.write(b"abc").unwrap();
        exchange.flush().await.unwrap();
        exchange.abort();
        exchange
    });
    assert!(answer.ends_with("3\r\nabc\r\n"), "{answer}");
}

#[test]
fn an_aborted_stream_to_http_10_ends_in_a_reset() {
    // RFC 9112 §8: with an orderly end the client would take the part for the whole.
    let talk = ask_with(
        GET_10,
        ServerConfig::default(),
        async |mut exchange: Exchange| {
            exchange.write(b"abc").unwrap();
            exchange.flush().await.unwrap();
            exchange.abort();
            exchange
        },
    );
    assert!(talk.reset, "{talk:?}");
}

#[test]
fn a_stream_to_http_10_ends_with_the_connection() {
    let talk = ask_with(
        GET_10,
        ServerConfig::default(),
        async |mut exchange: Exchange| {
            exchange.write(b"abc").unwrap();
            exchange.flush().await.unwrap();
            exchange.write(b"def").unwrap();
            exchange
        },
    );
    assert!(
        talk.text.ends_with("Connection: close\r\n\r\nabcdef") && !talk.reset,
        "{talk:?}"
    );
}

#[test]
fn a_panic_ends_its_connection_and_no_other() {
    IoLoop::new().unwrap().run_sync(async {
        let (_server, address) = serve(&ServerConfig::default(), async |exchange: Exchange| {
            assert!(exchange.request().path() != "/panic", "on purpose");
            exchange
        });
        let (mut one, mut other) = (Talk::connect(address).await, Talk::connect(address).await);
        other.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
        one.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(one.finish().await.text, "");
        other.send("Connection: close\r\n\r\n").await;
        assert!(other.finish().await.text.starts_with("HTTP/1.1 200 OK\r\n"));
    });
}

#[test]
fn a_limit_of_one_request_holds_for_that_request_only() {
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n";
    let requests = format!("{post}\r\nhello{post}X: small\r\n\r\nhello");
    let answer = ask(&requests, async |mut exchange: Exchange| {
        if exchange.request().headers().contains("x") {
            exchange.set_max_body_size(4);
        }
        match exchange.read_body().await {
            Ok(body) => exchange.set_body(body),
            Err(error) => {
                assert!(error.is_too_large() && error.to_string().contains("max_body_size"));
                exchange.response_mut().set_status(error.status());
            }
        }
        exchange
    });
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\r\n\r\nhello"),
        "{answer}"
    );
    assert!(
        answer.contains("HTTP/1.1 413 ") && answer.contains("Connection: close"),
        "{answer}"
    );
}

#[test]
fn a_body_can_be_read_in_pieces_and_after_a_read_that_was_given_up() {
    // Cancel safety: nothing is lost when a pending read is dropped.
    IoLoop::new().unwrap().run_sync(async {
        let given_up = Rc::new(tokio::sync::Notify::new());
        let told = Rc::clone(&given_up);
        let config = ServerConfig::default();
        let (_server, address) = serve(&config, async move |mut exchange: Exchange| {
            let first = exchange.chunk().await.unwrap().unwrap();
            for _ in 0..3 {
                let read = exchange.read_body();
                assert!(tokio::time::timeout(Duration::ZERO, read).await.is_err());
            }
            told.notify_one();
            let rest = exchange.read_body().await.unwrap();
            assert!(!exchange.has_body() && exchange.chunk().await.unwrap().is_none());
            exchange.set_body([first, rest].concat().into());
            exchange
        });
        let mut talk = Talk::connect(address).await;
        talk.send(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc",
        )
        .await;
        given_up.notified().await;
        talk.send("defghi").await;
        let text = talk.finish().await.text;
        assert!(text.ends_with("\r\n\r\nabcdefghi"), "{text}");
    });
}

#[test]
fn fields_that_frame_the_message_are_the_drivers() {
    // RUSTSEC-2020-0008, RFC 9112 §6: what a handler sets cannot make the framing ambiguous.
    let answer = ask(GET, async |mut exchange: Exchange| {
        let headers = exchange.response_mut().headers_mut();
        headers.append("Transfer-Encoding", "gzip").unwrap();
        headers.append("Connection", "keep-alive").unwrap();
        headers.append("Content-Length", "3").unwrap();
        exchange.set_static_body(b"abc");
        exchange
    });
    assert!(
        !answer.contains("gzip") && !answer.contains("keep-alive"),
        "{answer}"
    );
    assert_eq!(answer.matches("Content-Length").count(), 1, "{answer}");
}

#[test]
fn a_handler_may_close_by_a_field_or_by_a_call() {
    for by_field in [true, false] {
        let two = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
        let answer = ask(&two, async move |mut exchange: Exchange| {
            if by_field {
                exchange
                    .response_mut()
                    .headers_mut()
                    .append("Connection", "x, close")
                    .unwrap();
            } else {
                exchange.close_connection();
            }
            exchange
        });
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    }
}

#[test]
fn a_refused_request_reaches_the_service_with_its_reason() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let notes = Rc::clone(&seen);
    let answer = ask(
        "GET /x HTTP/1.1\r\n\r\n",
        async move |mut exchange: Exchange| {
            let rejection = exchange.rejection().cloned().unwrap();
            assert_eq!(exchange.response().status(), rejection.status());
            notes.borrow_mut().push(rejection.reason().to_owned());
            exchange.set_body(rejection.reason().to_owned().into());
            exchange
        },
    );
    assert_eq!(*seen.borrow(), ["Host is missing"]);
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("Host is missing"),
        "{answer}"
    );
}

#[test]
fn a_service_learns_that_the_client_has_gone() {
    IoLoop::new().unwrap().run_sync(async {
        let gone = Rc::new(tokio::sync::Notify::new());
        let told = Rc::clone(&gone);
        let config = ServerConfig::default();
        let (_server, address) = serve(&config, async move |exchange: Exchange| {
            exchange.closed().await;
            told.notify_one();
            exchange
        });
        let mut talk = Talk::connect(address).await;
        talk.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        drop(talk);
        gone.notified().await;
    });
}

#[test]
fn a_status_without_a_body_sends_none_even_if_one_is_written() {
    // RFC 9112 §6.3 rule 1.
    for status in [204, 304] {
        let two = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned() + GET;
        let answer = ask(&two, async move |mut exchange: Exchange| {
            exchange
                .response_mut()
                .set_status(StatusCode::from_u16(status).unwrap());
            exchange.write(b"body").unwrap();
            exchange
        });
        assert_eq!(
            answer.matches(&format!("HTTP/1.1 {status}")).count(),
            2,
            "{answer}"
        );
        assert!(!answer.contains("body"), "{answer}");
    }
}

#[test]
fn a_slow_reader_is_cut_off_and_the_handler_is_told() {
    // CVE-2019-9517's kin: the write deadline counts only while output waits.
    IoLoop::new().unwrap().run_sync(async {
        let told = Rc::new(tokio::sync::Notify::new());
        let gone = Rc::clone(&told);
        let config = ServerConfig::default().write_timeout(Duration::from_millis(300));
        let (server, address) = serve(&config, async move |mut exchange: Exchange| {
            let block = vec![b'x'; 64 * 1024];
            loop {
                exchange.write(&block).unwrap();
                // The flush waits for the socket, so memory stays at one block.
                if let Err(error) = exchange.flush().await {
                    assert!(error.is_disconnected());
                    gone.notify_one();
                    return exchange;
                }
            }
        });
        let mut talk = Talk::connect(address).await;
        talk.stream.write_all(GET.as_bytes()).await.unwrap();
        told.notified().await;
        assert!(talk.finish().await.reset);
        while server.connections() > 0 {
            tokio::task::yield_now().await;
        }
    });
}
