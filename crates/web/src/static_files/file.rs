//! A file that was found, and reading it in pieces where it cannot be sent as it lies in the cache.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use waterspout_http::EntityTag;

/// Parts of files up to this size are read and written with the head; larger ones are sent.
pub(super) const SMALL: u64 = 64 * 1024;

/// Octets that are read at a time of a larger file.
const PIECE: u64 = 256 * 1024;

/// An open file, and what a response says of it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) content: Content,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
    pub(super) etag: EntityTag,
    pub(super) coding: Option<&'static str>,
    pub(super) content_type: &'static str,
    /// The URL names exactly this content, so that it may be kept for ever.
    pub(super) is_immutable: bool,
}

#[derive(Debug)]
pub(super) enum Content {
    /// All of a file that a thread of the pool had in its hands.
    Small(Bytes),
    File(Arc<File>),
}

/// Makes the tag of a file of its time and size, as nginx does, with all digits of the time.
pub(super) fn etag(metadata: &Metadata, coding: Option<&str>) -> Option<EntityTag> {
    let modified = metadata.modified().ok()?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let coding = coding.unwrap_or("");
    EntityTag::strong(&format!(
        "{:x}-{:x}{coding}",
        since.as_nanos(),
        metadata.len()
    ))
}

/// Reads one piece at the front of `part`, and takes it off: on the loop if it is in memory, and on a thread
/// of the pool if not.
///
/// # Errors
///
/// Fails if reading does, and if the file has become shorter.
pub(super) async fn read_piece(file: &Arc<File>, part: &mut Range<u64>) -> io::Result<Bytes> {
    let length = (part.end - part.start).min(PIECE);
    let at = part.start;
    let bytes = match read_cached(file, at, length) {
        Some(bytes) => bytes,
        None => {
            let file = Arc::clone(file);
            let reading = tokio::task::spawn_blocking(move || read_at(&file, at, length));
            reading.await.map_err(io::Error::other)??
        }
    };
    part.start += length;
    Ok(bytes)
}

fn read_cached(file: &File, at: u64, length: u64) -> Option<Bytes> {
    let mut octets = vec![0; usize::try_from(length).ok()?];
    match waterspout_net::read_cached(file, at, &mut octets) {
        Ok(count) if count as u64 == length => Some(octets.into()),
        _ => None,
    }
}

pub(super) fn read_at(mut file: &File, at: u64, length: u64) -> io::Result<Bytes> {
    let mut buffer = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.seek(SeekFrom::Start(at))?;
    file.take(length).read_to_end(&mut buffer)?;
    if buffer.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(buffer.into())
}
