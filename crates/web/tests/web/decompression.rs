//! Request bodies whose content coding is undone.

use std::cell::Cell;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waterspout::http::coding::Encoder;
use waterspout::{Application, Context, Result, ServerConfig};

use super::support::{Client, Text, with_config};

async fn form(cx: &mut Context) -> Text {
    let consumed = cx.header("X-Consumed-Content-Encoding").unwrap_or("-");
    let fields = format!("{consumed} {:?}", cx.header("Content-Encoding"));
    Ok(format!("{} {fields}", cx.body_argument("a")?))
}

async fn pieces(cx: &mut Context) -> Text {
    let (mut size, mut largest) = (0, 0);
    while let Some(piece) = cx.chunk().await? {
        size += piece.len();
        largest = largest.max(piece.len());
    }
    Ok(format!("{size} {}", largest <= 32 * 1024))
}

async fn parts(cx: &mut Context) -> Text {
    let (mut form, mut text) = (cx.multipart()?, String::new());
    while let Some(part) = form.next_part().await? {
        text += part.name();
    }
    Ok(text)
}

fn app() -> Application {
    Application::new(())
        .post("/form", form)
        .post("/echo", async |cx: &mut Context| cx.body())
        .post("/raw", async |cx: &mut Context| -> Text {
            Ok(cx.body().len().to_string())
        })
        .decompress_request(false)
        .post("/stream", pieces)
        .stream_body()
        .post("/limited", pieces)
        .stream_body()
        .max_body_size(100_000)
        .post("/parts", parts)
        .stream_body()
        .post("/unread", async |_: &mut Context| "not read")
        .stream_body()
}

fn config() -> ServerConfig {
    ServerConfig::default()
        .decompress_request(true)
        .max_body_size(100_000)
}

fn encode(coding: &str, plain: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(coding).unwrap().unwrap();
    encoder.write(plain).unwrap();
    encoder.finish().unwrap()
}

async fn send(client: Client, target: &str, fields: &str, body: &[u8]) -> String {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    );
    client.exchange([head.as_bytes(), body].concat()).await
}

