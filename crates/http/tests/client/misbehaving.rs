//! Servers that close at the worst moment, lie about lengths, drip, and send what is not HTTP.

use waterspout_http::client::{ClientConfig, FetchError, HttpClient, HttpRequest};

use crate::peer::{Act, answers, peer_once, send};
use crate::support::{fetch, run};

async fn refused(answer: &str) -> FetchError {
    let peer = peer_once(&[Act::Head, send(answer), Act::Hold]).await;
    let client = HttpClient::new();
    let error = client.fetch(&peer.url).await.unwrap_err();
    assert_eq!(
        (client.gauges().active, client.gauges().idle),
        (0, 0),
        "{answer:?}"
    );
    error
}

#[test]
fn closing_anywhere_is_an_error_that_says_so() {
    run(async {
        let whole = [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        ];
        for whole in whole {
            for end in 0..whole.len() {
                let peer = answers(&whole[..end]).await;
                let error = fetch(&peer.url).await.unwrap_err();
                assert!(error.is_closed(), "{end} of {whole:?}: {error}");
            }
            let peer = answers(whole).await;
            assert_eq!(fetch(&peer.url).await.unwrap().body(), "body");
        }
    });
}

#[test]
fn closing_before_the_request_is_read_is_an_error() {
    run(async {
        let peer = peer_once(&[]).await;
        let error = fetch(&peer.url).await.unwrap_err();
        assert!(error.is_closed(), "{error}");
    });
}

#[test]
fn a_body_without_a_length_ends_where_the_server_closes() {
    run(async {
        for version in ["HTTP/1.0", "HTTP/1.1"] {
            let peer = answers(format!("{version} 200 OK\r\n\r\nall of it")).await;
            let client = HttpClient::new();
            assert_eq!(client.fetch(&peer.url).await.unwrap().body(), "all of it");
            assert_eq!(client.gauges().idle, 0);
        }
    });
}

#[test]
fn heads_and_framings_that_are_not_http_are_refused_at_once() {
    run(async {
        for answer in [
            "<html>",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokk\r\n0\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        ] {
            let error = refused(answer).await;
            assert!(error.is_malformed(), "{answer:?}: {error}");
            assert!(
                error.to_string().starts_with("malformed response: "),
                "{error}"
            );
        }
    });
}

#[test]
fn ten_interim_responses_are_skipped_and_eleven_are_too_many() {
    run(async {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        let end = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let peer = answers(interim.repeat(10) + end).await;
        assert_eq!(fetch(&peer.url).await.unwrap().body(), "ok");
        let error = refused(&(interim.repeat(11) + end)).await;
        assert!(error.to_string().contains("too many 1xx"), "{error}");
    });
}

#[test]
fn a_response_that_drips_is_the_same_response() {
    run(async {
        let text = "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n\
                    2\r\nab\r\n3;x\r\ncde\r\n0\r\nT: u\r\n\r\n";
        let peer = peer_once(&[Act::Head, Act::Drip(text.into()), Act::Hold]).await;
        let client = HttpClient::new();
        let response = client.fetch(&peer.url).await.unwrap();
        assert_eq!(
            (response.body(), response.headers().get("A")),
            (&"abcde".into(), Some("b"))
        );
        assert_eq!(client.gauges().idle, 1);
    });
}

#[test]
fn heads_have_limits_that_say_their_names() {
    run(async {
        let config = ClientConfig::default().max_header_size(1024).max_headers(3);
        let client = HttpClient::with_config(config);
        let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(1024));
        let endless = Act::Drip(long.clone().into_bytes());
        for (acts, name) in [
            ([Act::Head, send(&long), Act::Hold], "max_header_size"),
            ([Act::Head, endless, Act::Hold], "max_header_size"),
            (
                [
                    Act::Head,
                    send("HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\nD:\r\n"),
                    Act::Hold,
                ],
                "max_headers",
            ),
        ] {
            let peer = peer_once(&acts).await;
            let error = client.fetch(&peer.url).await.unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    });
}

