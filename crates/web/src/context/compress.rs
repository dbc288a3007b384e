//! Compressing responses on their way out.

use http::{Method, StatusCode};
use waterspout_http::EntityTag;
use waterspout_http::coding::{AVAILABLE, Encoder, accepted_codings};
use waterspout_http::conditional::is_known_as_weak;

use super::Context;
use crate::error::Result;
use crate::service::Compression;

/// Whether more of the body follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    More,
    Last,
}

impl<S> Context<S> {
    /// Compresses what was written and not flushed, if this response is to be compressed.
    pub(super) fn compress(&mut self, piece: Piece) -> Result {
        if !self.exchange.head_sent() {
            self.choose_coding(piece)?;
        }
        let Some(more) = &mut self.more else {
            return Ok(());
        };
        let Some(mut encoder) = more.encoder.take() else {
            return Ok(());
        };
        encoder.write(self.exchange.pending_body())?;
        let coded = match piece {
            Piece::Last => encoder.finish()?,
            Piece::More => {
                let is_empty = self.exchange.buffered() == 0;
                let coded = if is_empty {
                    Vec::new()
                } else {
                    encoder.flush()?
                };
                more.encoder = Some(encoder);
                coded
            }
        };
        self.exchange.set_body(coded.into());
        Ok(())
    }

    /// Decides about the response and sets the fields of its head.
    fn choose_coding(&mut self, piece: Piece) -> Result {
        let Some(settings) = &self.site.transforms.compression else {
            return Ok(());
        };
        let settings = settings.clone();
        if self.status() == StatusCode::NOT_MODIFIED {
            self.tag_as_it_is_known()?;
            return self.vary_by_coding();
        }
        if !self.is_compressible(&settings) {
            return Ok(());
        }
        self.vary_by_coding()?;
        if !self.is_long_enough(&settings, piece) {
            return Ok(());
        }
        let codings = accepted_codings(self.headers(), AVAILABLE);
        let Some(coding) = codings.first() else {
            return Ok(());
        };
        let Some(encoder) = Encoder::new(coding)? else {
            return Ok(());
        };
        self.more().encoder = Some(encoder);
        let fields = self.exchange.response_mut().headers_mut();
        fields.insert("Content-Encoding", coding)?;
        fields.remove("Content-Length");
        // Ranges are of the body as it is kept, not as it is sent.
        fields.remove("Accept-Ranges");
        self.weaken_tag()
    }

    /// The same content in other octets: RFC 9110 §8.8.1.
    fn weaken_tag(&mut self) -> Result {
        let fields = self.exchange.response_mut().headers_mut();
        let strong = fields.get("etag").filter(|etag| etag.starts_with('"'));
        if let Some(weak) = strong.map(|etag| format!("W/{etag}")) {
            fields.insert("ETag", weak)?;
        }
        Ok(())
    }

    /// A 304 has the tag of the response that the client keeps, which was weak if that was compressed (RFC 9110
    /// §15.4.5): a cache looks for it (RFC 9111 §4.3.4).
    fn tag_as_it_is_known(&mut self) -> Result {
        let etag = self.exchange.response().headers().get("etag");
        let etag = etag.and_then(|etag| EntityTag::parse(etag.as_bytes()));
        if etag.is_some_and(|etag| is_known_as_weak(self.headers(), &etag)) {
            return self.weaken_tag();
        }
        Ok(())
    }

    /// Tells whether the response is of those that are compressed for who takes it.
    pub(super) fn may_compress(&self) -> bool {
        let settings = self.site.transforms.compression.as_ref();
        settings.is_some_and(|settings| self.is_compressible(settings))
    }

    fn is_compressible(&self, settings: &Compression) -> bool {
        let head = self.exchange.response();
        let fields = head.headers();
        let status = head.status();
        let forbidden = fields.get_all("cache-control").any(|value| {
            value
                .to_ascii_lowercase()
                .windows(12)
                .any(|part| part == b"no-transform")
        });
        !forbidden
            && status != StatusCode::PARTIAL_CONTENT
            && status != StatusCode::NO_CONTENT
            && !fields.contains("content-encoding")
            && !fields.contains("content-range")
            && head.content_type().is_some_and(|kind| settings.takes(kind))
    }

    fn is_long_enough(&self, settings: &Compression, piece: Piece) -> bool {
        let fields = self.exchange.response().headers();
        let declared: Option<usize> = fields
            .get("content-length")
            .and_then(|length| length.parse().ok());
        let written = self.exchange.buffered();
        match (declared, piece) {
            // An answer to HEAD that announces its length and has no body: left as it is.
            (Some(_), Piece::Last) if *self.method() == Method::HEAD && written == 0 => false,
            (Some(length), _) => length >= settings.min_size,
            (None, Piece::Last) => written >= settings.min_size,
            (None, Piece::More) => true,
        }
    }

    fn vary_by_coding(&mut self) -> Result {
        let fields = self.exchange.response_mut().headers_mut();
        let names = |value: &[u8]| {
            let mut names = value.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
            names.any(|name| name == b"*" || name.eq_ignore_ascii_case(b"accept-encoding"))
        };
        if !fields.get_all("vary").any(names) {
            fields.append("Vary", "Accept-Encoding")?;
        }
        Ok(())
    }
}
