use std::fs;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waterspout::{Application, Compression, Context, Result, StatusCode};
use zlib_rs::{Inflate, InflateFlush};

use super::support::{Client, with_server};

fn app() -> Application {
    Application::new(())
        .automatic_etag(true)
        .compress_response(Compression::default())
        .get("/{n}", async |cx: &mut Context| -> Result<String> {
            Ok("x".repeat(cx.path("n")?))
        })
        .get("/type/png", async |cx: &mut Context| -> Result<String> {
            cx.set_header("Content-Type", "image/png")?;
            Ok("x".repeat(5000))
        })
        .get("/private", async |cx: &mut Context| -> Result<String> {
            cx.set_header("Cache-Control", "private, No-Transform")?;
            Ok("x".repeat(5000))
        })
        .get("/coded", async |cx: &mut Context| -> Result<String> {
            cx.set_header("Content-Encoding", "custom")?;
            Ok("x".repeat(5000))
        })
        .get("/varies", async |cx: &mut Context| -> Result<String> {
            cx.set_header("Vary", "Cookie, accept-encoding")?;
            Ok("x".repeat(5000))
        })
        .get("/flushed", async |cx: &mut Context| -> Result {
            cx.write("asdf")?;
            cx.flush().await?;
            cx.write("qwer")
        })
        .get("/nothing", async |_: &mut Context| StatusCode::NO_CONTENT)
}

/// Head and body of an answer, undone if it is coded.
async fn get(client: Client, method: &str, target: &str, fields: &str) -> (String, Vec<u8>) {
    let mut stream = client.connect().await;
    let request =
        format!("{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end + 2].to_vec()).unwrap();
    let mut body = answer[end + 4..].to_vec();
    if head.contains("\r\nTransfer-Encoding: chunked\r\n") {
        body = dechunk(&body);
    }
    if head.contains("\r\nContent-Encoding: gzip\r\n") && !body.is_empty() {
        let mut plain = vec![0; 200_000];
        let mut inflate = Inflate::new(true, 31);
        inflate
            .decompress(&body, &mut plain, InflateFlush::Finish)
            .unwrap();
        plain.truncate(usize::try_from(inflate.total_out()).unwrap());
        body = plain;
    }
    (head, body)
}

fn dechunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        whole.extend_from_slice(&body[end + 2..][..size]);
        body = &body[end + 2 + size + 2..];
    }
    whole
}

const GZIP: &str = "Accept-Encoding: gzip;q=0.5\r\n";

#[test]
fn long_text_is_compressed_for_those_who_take_it() {
    with_server(app(), async |client| {
        for (target, fields, coded) in [
            ("/1024", GZIP, true),
            ("/1023", GZIP, false),
            ("/5000", "", false),
            ("/5000", "Accept-Encoding: gzip;q=0\r\n", false),
            ("/5000", "Accept-Encoding: GZIP\r\n", true),
            ("/5000", "Accept-Encoding: notgzip\r\n", false),
            ("/type/png", GZIP, false),
            ("/private", GZIP, false),
            ("/coded", GZIP, false),
            ("/varies", GZIP, true),
        ] {
            let (head, body) = get(client, "GET", target, fields).await;
            assert_eq!(
                head.contains("Content-Encoding: gzip"),
                coded,
                "{target} {fields}"
            );
            assert!(body.len() >= 1000 && body.iter().all(|octet| *octet == b'x'));
            let varies = ["/1", "/5", "/v"]
                .iter()
                .any(|start| target.starts_with(start));
            assert_eq!(
                head.to_ascii_lowercase().contains("accept-encoding"),
                varies,
                "{head}"
            );
            assert_eq!(head.matches("Vary").count(), usize::from(varies));
            assert!(head.contains("Content-Length: "));
        }
        let (head, body) = get(client, "GET", "/nothing", GZIP).await;
        assert!(!head.contains("Content-Encoding") && body.is_empty());
    });
}

#[test]
fn a_flushed_response_is_compressed_piece_by_piece() {
    with_server(app(), async |client| {
        let (head, body) = get(client, "GET", "/flushed", GZIP).await;
        assert!(
            head.contains("Content-Encoding: gzip") && head.contains("chunked"),
            "{head}"
        );
        assert_eq!(body, b"asdfqwer");
    });
}

#[test]
fn the_tag_of_a_compressed_response_is_weak_and_still_matches() {
    with_server(app(), async |client| {
        let (head, _) = get(client, "GET", "/5000", GZIP).await;
        let etag = head
            .lines()
            .find_map(|line| line.strip_prefix("ETag: "))
            .unwrap();
        assert!(etag.starts_with("W/\""));
        let known = format!("{GZIP}If-None-Match: {etag}\r\n");
        let (head, body) = get(client, "GET", "/5000", &known).await;
        assert!(
            head.contains(" 304 ") && head.contains("Vary: Accept-Encoding"),
            "{head}"
        );
        assert!(!head.contains("Content-Encoding") && body.is_empty());
        // What the client keeps is found by the tag that it came with.
        assert!(head.contains(&format!("ETag: {etag}\r\n")), "{head}");
        let strong = etag.trim_start_matches("W/");
        for known in [
            strong.to_owned(),
            format!("{etag}, {strong}"),
            format!("{strong},{etag}"),
        ] {
            let known = format!("{GZIP}If-None-Match: {known}\r\n");
            let (head, _) = get(client, "GET", "/5000", &known).await;
            assert!(head.contains(&format!("ETag: {strong}\r\n")), "{head}");
        }
        let (get_head, _) = get(client, "GET", "/5000", GZIP).await;
        let (head_head, body) = get(client, "HEAD", "/5000", GZIP).await;
        assert!(body.is_empty());
        let length = |head: &str| {
            head.lines()
                .find(|line| line.starts_with("Content-Length"))
                .map(str::to_owned)
        };
        assert_eq!(length(&get_head), length(&head_head));
    });
}

#[test]
fn files_are_compressed_whole_and_not_in_ranges() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("small.txt"), "x".repeat(5000)).unwrap();
    fs::write(dir.path().join("large.txt"), "x".repeat(150_000)).unwrap();
    let app = Application::new(())
        .compress_response(Compression::default())
        .static_files("/", dir.path());
    with_server(app, async |client| {
        for (path, length) in [("/small.txt", 5000), ("/large.txt", 150_000)] {
            let (head, body) = get(client, "GET", path, GZIP).await;
            assert!(
                head.contains("Content-Encoding: gzip") && head.contains("ETag: W/"),
                "{head}"
            );
            assert!(!head.contains("Accept-Ranges"));
            assert_eq!(body.len(), length);
            let (head, body) = get(client, "HEAD", path, GZIP).await;
            assert!(
                head.contains("Content-Encoding: gzip") && body.is_empty(),
                "{head}"
            );
            let ranged = format!("{GZIP}Range: bytes=0-1999\r\n");
            let (head, body) = get(client, "GET", path, &ranged).await;
            assert!(
                head.contains(" 206 ") && !head.contains("Content-Encoding"),
                "{head}"
            );
            assert_eq!(body.len(), 2000);
        }
    });
}
