//! The side that takes files.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use waterspout::net::IoLoop;
use waterspout::{Application, Bytes, Html, HttpError, Result};

pub(crate) type Context = waterspout::Context<Receiver>;

/// The largest file that is taken: 1 GiB.
const MAX_FILE: u64 = 1 << 30;

const PAGE: &str = "<!DOCTYPE html><title>Upload</title>\
    <form method=\"post\" enctype=\"multipart/form-data\">\
    <input type=\"file\" name=\"file\" multiple> <button>Send</button></form>";

pub(crate) struct Receiver {
    directory: PathBuf,
}

pub(crate) fn app(directory: PathBuf) -> Application<Receiver> {
    Application::new(Receiver { directory })
        .get("/", async |_: &mut Context| Html(PAGE))
        .post("/", take_form)
        .stream_body()
        .put("/{name}", take_body)
        .stream_body()
        .max_body_size(MAX_FILE)
}

/// Takes the files of a form, piece by piece.
async fn take_form(cx: &mut Context) -> Result<String> {
    let receiver = cx.app();
    let mut form = cx.multipart()?;
    let mut taken = String::new();
    while let Some(part) = form.next_part().await? {
        let Some(name) = part.file_name().filter(|name| !name.is_empty()) else {
            continue;
        };
        let place = receiver.place(name)?;
        let file = form.save_to_temp_in(&receiver.directory, MAX_FILE).await?;
        let octets = file.size();
        file.persist(&place).await?;
        taken.push_str(&format!("{name}: {octets} octets\n"));
    }
    Ok(taken)
}

/// Takes a body as it comes. It is a file of another name until it is whole.
async fn take_body(cx: &mut Context) -> Result<String> {
    let name: String = cx.path("name")?;
    let receiver = cx.app();
    let place = receiver.place(&name)?;
    let mut file = NamedTempFile::new_in(&receiver.directory)?;
    let mut octets = 0;
    while let Some(piece) = cx.chunk().await? {
        octets += piece.len();
        file = write(file, piece).await?;
    }
    file.persist(place)?;
    Ok(format!("{name}: {octets} octets\n"))
}

/// Writes on another thread: a disk may make a loop wait.
async fn write(mut file: NamedTempFile, piece: Bytes) -> Result<NamedTempFile> {
    let writing =
        IoLoop::current().run_in_executor(None, move || file.write_all(&piece).map(|()| file));
    Ok(writing.await??)
}

impl Receiver {
    /// Where a file is kept. The client's name must be one name, and not hidden.
    fn place(&self, name: &str) -> Result<PathBuf> {
        let is_plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':');
        let is_name = !name.starts_with('.') && name.len() <= 200 && name.chars().all(is_plain);
        if !is_name || Path::new(name).file_name().is_none() {
            return Err(HttpError::bad_request("that is no name for a file").into());
        }
        Ok(self.directory.join(name))
    }
}
