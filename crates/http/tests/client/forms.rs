//! Forms in parts, against our own reader.

use std::io::Write;

use waterspout_http::Exchange;
use waterspout_http::client::{BodyWriter, HttpRequest, MultipartForm, Part, ProducerError};
use waterspout_http::multipart::{Decoder, Event, Limits, boundary};

use crate::support::{fetch, run, serve};

/// Answers with a line for each part: its name, its file's name, its type, the number of its octets and
/// their sum; before them how the body was framed.
async fn describe(mut exchange: Exchange) -> Exchange {
    let headers = exchange.request().headers();
    let framing = headers.get("Content-Length").unwrap_or("chunked");
    let mut text = format!("{framing}\n");
    let content_type = headers.get("Content-Type").unwrap_or_default();
    let boundary = boundary(content_type).unwrap().unwrap();
    let body = exchange.read_body().await.unwrap();
    text = text.replace(&body.len().to_string(), "exact");
    let mut decoder = Decoder::new(&boundary, Limits::default());
    let (mut at, mut octets) = (0, Vec::new());
    loop {
        let step = decoder.decode(&body[at..]).unwrap();
        match step.event {
            Event::Part(head) => {
                let (file, kind) = (head.file_name(), head.content_type());
                text.push_str(&format!("{} {file:?} {kind:?}", head.name()));
            }
            Event::Data(range) => octets.extend_from_slice(&body[at..][range]),
            Event::PartEnd => {
                let sum: u64 = octets.drain(..).map(u64::from).sum();
                text.push_str(&format!(" {sum}\n"));
            }
            Event::NeedsMore | Event::End => break,
        }
        at += step.consumed;
    }
    decoder.finish().unwrap();
    exchange.set_body(text.into());
    exchange
}

async fn write_hello(mut body: BodyWriter) -> Result<(), ProducerError> {
    body.write("hel").await;
    body.write("lo").await;
    Ok(())
}

#[test]
fn parts_arrive_as_they_were_made_with_an_exact_length() {
    run(async {
        let (_server, address) = serve(describe);
        let mut file = tempfile::Builder::new()
            .prefix("ä \"x\"")
            .suffix(".bin")
            .tempfile()
            .unwrap();
        file.write_all(&vec![1; 200_000]).unwrap();
        let form = MultipartForm::new()
            .text("title", "\u{1}")
            .part(
                "whole",
                Part::bytes(vec![2, 3])
                    .file_name("a;b.png")
                    .content_type("image/png"),
            )
            .part(
                "file",
                Part::file(file.path()).await.unwrap().file_name("c.bin"),
            )
            .part("made", Part::sized_stream(5, write_hello));
        let request = HttpRequest::post(format!("http://{address}/")).multipart(form);
        let response = fetch(request).await.unwrap();
        assert_eq!(
            response.text(),
            "exact\ntitle None None 1\nwhole Some(\"a;b.png\") Some(\"image/png\") 5\n\
             file Some(\"c.bin\") Some(\"application/octet-stream\") 200000\nmade None None 532\n"
        );
    });
}

#[test]
fn a_part_of_unknown_length_makes_a_chunked_body() {
    run(async {
        let (_server, address) = serve(describe);
        let form = MultipartForm::new().part("made", Part::stream(write_hello));
        let request = HttpRequest::post(format!("http://{address}/")).multipart(form);
        assert_eq!(
            fetch(request).await.unwrap().text(),
            "chunked\nmade None None 532\n"
        );
        let form = MultipartForm::new().text("a", "b");
        let request = HttpRequest::post(format!("http://{address}/")).multipart(form);
        assert_eq!(
            fetch(request).await.unwrap().text(),
            "exact\na None None 98\n"
        );
    });
}

#[test]
fn a_part_that_lies_about_its_length_is_an_error() {
    run(async {
        let (_server, address) = serve(describe);
        let url = format!("http://{address}/");
        let shorter = MultipartForm::new()
            .part("a", Part::sized_stream(6, write_hello))
            .part("b", Part::sized_stream(4, write_hello));
        let error = fetch(HttpRequest::post(&url).multipart(shorter))
            .await
            .unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "a part of the form has 5 octets instead of 6");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "four").unwrap();
        let part = Part::file(file.path()).await.unwrap();
        std::fs::write(file.path(), "two").unwrap();
        let form = MultipartForm::new().part("a", part);
        let error = fetch(HttpRequest::post(&url).multipart(form))
            .await
            .unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("3 octets instead of 4"), "{source}");
        let missing = Part::file(file.path().with_extension("not")).await;
        assert_eq!(missing.unwrap_err().kind(), std::io::ErrorKind::NotFound);
    });
}

#[test]
fn a_part_that_cannot_be_written_is_refused_before_anything_is_sent() {
    run(async {
        for form in [
            MultipartForm::new().text("", "x"),
            MultipartForm::new().part("a", Part::bytes("").content_type("a\r\nb: c")),
        ] {
            let request = HttpRequest::post("http://127.0.0.1:1/").multipart(form);
            assert!(fetch(request).await.unwrap_err().is_request());
        }
    });
}