#[test]
fn an_announced_body_beyond_the_limit_is_not_waited_for() {
    run(async {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(answer), Act::Hold]).await;
        let error = fetch(HttpRequest::get(&peer.url)).await.unwrap_err();
        assert!(error.is_too_large(), "{error}");
        assert!(error.to_string().contains("104857600"), "{error}");
    });
}

#[test]
fn a_body_that_broke_does_not_look_complete_when_it_is_asked_again() {
    run(async {
        let peer = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha").await;
        let mut response = HttpClient::new().fetch_stream(&peer.url).await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "ha");
        assert!(response.chunk().await.unwrap_err().is_closed());
        assert!(response.chunk().await.unwrap_err().is_closed());
    });
}

#[test]
fn trailers_are_read_where_there_are_some() {
    run(async {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";
        let peer = answers(format!("{chunked}Digest: a\r\nX: y\r\n\r\n")).await;
        let response = fetch(&peer.url).await.unwrap();
        assert_eq!(response.trailers().unwrap().get("Digest"), Some("a"));
        assert!(!response.headers().contains("Digest"));
        let peer = answers(format!("{chunked}Digest: a\r\n\r\n")).await;
        let mut streamed = HttpClient::new().fetch_stream(&peer.url).await.unwrap();
        while streamed.chunk().await.unwrap().is_some() {
            assert!(streamed.trailers().is_none());
        }
        assert_eq!(streamed.trailers().unwrap().get("Digest"), Some("a"));
        let peer = answers(format!("{chunked}\r\n")).await;
        assert!(fetch(&peer.url).await.unwrap().trailers().is_none());
    });
}

#[test]
fn every_coding_of_this_build_is_undone() {
    run(async {
        for coding in waterspout_http::coding::AVAILABLE {
            let mut encoder = waterspout_http::coding::Encoder::new(coding)
                .unwrap()
                .unwrap();
            encoder.write(b"hello, hello, hello").unwrap();
            let body = encoder.finish().unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n");
            let coded = [head.as_bytes(), &body].concat();
            let peer = answers(&coded).await;
            let response = fetch(&peer.url).await.unwrap();
            assert_eq!(response.body(), "hello, hello, hello", "{coding}");
            assert_eq!(
                response.headers().get("X-Consumed-Content-Encoding"),
                Some(*coding)
            );
            let peer = answers(&coded[..coded.len() - 1]).await;
            assert!(
                fetch(&peer.url).await.unwrap_err().is_malformed(),
                "{coding}"
            );
            let peer = answers(&coded).await;
            let raw = HttpRequest::get(&peer.url).decompress_response(false);
            assert_eq!(fetch(raw).await.unwrap().body(), &body, "{coding}");
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\n";
        let peer = answers(format!("{head}as it is")).await;
        let response = fetch(&peer.url).await.unwrap();
        assert_eq!(response.body(), "as it is");
        assert_eq!(response.headers().get("Content-Encoding"), Some("compress"));
        // Two fields are a list (RFC 9110 §5.3).
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n";
        let peer = answers(format!("{head}as it is")).await;
        assert_eq!(fetch(&peer.url).await.unwrap().body(), "as it is");
    });
}

#[test]
fn answers_to_a_body_that_was_held_back_may_come_in_any_way() {
    run(async {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let go = "HTTP/1.1 100 Continue\r\n\r\n";
        let expecting = |url: &str| {
            HttpRequest::put(url)
                .with_body("abc")
                .expect_100_continue(true)
        };
        // Twice 100, and the end in the same segment as the second.
        let twice = [Act::Head, send(go), Act::Read(3), send(format!("{go}{ok}"))];
        let peer = peer_once(&twice).await;
        assert_eq!(fetch(expecting(&peer.url)).await.unwrap().body(), "ok");
        // A success without a 100: the body was not wanted, and the connection is not used again.
        let peer = peer_once(&[Act::Head, send(ok), Act::Hold]).await;
        let client = HttpClient::new();
        assert_eq!(
            client.fetch(expecting(&peer.url)).await.unwrap().body(),
            "ok"
        );
        assert_eq!(client.gauges().idle, 0);
        // 417 is an answer like another.
        let no = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(no), Act::Hold]).await;
        assert_eq!(fetch(expecting(&peer.url)).await.unwrap_err().code(), 417);
    });
}
