//! Advisories about clients, each with what ours does. Others stand beside the tests of their subject.

use waterspout_http::client::{
    AuthMode, ClientConfig, FetchError, HttpClient, HttpRequest, MultipartForm, Part,
};

use crate::peer::{Act, answers, peer, peer_once, send};
use crate::support::{fetch, run};

async fn answered(answer: impl AsRef<[u8]>) -> Result<String, FetchError> {
    let peer = peer_once(&[Act::Head, send(answer), Act::Hold]).await;
    let client = HttpClient::new();
    let response = client
        .fetch(HttpRequest::get(&peer.url).raise_error(false))
        .await;
    let text = response.map(|response| response.text().into_owned());
    // What was refused leaves no connection that a later request could be answered on.
    assert!(text.is_ok() || client.gauges().idle == 0, "{text:?}");
    text
}

#[test]
fn line_ends_in_what_the_caller_gives_never_reach_the_wire() {
    // GHSA-w235-7p84-xx57, CVE-2012-2374, RUSTSEC-2017-0002, CVE-2017-18587, RUSTSEC-2024-0009.
    run(async {
        let evil = "a\r\nX-Evil: b";
        let peer = peer_once(&[Act::Hold]).await;
        let url = || HttpRequest::get(&peer.url);
        let form = MultipartForm::new().part("a", Part::bytes("b").content_type(evil));
        for request in [
            url().user_agent(evil),
            url().header("Referer", evil),
            url().header("Referer", "a\rb"),
            url().header("Referer", "a\nb"),
            url().header("Referer", "a\0b"),
            url().append_header(evil, "c"),
            HttpRequest::get(format!("{}{evil}", peer.url)),
            HttpRequest::get(format!("http://{evil}@localhost/")),
            HttpRequest::post(&peer.url).multipart(form),
            url()
                .proxy_host("localhost")
                .proxy_port(1)
                .header("Proxy-Authorization", evil),
        ] {
            let text = format!("{request:?}");
            assert!(fetch(request).await.is_err(), "{text}");
        }
        assert!(http::Method::from_bytes(b"GET / HTTP/1.1\r\nX-Evil:").is_err());
        assert_eq!(peer.accepted.get(), 0);
    });
}

#[test]
fn user_and_password_go_out_encoded_whatever_they_hold() {
    run(async {
        let peer = answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        fetch(HttpRequest::get(&peer.url).auth("a\r\nX: y", "\0"))
            .await
            .unwrap();
        assert!(peer.heard.borrow()[0].contains("Authorization: Basic YQ0KWDogeToA\r\n"));
        let challenge = "HTTP/1.1 401 U\r\nWWW-Authenticate: Digest realm=r, nonce=n\r\n\
                         Content-Length: 0\r\n\r\n";
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(challenge), Act::Head, send(ok)]).await;
        let request = HttpRequest::get(&peer.url).auth("a\r\nX: y", "\0");
        fetch(request.auth_mode(AuthMode::Digest)).await.unwrap();
        assert!(peer.heard.borrow()[1].contains("username*=UTF-8''a%0D%0AX%3A%20y, "));
    });
}

#[test]
fn responses_that_two_readers_could_divide_differently_are_refused() {
    run(async {
        for (advisory, fields) in [
            // Both lengths: the smuggling families CL.TE and TE.CL.
            (
                "CVE-2021-38512",
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
            ),
            (
                "CVE-2021-38512",
                "Transfer-Encoding: chunked\r\nContent-Length: 5",
            ),
            // Several codings, or one that is not known.
            (
                "GHSA-753j-mpmx-qq6g",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            ),
            (
                "GHSA-753j-mpmx-qq6g",
                "Transfer-Encoding: chunked, identity",
            ),
            (
                "CVE-2021-21299",
                "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
            ),
            ("GHSA-753j-mpmx-qq6g", "Transfer-Encoding: \u{b}chunked"),
            // Lengths that are no digits.
            ("GHSA-qppv-j76h-2rpx", "Content-Length: 1_0"),
            ("GHSA-qppv-j76h-2rpx", "Content-Length: 0x5"),
            ("CVE-2021-32715", "Content-Length: +5"),
            ("CVE-2025-69225", "Content-Length: \u{665}"),
            ("CVE-2021-32715", "Content-Length: 5\r\nContent-Length: 6"),
            ("CVE-2021-32715", "Content-Length: 99999999999999999999"),
            // Lines.
            ("CVE-2021-22959", "Content-Length : 5"),
            ("CVE-2022-35256", "X: y\nContent-Length: 5"),
            ("CVE-2023-30589", "X: y\rContent-Length: 5"),
            ("CVE-2024-27982", "X: y\r\n Content-Length: 5"),
            ("CVE-2024-27982", " Content-Length: 5"),
            ("CVE-2025-23167", "Content-Length: 5\r\n\rX"),
            ("CVE-2023-47627", "X\0: y"),
            ("CVE-2023-47627", "X: y\0"),
        ] {
            let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\nhello");
            let error = answered(answer).await.unwrap_err();
            assert!(error.is_malformed(), "{advisory}, {fields:?}: {error}");
        }
    });
}

