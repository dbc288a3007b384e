//! Files that go out from the system's cache.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::cell::Cell;
use std::fs::{self, File};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use waterspout_http::Exchange;
use waterspout_http::server::ServerConfig;
use waterspout_net::IoLoop;
use waterspout_net::sync::Event;

use support::local::{Heard, Talk, ask, ask_with, serve};

#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

struct Large {
    _directory: TempDir,
    file: Arc<File>,
    content: Vec<u8>,
}

fn large(length: u32) -> Large {
    let content: Vec<u8> = (0..length)
        .map(|n| u8::try_from((n % 503) * (n % 251) % 251).unwrap())
        .collect();
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, &content).unwrap();
    Large {
        file: Arc::new(File::open(&path).unwrap()),
        _directory: directory,
        content,
    }
}

fn announce(exchange: &mut Exchange, length: u64) {
    let fields = exchange.response_mut().headers_mut();
    fields.insert("Content-Length", length.to_string()).unwrap();
}

#[test]
fn a_part_of_a_file_goes_out_between_what_is_written() {
    let Large {
        file,
        content,
        _directory,
    } = large(300_000);
    let sent = Arc::clone(&file);
    let both = format!("{GET}{LAST}");
    let answers = ask(&both, async move |mut exchange: Exchange| {
        announce(&mut exchange, 6 + 250_000);
        exchange.write(b"abc").unwrap();
        let mut part = 10..250_010;
        assert!(exchange.send_file(&sent, &mut part).await.unwrap());
        assert_eq!(part, 250_010..250_010);
        exchange.write(b"xyz").unwrap();
        assert_eq!(exchange.body_sent(), 250_003);
        exchange
    });
    let middle = String::from_utf8_lossy(&content[10..250_010]);
    let body = format!("\r\n\r\nabc{middle}xyz");
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(answers.matches(&body).count(), 2);
}

#[test]
fn a_slow_reader_gets_all_of_it() {
    let Large {
        file,
        content,
        _directory,
    } = large(20_000_000);
    IoLoop::new().unwrap().run_sync(async {
        let (_server, address) = serve(
            &ServerConfig::default(),
            async move |mut exchange: Exchange| {
                announce(&mut exchange, 20_000_000);
                let mut part = 0..20_000_000;
                assert!(exchange.send_file(&file, &mut part).await.unwrap());
                exchange
            },
        );
        let mut talk = Talk::connect(address).await;
        talk.send(LAST).await;
        talk.hear("\r\n\r\n").await;
        let (mut body, mut piece) = (Vec::new(), vec![0; 100_000]);
        loop {
            match talk.stream.read(&mut piece).await.unwrap() {
                0 => break,
                count => body.extend_from_slice(&piece[..count]),
            }
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
        }
        assert!(body == content, "{} octets", body.len());
    });
}

#[test]
fn chunked_bodies_are_left_to_the_caller_and_bodies_of_head_are_not_sent() {
    let Large {
        file, _directory, ..
    } = large(1000);
    let sent = Arc::clone(&file);
    let answer = ask(LAST, async move |mut exchange: Exchange| {
        let mut part = 0..1000;
        assert!(!exchange.send_file(&sent, &mut part).await.unwrap());
        assert_eq!(part, 0..1000);
        exchange.write(b"read").unwrap();
        exchange
    });
    assert!(answer.ends_with("4\r\nread\r\n0\r\n\r\n"), "{answer}");
    let head = LAST.replace("GET", "HEAD");
    let answer = ask(&head, async move |mut exchange: Exchange| {
        announce(&mut exchange, 1000);
        let mut part = 0..1000;
        assert!(exchange.send_file(&file, &mut part).await.unwrap());
        exchange
    });
    assert!(answer.ends_with("\r\n\r\n") && answer.contains("Content-Length: 1000\r\n"));
}

/// Answers one request with `announced` octets, of which the part is to be sent, and tells whether it was.
fn cut(announced: u64, part: std::ops::Range<u64>) -> (Heard, bool) {
    let Large {
        file, _directory, ..
    } = large(200_000);
    let failed = Rc::new(Cell::new(false));
    let noted = Rc::clone(&failed);
    let heard = ask_with(
        &format!("{GET}{LAST}"),
        ServerConfig::default(),
        async move |mut exchange: Exchange| {
            announce(&mut exchange, announced);
            let mut part = part.clone();
            let sent = exchange.send_file(&file, &mut part).await;
            noted.set(sent.is_err());
            exchange
        },
    );
    (heard, failed.get())
}

#[test]
fn a_file_that_became_shorter_ends_the_connection() {
    let (heard, failed) = cut(300_000, 0..300_000);
    assert!(failed);
    assert_eq!(heard.text.matches("HTTP/1.1").count(), 1);
}

#[test]
fn more_than_the_announced_length_is_not_sent() {
    let (heard, failed) = cut(100, 0..101);
    assert!(failed);
    assert!(heard.text.ends_with("\r\n\r\n"), "{}", heard.text);
}

#[test]
fn a_send_that_is_given_up_ends_the_connection() {
    let Large {
        file, _directory, ..
    } = large(20_000_000);
    let given_up = Rc::new(Event::new());
    let told = Rc::clone(&given_up);
    IoLoop::new().unwrap().run_sync(async {
        let (_server, address) = serve(
            &ServerConfig::default(),
            async move |mut exchange: Exchange| {
                announce(&mut exchange, 20_000_000);
                let mut part = 0..20_000_000;
                // The client reads only later, so this cannot come to its end.
                let sending = exchange.send_file(&file, &mut part);
                let sent = tokio::time::timeout(Duration::from_millis(50), sending).await;
                assert!(sent.is_err());
                told.set();
                exchange
            },
        );
        let mut talk = Talk::connect(address).await;
        talk.send(&format!("{GET}{LAST}")).await;
        talk.hear("\r\n\r\n").await;
        given_up.wait().await;
        let heard = talk.finish().await;
        assert!(heard.text.len() < 20_000_000, "{}", heard.text.len());
        assert!(!heard.text.contains("HTTP/1.1 200"));
    });
}

#[test]
fn a_client_that_takes_nothing_is_given_up_after_the_write_timeout() {
    let Large {
        file, _directory, ..
    } = large(20_000_000);
    let config = ServerConfig::default().write_timeout(Duration::from_millis(300));
    IoLoop::new().unwrap().run_sync(async {
        let ended = Rc::new(tokio::sync::Notify::new());
        let told = Rc::clone(&ended);
        let (_server, address) = serve(&config, async move |mut exchange: Exchange| {
            announce(&mut exchange, 20_000_000);
            let mut part = 0..20_000_000;
            let error = exchange.send_file(&file, &mut part).await.unwrap_err();
            assert!(error.is_disconnected());
            told.notify_one();
            exchange
        });
        let mut talk = Talk::connect(address).await;
        talk.send(LAST).await;
        ended.notified().await;
    });
}
