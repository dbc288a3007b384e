use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use waterspout::http::multipart::Limits;
use waterspout::{Application, Context, Result};

use super::support::{Client, with_server};

const KIND: &str = "multipart/form-data; boundary=\"x y\"";

const FORM: &str = "--x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n caf\u{e9} \r\n\
    --x y\r\nContent-Disposition: form-data; name=f; filename=\"../b \\\"c\\\".txt\"\r\n\
    Content-Type: text/plain\r\n\r\nline\r\n--x\r\n\r\n\
    --x y\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%C3%A1\r\n\r\n\r\n\
    --x y\r\nContent-Disposition: form-data; name=none; filename=\"\"\r\n\r\n\r\n\
    --x y--\r\n";

fn app() -> Application {
    Application::new(())
        .multipart_limits(Limits::default().max_parts(5))
        .post("/form", async |cx: &mut Context| -> Result<String> {
            let mut text = format!("{}|", cx.body_argument("a")?);
            text += &format!("{}|", cx.body_argument("none")?);
            for file in cx.files()? {
                let (name, file_name, body) = (file.name(), file.file_name(), file.body());
                text += &format!("{name},{file_name},{},{body:?}|", file.content_type());
            }
            Ok(text)
        })
        .post("/stream", async |cx: &mut Context| -> Result<String> {
            let mut text = String::new();
            let mut form = cx.multipart()?;
            while let Some(part) = form.next_part().await? {
                text += &format!("{}:", part.name());
                let mut length = 0;
                while let Some(piece) = form.chunk().await? {
                    length += piece.len();
                    if part.name() == "skip" {
                        break;
                    }
                }
                text += &format!("{length},");
            }
            Ok(text)
        })
        .stream_body()
}

#[test]
fn a_form_in_parts_has_fields_and_files() {
    with_server(app(), async |client| {
        let response = client.post("/form", KIND, FORM).await;
        assert_eq!(
            response.body(),
            "caf\u{e9}||f,../b \"c\".txt,text/plain,b\"line\\r\\n--x\\r\\n\"|f,\u{e1},application/unknown,b\"\"|"
        );
        let response = client.post("/stream", KIND, FORM).await;
        assert_eq!(response.body(), "a:7,f:11,f:0,none:0,");
    });
}

#[test]
fn a_streamed_form_may_be_larger_than_memory_should_be() {
    with_server(app(), async |client| {
        let large = "z".repeat(20_000_000);
        let part = |name: &str, body: &str| {
            format!("--x y\r\nContent-Disposition: form-data; name={name}\r\n\r\n{body}\r\n")
        };
        let body = part("big", &large) + &part("skip", &large) + &part("c", "1") + "--x y--";
        let response = client.post("/stream", KIND, &body).await;
        assert!(
            response.body().starts_with("big:20000000,skip:"),
            "{}",
            response.body()
        );
        assert!(response.body().ends_with(",c:1,"));
    });
}

#[test]
fn bad_forms_are_a_400() {
    async fn status(client: Client, path: &str, kind: &str, body: &str) -> u16 {
        client.post(path, kind, body).await.status()
    }
    with_server(app(), async |client| {
        for path in ["/form", "/stream"] {
            let cut = &FORM[..FORM.len() - 10];
            assert_eq!(status(client, path, KIND, cut).await, 400);
            assert_eq!(status(client, path, KIND, "").await, 400);
            assert_eq!(status(client, path, "multipart/form-data", FORM).await, 400);
            let two = "multipart/form-data; boundary=a; boundary=b";
            assert_eq!(status(client, path, two, FORM).await, 400);
            let part = "--x y\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
            let many = part.repeat(6) + "--x y--";
            assert_eq!(status(client, path, KIND, &many).await, 400);
        }
        assert_eq!(status(client, "/stream", "text/plain", "a=b").await, 415);
    });
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

/// Saves each part in the directory, and keeps the one named `keep`.
fn saving(directory: &Path) -> Application {
    let directory = directory.to_owned();
    let save = async move |cx: &mut Context| -> Result<String> {
        let (mut form, mut text) = (cx.multipart()?, String::new());
        while let Some(part) = form.next_part().await? {
            let file = form.save_to_temp_in(&directory, 1_000_000).await?;
            let read = fs::read(file.path())?;
            assert_eq!(read.len() as u64, file.size());
            text += &format!("{}:{}:{} ", part.name(), file.size(), entries(&directory));
            assert!(read.iter().all(|octet| *octet == b'z'));
            if part.name() == "keep" {
                file.persist(directory.join("kept")).await?;
            }
        }
        Ok(text)
    };
    Application::new(()).post("/save", save).stream_body()
}

fn part(name: &str, length: usize) -> String {
    let body = "z".repeat(length);
    format!("--x y\r\nContent-Disposition: form-data; name={name}\r\n\r\n{body}\r\n")
}

#[test]
fn parts_are_saved_to_files_that_are_removed_when_dropped() {
    let directory = TempDir::new().unwrap();
    with_server(saving(directory.path()), async |client| {
        let body = part("a", 1_000_000) + &part("empty", 0) + &part("keep", 7) + "--x y--";
        let response = client.post("/save", KIND, &body).await;
        assert_eq!(response.body(), "a:1000000:1 empty:0:1 keep:7:1 ");
    });
    assert_eq!(fs::read(directory.path().join("kept")).unwrap(), b"zzzzzzz");
    assert_eq!(entries(directory.path()), 1);
}

#[test]
fn a_part_beyond_the_limit_is_a_413_and_leaves_no_file() {
    let directory = TempDir::new().unwrap();
    with_server(saving(directory.path()), async |client| {
        let body = part("a", 1_000_001) + "--x y--";
        let response = client.post("/save", KIND, &body).await;
        assert_eq!(response.status(), 413);
        assert!(
            response
                .body()
                .contains("exceeds 1000000 octets (limit of save_to_temp)")
        );
    });
    assert_eq!(entries(directory.path()), 0);
}

#[test]
fn a_form_that_is_cut_off_leaves_no_file() {
    let directory = TempDir::new().unwrap();
    with_server(saving(directory.path()), async |client| {
        let mut stream = client.connect().await;
        let head = format!(
            "POST /save HTTP/1.1\r\nHost: a\r\nContent-Type: {KIND}\r\nContent-Length: 900000\r\n\r\n"
        );
        let body = head + &part("a", 600_000);
        stream.write_all(body.as_bytes()).await.unwrap();
        while entries(directory.path()) == 0 {
            tokio::task::yield_now().await;
        }
        drop(stream);
        while entries(directory.path()) > 0 {
            tokio::task::yield_now().await;
        }
    });
}