#[test]
fn chunks_are_what_the_grammar_has_and_nothing_else() {
    run(async {
        for (advisory, body) in [
            ("CVE-2021-32714", "fffffffffffffffff\r\n"),
            ("GHSA-qppv-j76h-2rpx", "+5\r\nhello\r\n0\r\n\r\n"),
            ("GHSA-qppv-j76h-2rpx", "0x5\r\nhello\r\n0\r\n\r\n"),
            ("CVE-2025-43859", "5\r\nhelloXX0\r\n\r\n"),
            ("CVE-2025-22871", "5\nhello\r\n0\r\n\r\n"),
            ("CVE-2024-52304", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
            ("CVE-2025-55315", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
            ("CVE-2026-2332", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"),
            ("CVE-2025-53643", "5\r\nhello\r\n0\r\nX: y\nZ: z\r\n\r\n"),
        ] {
            let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            let error = answered(answer).await.unwrap_err();
            assert!(error.is_malformed(), "{advisory}, {body:?}: {error}");
        }
    });
}

#[test]
fn floods_end_at_limits_that_are_named() {
    run(async {
        let head = "HTTP/1.1 200 OK\r\n";
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
        for (advisory, answer, what) in [
            (
                "CVE-2025-67725",
                format!("{head}{}\r\n", "A: b\r\n".repeat(101)),
                "max_headers",
            ),
            (
                "CVE-2023-43669",
                format!("{head}A: {}\r\n\r\n", "b".repeat(65_536)),
                "max_header_size",
            ),
            (
                "CVE-2024-22019",
                format!("{chunked}1;{}\r\n", "x".repeat(16_385)),
                "extensions",
            ),
            (
                "CVE-2021-22960",
                chunked.clone() + &"1;xxxxxxxx\r\nx\r\n".repeat(2000),
                "extensions",
            ),
            (
                "CVE-2023-39326",
                format!("{chunked}0\r\n{}", "T: v\r\n".repeat(101)),
                "trailer",
            ),
            (
                "Tornado 6.6.1",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(11),
                "1xx",
            ),
        ] {
            let error = answered(answer).await.unwrap_err();
            assert!(error.to_string().contains(what), "{advisory}: {error}");
        }
    });
}

#[test]
fn bombs_of_every_coding_go_off_at_the_limit() {
    // CVE-2026-49855, CVE-2025-69223: the limit counts what comes out.
    run(async {
        for coding in waterspout_http::coding::AVAILABLE {
            let mut encoder = waterspout_http::coding::Encoder::new(coding)
                .unwrap()
                .unwrap();
            for _ in 0..256 {
                encoder.write(&[0; 65_536]).unwrap();
            }
            let bomb = encoder.finish().unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
                bomb.len()
            );
            let peer = answers([head.as_bytes(), &bomb].concat()).await;
            let request = HttpRequest::get(&peer.url).max_body_size(1 << 20);
            let error = fetch(request).await.unwrap_err();
            assert!(error.is_too_large(), "{coding}: {error}");
            assert!(
                error.to_string().contains("max_body_size"),
                "{coding}: {error}"
            );
        }
    });
}

#[test]
fn redirects_that_go_round_end_and_those_with_controls_lead_nowhere() {
    run(async {
        let round = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
        let acts: Vec<Act> = (0..20).flat_map(|_| [Act::Head, send(round)]).collect();
        let peer = peer_once(&acts).await;
        let error = fetch(&peer.url).await.unwrap_err();
        assert_eq!((error.code(), peer.heard.borrow().len()), (302, 6));
        for location in [
            "http://good\\@evil/",
            "http://[::1/",
            "//",
            "http://a:b/",
            "/\tx",
            "\u{1}",
        ] {
            let answer =
                format!("HTTP/1.1 302 F\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            let peer = answers(answer).await;
            let error = fetch(&peer.url).await.unwrap_err();
            assert!(error.is_malformed(), "{location:?}: {error}");
        }
    });
}

#[test]
fn what_follows_a_response_answers_no_later_request() {
    // Response splitting, and queues poisoned by an answer too many (CVE-2025-10148 is its kin).
    run(async {
        let two = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
        for first in [
            two,
            "HTTP/1.1 204 N\r\nContent-Length: 9\r\n\r\nHTTP/1.1 ",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nevil",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nevil",
        ] {
            let peer = peer([
                &[Act::Head, send(first), Act::Hold][..],
                &[Act::Head, send(good)],
            ])
            .await;
            let client = HttpClient::with_config(ClientConfig::default().max_clients(1));
            client.fetch(&peer.url).await.unwrap();
            let second = client.fetch(&peer.url).await.unwrap();
            assert_eq!(second.body(), "good", "{first:?}");
        }
    });
}
