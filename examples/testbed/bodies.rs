//! Answers that read or write bodies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use waterspout::{Arguments, Bytes, Context, Json, Result};

pub(crate) async fn echo(cx: &mut Context) -> Result<Bytes> {
    if let Some(kind) = cx.header("Content-Type").map(str::to_owned) {
        cx.set_header("Content-Type", kind)?;
    }
    Ok(cx.body())
}

type Values = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
pub(crate) struct Both {
    query: Values,
    body: Values,
}

pub(crate) async fn arguments(cx: &mut Context) -> Result<Json<Both>> {
    let query = values(cx.query_pairs()?)?;
    let body = values(cx.body_pairs()?)?;
    Ok(Json(Both { query, body }))
}

fn values(arguments: &Arguments) -> Result<Values> {
    let mut all = Values::new();
    for (name, _) in arguments.iter() {
        if !all.contains_key(name) {
            all.insert(name.to_owned(), arguments.all(name)?);
        }
    }
    Ok(all)
}

#[derive(Deserialize)]
struct Count {
    #[serde(default = "five")]
    n: u32,
}

fn five() -> u32 {
    5
}

pub(crate) async fn chunked(cx: &mut Context) -> Result {
    let Count { n } = cx.query()?;
    cx.set_header("Content-Type", "text/plain; charset=utf-8")?;
    // The head says "chunked" even if no chunk comes.
    cx.flush().await?;
    for number in 0..n {
        cx.write(format!("chunk {number}\n"))?;
        cx.flush().await?;
    }
    Ok(())
}

pub(crate) async fn bytes(cx: &mut Context) -> Result {
    const BLOCK: [u8; 16 * 1024] = [b'x'; 16 * 1024];
    let mut left: u64 = cx.path("n")?;
    cx.set_header("Content-Type", "application/octet-stream")?;
    cx.set_header("Content-Length", left.to_string())?;
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK.len());
        cx.write(&BLOCK[..count])?;
        cx.flush().await?;
        left -= count as u64;
    }
    Ok(())
}

#[derive(Serialize)]
pub(crate) struct Upload {
    bytes: u64,
    sha256: String,
}

#[derive(Serialize)]
pub(crate) struct Form {
    fields: Values,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    name: String,
    filename: String,
    #[serde(rename = "type")]
    kind: String,
    bytes: usize,
    sha256: String,
}

pub(crate) async fn form(cx: &mut Context) -> Result<Json<Form>> {
    let fields = values(cx.body_pairs()?)?;
    let files = cx.files()?.iter().map(|file| File {
        name: file.name().to_owned(),
        filename: file.file_name().to_owned(),
        kind: file.content_type().to_owned(),
        bytes: file.body().len(),
        sha256: hex(&Sha256::digest(file.body())),
    });
    let files = files.collect();
    Ok(Json(Form { fields, files }))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Reads the body piece by piece, in constant memory.
pub(crate) async fn upload(cx: &mut Context) -> Result<Json<Upload>> {
    let (mut bytes, mut digest) = (0, Sha256::new());
    while let Some(chunk) = cx.chunk().await? {
        bytes += chunk.len() as u64;
        digest.update(&chunk);
    }
    let sha256 = hex(&digest.finalize());
    Ok(Json(Upload { bytes, sha256 }))
}

/// Answers without reading the body.
pub(crate) async fn nobody(_cx: &mut Context) -> &'static str {
    "nobody\n"
}
