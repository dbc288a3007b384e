//! Files of a directory, served: [`StaticFileHandler`].
//!
//! * `path`: from a part of a URL to a path that stays inside, or nothing;
//! * `directory`: what is known of the root; opening files below it, off the loop;
//! * `respond`: validators, ranges, and the file in pieces;
//! * `content_type`: the type of a file by its name.

mod content_type;
mod directory;
mod file;
mod handler;
mod multi;
mod path;
mod respond;

pub(crate) use directory::Directory;
pub use handler::StaticFileHandler;
