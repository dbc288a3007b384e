//! Files of a directory, served: [`StaticFileHandler`].
//!
//! * `path`: from a part of a URL to a path that stays inside, or nothing;
//! * `directory`: what is known of the root; finding files below it;
//! * `cached`: opening on the loop what the system has in memory;
//! * `version`: hashes of contents;
//! * `respond`: validators, ranges, and the file in pieces;
//! * `content_type`: the type of a file by its name.

#[cfg_attr(not(target_os = "linux"), path = "uncached.rs")]
mod cached;
mod content_type;
mod directory;
mod file;
mod handler;
mod multi;
mod path;
mod respond;
mod version;

pub(crate) use directory::Directory;
pub use handler::StaticFileHandler;
