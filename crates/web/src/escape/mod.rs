//! Escaping and unescaping for HTML, URLs and JSON, and a few operations on text: Tornado's
//! `tornado.escape`.
//!
//! | to put a value into | use |
//! |---|---|
//! | the text or an attribute of a page | [`xhtml_escape`]; templates do it by themselves |
//! | the query of a URL, or a form | [`url_escape`] |
//! | a path of a URL | [`url_escape_path`] |
//! | a script of a page | [`json_encode`] |
//!
//! Text is always `str` here, so Tornado's `utf8`, `to_unicode`, `native_str`, `to_basestring` and
//! `recursive_unicode` have no counterparts: [`str::as_bytes`] and [`String::from_utf8`] do what is left.
//! `parse_qs_bytes` is [`Arguments::parse`](crate::Arguments::parse).

mod entities;
mod entities_table;
mod json;
mod linkify;
mod text;
mod url;

pub use entities::xhtml_unescape;
pub use json::{json_decode, json_encode};
pub use linkify::{Linkify, linkify};
#[cfg(feature = "templates")]
pub(crate) use text::write_xhtml_escaped;
pub(crate) use text::xhtml_escape_into;
pub use text::{squeeze, xhtml_escape};
pub use url::{url_escape, url_escape_path, url_unescape, url_unescape_bytes, url_unescape_path};
