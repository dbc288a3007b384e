//! Several ranges in one response: `multipart/byteranges`, RFC 9110 §14.6.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use waterspout_http::{ContentRange, EntityTag};

use super::file::Found;

/// The lines between the parts.
pub(super) struct Multi {
    boundary: String,
    heads: Vec<String>,
    length: u64,
}

impl Multi {
    pub(super) fn new(found: &Found, parts: &[Range<u64>]) -> Self {
        let boundary = boundary(found);
        let (mut heads, mut length) = (Vec::with_capacity(parts.len()), 0);
        for part in parts {
            let line_end = if heads.is_empty() { "" } else { "\r\n" };
            let range = ContentRange::of(part, found.length);
            let head = format!(
                "{line_end}--{boundary}\r\nContent-Type: {}\r\nContent-Range: {range}\r\n\r\n",
                found.content_type
            );
            length += head.len() as u64 + (part.end - part.start);
            heads.push(head);
        }
        let mut multi = Self {
            boundary,
            heads,
            length,
        };
        multi.length += multi.end().len() as u64;
        multi
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    pub(super) fn content_length(&self) -> u64 {
        self.length
    }

    pub(super) fn heads(&self) -> impl Iterator<Item = &str> {
        self.heads.iter().map(String::as_str)
    }

    pub(super) fn end(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }
}

/// A line that no file can be made to hold beforehand: it depends on the time of the answer.
fn boundary(found: &Found) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = format!("{:?} {}", now.unwrap_or_default(), found.etag);
    let hash = EntityTag::of(seed.as_bytes()).to_string();
    hash.trim_matches('"').to_owned()
}
