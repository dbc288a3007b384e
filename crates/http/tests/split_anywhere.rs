//! Requests that come in any pieces get the same answers (RFC 9112 §2.2, §9.3.2).
//!
//! Client and server share one loop: the client lets the server read after each piece, so that the
//! pieces do arrive one by one.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::net::SocketAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout_http::server::ServerConfig;
use waterspout_net::IoLoop;

use support::answer::{self, Answer};
use support::testbed;

#[expect(dead_code, reason = "the conformance cases use the rest of it")]
mod support;

/// A request, its octets and whether it is HEAD.
type Sent = (Vec<u8>, bool);

fn request() -> impl Strategy<Value = Sent> {
    let body = vec(any::<u8>(), 0..300);
    let get = "[a-z0-9]{1,20}".prop_map(|id| format!("GET /user/{id} HTTP/1.1\r\nHost: a\r\n\r\n"));
    let simple = select(vec![
        "GET /plaintext HTTP/1.1\r\nHost: a\r\nX: y\r\nAccept: */*\r\n\r\n",
        "GET http://b/nosuch HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /chunked?n=3 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]);
    prop_oneof![
        get.prop_map(|text| (text.into_bytes(), false)),
        simple.prop_map(|text| (text.as_bytes().to_vec(), false)),
        Just((
            b"HEAD /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            true
        )),
        body.clone().prop_map(|body| (with_length(&body), false)),
        (body, 1..50_usize).prop_map(|(body, size)| (in_chunks(&body, size), false)),
    ]
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn in_chunks(body: &[u8], size: usize) -> Vec<u8> {
    let head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut octets = head.to_vec();
    for chunk in body.chunks(size) {
        octets.extend_from_slice(format!("{:x};a=b\r\n", chunk.len()).as_bytes());
        octets.extend_from_slice(chunk);
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(b"0\r\nX: y\r\n\r\n");
    octets
}

/// What may end a sequence: a request that closes, or one that is refused.
fn last() -> impl Strategy<Value = Sent> {
    let last = [
        "GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /plaintext HTTP/1.0\r\n\r\n",
        "GET /plaintext HTTP/1.1\r\n\r\n",
        "GET /plaintext HTTP/1.1\r\nHost : a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
    ];
    select(last.to_vec()).prop_map(|text| (text.as_bytes().to_vec(), false))
}

/// Sends the pieces one by one and gives back what the server sent until it closed.
async fn talk(address: SocketAddr, pieces: impl Iterator<Item = &[u8]>) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut read, mut write) = stream.into_split();
    let reader = tokio::task::spawn_local(async move {
        let mut answers = Vec::new();
        // A reset after the answers is allowed: the server may refuse what comes later.
        let _reset_or_end = read.read_to_end(&mut answers).await;
        answers
    });
    for piece in pieces {
        if write.write_all(piece).await.is_err() {
            break;
        }
        // Twice: once for the server to be told, once for it to read.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    let answers = reader.await.unwrap();
    drop(write);
    answers
}

/// The answers without their dates.
fn answers(octets: &[u8], heads: &[bool]) -> Vec<Answer> {
    let (mut answers, mut rest) = (Vec::new(), octets);
    while !rest.is_empty() {
        let to_head = heads.get(answers.len()).copied().unwrap_or(false);
        let (mut answer, used) = answer::parse(rest, to_head, true)
            .unwrap()
            .expect("a whole answer");
        answer.fields.retain(|(name, _)| name != "date");
        answers.push(answer);
        rest = &rest[used..];
    }
    answers
}

/// The pieces of `octets` between the cuts.
fn split<'a>(octets: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(octets.len())).collect();
    ends.sort_unstable();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let ends = ends.iter().copied().chain([octets.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| &octets[start..end])
        .filter(|piece| !piece.is_empty())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_in_any_pieces_get_the_same_answers(
        requests in vec(request(), 0..6),
        last in last(),
        cuts in vec(any::<Index>(), 1..12),
    ) {
        let sent: Vec<Sent> = requests.into_iter().chain([last]).collect();
        let heads: Vec<bool> = sent.iter().map(|(_, head)| *head).collect();
        let octets: Vec<u8> = sent.iter().flat_map(|(octets, _)| octets.clone()).collect();
        let (whole, pieces, single) = IoLoop::new().unwrap().run_sync(async {
            let (_server, address) = testbed::serve(&ServerConfig::default());
            let whole = talk(address, std::iter::once(octets.as_slice())).await;
            let pieces = talk(address, split(&octets, &cuts).into_iter()).await;
            (whole, pieces, talk(address, octets.chunks(1)).await)
        });
        let whole = answers(&whole, &heads);
        prop_assert_eq!(whole.len(), sent.len());
        prop_assert_eq!(&answers(&pieces, &heads), &whole);
        prop_assert_eq!(&answers(&single, &heads), &whole);
    }
}
