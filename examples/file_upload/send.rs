//! The side that sends files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use waterspout::Result;
use waterspout::escape::url_escape_path;
use waterspout::http::client::{
    BodyWriter, HttpClient, HttpRequest, MultipartForm, Part, ProducerError,
};
use waterspout::net::IoLoop;

use crate::progress::Bar;

/// Octets that are read from the disk at a time.
const PIECE: usize = 64 * 1024;

/// Sends a file and returns what the receiver says.
pub(crate) async fn send(url: &str, path: &Path, form: bool, bar: Bar) -> Result<String> {
    let url = url.trim_end_matches('/');
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let octets = path.metadata()?.len();
    let source = path.to_owned();
    let produce = async move |body: BodyWriter| copy(&source, octets, body, &bar).await;
    let request = if form {
        let part = Part::sized_stream(octets, produce)
            .file_name(&*name)
            .content_type("application/octet-stream");
        HttpRequest::post(format!("{url}/")).multipart(MultipartForm::new().part("file", part))
    } else {
        HttpRequest::put(format!("{url}/{}", url_escape_path(&name)))
            .header("Content-Length", octets.to_string())
            .header("Content-Type", "application/octet-stream")
            .body_producer(produce)
    };
    let request = request.request_timeout(std::time::Duration::ZERO);
    let response = HttpClient::new().fetch(request).await?;
    Ok(response.text().trim_end().to_owned())
}

/// Reads the file on another thread and sends it; the network says how fast.
async fn copy(
    path: &Path,
    octets: u64,
    mut body: BodyWriter,
    bar: &Bar,
) -> std::result::Result<(), ProducerError> {
    let mut file = File::open(path)?;
    let mut sent = 0;
    bar.show(sent, octets)?;
    loop {
        let (rest, piece) = read(file).await?;
        if piece.is_empty() {
            return Ok(());
        }
        file = rest;
        sent += piece.len() as u64;
        body.write(piece).await;
        bar.show(sent, octets)?;
    }
}

async fn read(mut file: File) -> std::result::Result<(File, Vec<u8>), ProducerError> {
    let reading = IoLoop::current().run_in_executor(None, move || {
        let mut piece = vec![0; PIECE];
        let count = file.read(&mut piece)?;
        piece.truncate(count);
        Ok::<_, std::io::Error>((file, piece))
    });
    Ok(reading.await??)
}
