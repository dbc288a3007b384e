//! From an open file to the response.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use http::{Method, StatusCode};
use waterspout_http::conditional::{Validators, range_applies};
use waterspout_http::{ContentRange, HttpDate, RangeRequest};

use super::file::{Content, Found, SMALL, read_piece};
use super::multi::Multi;
use crate::context::Context;
use crate::error::Result;

/// A year: RFC 9111 gives caches no use for more.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

impl Found {
    /// Answers with the file, with parts of it, or that the client has it already.
    pub(super) async fn respond<S>(self, cx: &mut Context<S>) -> Result {
        self.set_fields(cx)?;
        if cx.is_not_modified()? {
            return Ok(());
        }
        match self.ranges(cx) {
            RangeRequest::Whole => {
                let whole = 0..self.length;
                self.send(cx, whole).await
            }
            RangeRequest::Unsatisfiable => {
                cx.set_status(StatusCode::RANGE_NOT_SATISFIABLE);
                let range = ContentRange::unsatisfied(self.length).to_string();
                cx.set_header("Content-Range", range)?;
                cx.clear_header("Content-Encoding");
                cx.set_header("Content-Type", "text/plain")
            }
            RangeRequest::Parts(parts) => match <[Range<u64>; 1]>::try_from(parts) {
                Ok([part]) => {
                    cx.set_status(StatusCode::PARTIAL_CONTENT);
                    let range = ContentRange::of(&part, self.length).to_string();
                    cx.set_header("Content-Range", range)?;
                    self.send(cx, part).await
                }
                Err(parts) => self.send_parts(cx, parts).await,
            },
        }
    }

    fn set_fields<S>(&self, cx: &mut Context<S>) -> Result {
        cx.set_header("Content-Type", self.content_type)?;
        cx.set_header("Accept-Ranges", "bytes")?;
        cx.set_etag(&self.etag)?;
        cx.set_last_modified(self.modified)?;
        if let Some(coding) = self.coding {
            cx.set_header("Content-Encoding", coding)?;
        }
        if self.is_immutable {
            cx.set_header("Cache-Control", FOR_EVER)?;
        }
        Ok(())
    }

    /// What the request asks for; ranges are defined for GET alone (RFC 9110 §14.2).
    fn ranges<S>(&self, cx: &Context<S>) -> RangeRequest {
        let mut values = cx.headers().get_all("range");
        let value = match (values.next(), values.next()) {
            (Some(value), None) if *cx.method() == Method::GET => value,
            _ => return RangeRequest::Whole,
        };
        let validators = Validators {
            etag: Some(&self.etag),
            last_modified: Some(self.modified.into()),
        };
        let now = HttpDate::from(SystemTime::now());
        if !range_applies(cx.headers(), validators, now) {
            return RangeRequest::Whole;
        }
        RangeRequest::parse(value, self.length)
    }

    async fn send<S>(self, cx: &mut Context<S>, part: Range<u64>) -> Result {
        let length = part.end - part.start;
        cx.set_header("Content-Length", length.to_string())?;
        if *cx.method() == Method::HEAD {
            return cx.flush().await;
        }
        self.content.write(cx, part).await.map(drop)
    }

    async fn send_parts<S>(self, cx: &mut Context<S>, parts: Vec<Range<u64>>) -> Result {
        let multi = Multi::new(&self, &parts);
        cx.set_status(StatusCode::PARTIAL_CONTENT);
        cx.set_header("Content-Type", multi.content_type())?;
        cx.set_header("Content-Length", multi.content_length().to_string())?;
        let mut content = self.content;
        for (head, part) in multi.heads().zip(parts) {
            cx.write(head)?;
            content = content.write(cx, part).await?;
        }
        cx.write(multi.end())
    }
}

impl Content {
    /// Writes a part, and waits for the client if there is much of it.
    async fn write<S>(self, cx: &mut Context<S>, mut part: Range<u64>) -> Result<Self> {
        match self {
            Self::Small(bytes) => {
                let start = usize::try_from(part.start)?;
                let end = usize::try_from(part.end)?;
                cx.write_bytes(bytes.slice(start..end))?;
                Ok(Self::Small(bytes))
            }
            Self::File(file) => {
                let is_large = part.end - part.start > SMALL;
                if !(is_large && cx.send_file(&file, &mut part).await?) {
                    write_pieces(cx, &file, part).await?;
                }
                Ok(Self::File(file))
            }
        }
    }
}

/// Reads and writes a part, and waits for the client after each piece but the last.
async fn write_pieces<S>(cx: &mut Context<S>, file: &Arc<File>, mut part: Range<u64>) -> Result {
    loop {
        let left = part.end - part.start;
        let bytes = read_piece(file, &mut part).await?;
        let is_last = bytes.len() as u64 == left;
        cx.write_bytes(bytes)?;
        if is_last {
            return Ok(());
        }
        cx.flush().await?;
    }
}