#[test]
fn what_was_compressed_well_does_not_keep_others_waiting() {
    let turns = Rc::new(Cell::new(0));
    let counted = Rc::clone(&turns);
    let count = async move |cx: &mut Context| -> Text {
        let (mut size, before) = (0, counted.get());
        while let Some(piece) = cx.chunk().await? {
            size += piece.len();
        }
        Ok(format!("{size} {}", counted.get() - before >= 8))
    };
    let app = Application::new(()).post("/stream", count).stream_body();
    with_config(app, &config(), async |client| {
        let others = tokio::task::spawn_local(async move {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        });
        let body = encode("gzip", &vec![0; 20_000_000]);
        let answer = send(client, "/stream", "Content-Encoding: gzip\r\n", &body).await;
        assert!(answer.ends_with("\r\n20000000 true"), "{answer}");
        others.abort();
    });
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[test]
fn every_coding_of_the_build_is_undone_before_the_form_is_parsed() {
    with_config(app(), &config(), async |client| {
        for coding in waterspout::http::coding::AVAILABLE {
            let body = encode(coding, b"a=b+c");
            for name in [(*coding).to_owned(), coding.to_uppercase()] {
                let fields = format!("{FORM}Content-Encoding: {name}\r\n");
                let answer = send(client, "/form", &fields, &body).await;
                assert!(answer.ends_with(&format!("b c {coding} None")), "{answer}");
            }
        }
        for none in [
            "",
            "Content-Encoding: identity\r\n",
            "Content-Encoding: ,\r\n",
        ] {
            let answer = send(client, "/echo", none, b"plain").await;
            assert!(answer.ends_with("\r\n\r\nplain"), "{answer}");
        }
    });
}

#[test]
fn a_coding_that_is_not_known_is_a_415_that_lists_those_that_are() {
    with_config(app(), &config(), async |client| {
        for fields in [
            "Content-Encoding: compress\r\n",
            "Content-Encoding: gzip, gzip\r\n",
            "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
            "Content-Encoding: g\u{e9}\r\n",
        ] {
            for target in ["/echo", "/stream", "/parts"] {
                let answer = send(client, target, fields, b"body").await;
                assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
                assert!(answer.contains("gzip, deflate\r\n"), "{answer}");
                assert!(answer.contains("Content-Encoding of the request is none of"));
            }
        }
    });
}

#[test]
fn data_that_is_none_is_a_400_that_says_so() {
    with_config(app(), &config(), async |client| {
        let gzip = "Content-Encoding: gzip\r\n";
        let coded = encode("gzip", b"some text");
        let cut = &coded[..coded.len() - 1];
        for (body, why) in [
            (&b"no gzip at all"[..], "request body: gzip data is invalid"),
            (cut, "request body: gzip data is cut short"),
        ] {
            for target in ["/echo", "/stream"] {
                let answer = send(client, target, gzip, body).await;
                assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
                assert!(answer.contains(why), "{answer}");
            }
        }
    });
}

/// CVE-2026-49855 (Tornado's client counted compressed octets), CVE-2025-69223 (aiohttp's server did).
#[test]
fn the_limit_counts_what_the_body_comes_to() {
    with_config(app(), &config(), async |client| {
        let gzip = "Content-Encoding: gzip\r\n";
        for (size, status) in [(100_000, 200), (100_001, 413), (50_000_000, 413)] {
            let body = encode("gzip", &vec![b'x'; size]);
            assert!(body.len() < 100_000);
            for target in ["/echo", "/limited"] {
                let answer = send(client, target, gzip, &body).await;
                assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{size}");
                if status == 413 {
                    let text = "exceeds 100000 octets once decoded (limit max_body_size)";
                    assert!(answer.contains(text), "{answer}");
                }
            }
        }
    });
}

#[test]
fn a_streamed_body_comes_decoded_in_bounded_pieces() {
    with_config(app(), &config(), async |client| {
        let gzip = "Content-Encoding: gzip\r\n";
        let body = encode("gzip", &vec![0; 20_000_000]);
        let answer = send(client, "/stream", gzip, &body).await;
        assert!(answer.ends_with("20000000 true"), "{answer}");
        let parts = b"--x\r\nContent-Disposition: form-data; name=n\r\n\r\nv\r\n--x--";
        let fields = format!("{gzip}Content-Type: multipart/form-data; boundary=x\r\n");
        let answer = send(client, "/parts", &fields, &encode("gzip", parts)).await;
        assert!(answer.ends_with("\r\n\r\nn"), "{answer}");
    });
}

#[test]
fn a_route_may_take_bodies_as_they_are_sent() {
    with_config(app(), &config(), async |client| {
        let body = encode("gzip", b"text");
        let answer = send(client, "/raw", "Content-Encoding: gzip\r\n", &body).await;
        assert!(
            answer.ends_with(&format!("\r\n\r\n{}", body.len())),
            "{answer}"
        );
        let answer = send(client, "/raw", "Content-Encoding: compress\r\n", b"abc").await;
        assert!(answer.ends_with("\r\n\r\n3"), "{answer}");
    });
}

/// CVE-2026-54278: aiohttp inflated a body that nobody read, at the clean-up.
#[test]
fn a_coded_body_that_nobody_reads_is_thrown_away_as_it_came() {
    with_config(app(), &config(), async |client| {
        let body = encode("gzip", &vec![0; 30_000_000]);
        assert!(body.len() < 64 * 1024);
        let mut stream = client.connect().await;
        for last in ["", "Connection: close\r\n"] {
            let head = format!(
                "POST /unread HTTP/1.1\r\nHost: a\r\n{last}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body).await.unwrap();
        }
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        assert_eq!(answers.matches("\r\n\r\nnot read").count(), 2, "{answers}");
    });
}

#[test]
fn the_next_request_of_the_connection_has_nothing_of_the_last_coding() {
    with_config(app(), &config(), async |client| {
        let body = encode("gzip", b"one");
        let coded = format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let plain =
            "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\ntwo";
        let both = [coded.as_bytes(), &body, plain.as_bytes()].concat();
        let answers = client.exchange(both).await;
        assert!(answers.contains("\r\n\r\none"), "{answers}");
        assert!(answers.ends_with("\r\n\r\ntwo"), "{answers}");
    });
}

#[test]
fn trailers_can_be_read_once_the_body_is() {
    async fn trailers(cx: &mut Context) -> Result<String> {
        assert!(cx.trailers().is_none());
        while cx.chunk().await?.is_some() {}
        let value = cx.trailers().and_then(|fields| fields.get("digest"));
        let host = cx.header("X-Of-The-Head").is_some();
        Ok(format!("{value:?} {host}"))
    }
    let app = Application::new(()).post("/", trailers).stream_body().post(
        "/whole",
        async |cx: &mut Context| -> Result<String> {
            Ok(format!("{:?}", cx.trailers().map(|fields| fields.len())))
        },
    );
    with_config(app, &config(), async |client| {
        let head = "HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        let body = "3\r\nabc\r\n0\r\nDigest: d=1\r\nX-Of-The-Head: no\r\n\r\n";
        let answer = client.exchange(format!("POST / {head}{body}")).await;
        assert!(answer.ends_with("Some(\"d=1\") false"), "{answer}");
        let answer = client.exchange(format!("POST /whole {head}{body}")).await;
        assert!(answer.ends_with("Some(2)"), "{answer}");
        let answer = client.exchange(format!("POST / {head}0\r\n\r\n")).await;
        assert!(answer.ends_with("None false"), "{answer}");
    });
}
